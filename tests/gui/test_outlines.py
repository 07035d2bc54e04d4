"""Outlines of formulas: packed and painted as they came, and kept while they are painted."""

import pytest
from PySide6.QtGui import QPainterPath
from pytestqt.qtbot import QtBot

from desktop.core.workers.formulas import Outlines, SetFormula, outlines
from desktop.ui.conversation import formulas as module
from desktop.ui.conversation.formulas import Formulas
from desktop.ui.conversation.outlines import UNITS, packed, path_of

SQUARE = "M 0 0 L 10 0 L 10 -10.25 L 0 -10.25 Z"
SOURCES = [
    r"x^2",
    r"\frac{12}{2}+\sqrt{a_{12}}",
    r"\sum_{i}^{n}\int_0^1 \begin{pmatrix}1&2\\3&4\end{pmatrix}",
]


def places(path: QPainterPath) -> list[tuple[float, float]]:
    return [(path.elementAt(at).x, path.elementAt(at).y) for at in range(path.elementCount())]


@pytest.mark.parametrize("source", SOURCES)
def test_every_place_of_an_outline_comes_back(source: str) -> None:
    asked = outlines(SetFormula(1, source, True))
    path = path_of(packed(asked))
    read = [float(word) for word in " ".join(asked.fills).split() if word not in "MLQCZ"]
    xs, ys = [x for x, _y in places(path)], [y for _x, y in places(path)]
    assert max(xs) == pytest.approx(max(read[::2]), abs=1 / UNITS)
    assert min(ys) == pytest.approx(min(read[1::2]), abs=1 / UNITS)
    assert path.elementCount() > 100
    assert len(packed(asked)) < 0.25 * sum(map(len, asked.fills))


def test_lines_curves_and_strokes_are_painted_as_they_are_written() -> None:
    curve = "M 400 0 Q 410 5 420 0 C 430 1 440 2 450 -3.5"  # a step that takes more than two bytes
    path = path_of(packed(Outlines(1, 1.0, 1.0, 0.0, (SQUARE, curve), (("M 0 5 L 20 5", 2.0),))))
    assert places(path)[:4] == [(0, 0), (10, 0), (10, -10.25), (0, -10.25)]
    assert (450.0, -3.5) in places(path)
    assert path.contains(path.boundingRect().center()) is False
    assert path.boundingRect().bottom() == pytest.approx(6.0)  # the stroke is as wide as it says


def test_an_empty_outline_is_an_empty_path() -> None:
    assert path_of(packed(Outlines(1))).isEmpty()


def test_paths_that_were_painted_lately_stay_and_others_go(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    formulas = Formulas()
    line = " ".join(f"L {n} {n % 7}" for n in range(300))
    for n in range(40):
        answer = Outlines(n, 1.0, 1.0, 0.0, (f"M 0 0 {line}",))
        formulas._keep((str(n), False), module.Drawing(packed(answer), 1.0, 1.0, 0.0))
    first = {n: formulas.path(str(n), False) for n in range(40)}  # all of a page, in one frame
    assert all(formulas.path(str(n), False) is first[n] for n in range(40))
    assert formulas._elements == sum(path.elementCount() for path in first.values()) > module._ELEMENTS
    now[0] += 2 * module._LATELY_S
    formulas.path("39", False)
    assert formulas._elements <= module._ELEMENTS
    assert formulas.path("39", False) is first[39]
    assert formulas.path("0", False) is not first[0]
    assert formulas._elements == sum(path.elementCount() for path, _ in formulas._paths.values())


def test_formulas_that_were_met_lately_stay_however_many_there_are(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    formulas, many = Formulas(), 2 * module._KEPT
    drawing = module.Drawing(packed(Outlines(1)), 1.0, 1.0, 0.0)
    for n in range(many):
        formulas._keep((str(n), False), drawing)
    assert all(formulas.find(str(n), False) is drawing for n in range(many))
    assert not formulas._wanted  # nothing of the page is asked for again
    now[0] += 2 * module._LATELY_S
    assert formulas.find("0", False) is drawing
    formulas._keep(("new", False), drawing)
    assert len(formulas._known) == module._KEPT
    assert ("0", False) in formulas._known
    assert ("1", False) not in formulas._known
