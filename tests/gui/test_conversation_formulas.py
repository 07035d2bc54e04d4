"""Formulas: where they stand in Markdown, set by a process of their own, drawn, copied as their source."""

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop.core.workers.formulas import SetFormula, outlines, settable
from desktop.ui.conversation import formulas as module
from desktop.ui.conversation.blocks import SPANS
from desktop.ui.conversation.formulas import Formulas
from desktop.ui.conversation.growing import GrowingMarkdown
from desktop.ui.conversation.markdown import parse
from desktop.ui.conversation.pieces import Pieces
from tests.fakes.core import FakeCore
from tests.gui.conversation_window import Window, build, stored


def found(source: str) -> list[str]:
    """The formulas of one paragraph."""
    node = parse(source)[0].tree()
    assert node is not None
    spans = node.children[0].meta[SPANS] if node.children else []
    return [token.content for token in spans if token.type == "formula"]


@pytest.mark.parametrize(
    ("source", "formulas"),
    [
        ("so $x^2$ and \\(y\\)", ["x^2", "y"]),
        ("$5 and $6", []),
        ("it costs $5, or 6$ today", []),
        ("from $5-$6 to US$7$", []),
        ("$5$ and $2x$ and $5 + 3$", ["5", "2x", "5 + 3"]),
        ("$HOME/bin:$PATH and $ a $", []),
        ("a $$x$$ b", ["x"]),
        ("a \\[x\\] b", ["x"]),
        ("\\$x$ and `$y$`", []),
        ("$a_{\\$}$", ["a_{\\$}"]),
        ("$x", []),
    ],
)
def test_formulas_are_told_from_prices(source: str, formulas: list[str]) -> None:
    assert found(source) == formulas


@pytest.mark.parametrize("source", ["$$\na\n= b\n- c\n$$", "\\[ a\n= b \\]", "$$x$$"])
def test_a_formula_on_lines_of_its_own_is_one_block_however_it_arrives(source: str) -> None:
    text = f"Before.\n\n{source}\n\nAfter."
    assert [block.kind for block in parse(text)] == ["text", "formula", "text"]
    growing = GrowingMarkdown()
    for letter in text:
        growing.append(letter)
    assert growing.blocks == parse(text)


def test_dollars_that_are_never_closed_stay_text() -> None:
    assert [block.kind for block in parse("$$ a lot of money\n\nmore")] == ["text", "text"]


@pytest.mark.parametrize(
    "source", [r"\frac{", "}{", "", "x" * 2_000, "{" * 50 + "}" * 50, r"\def\a{\a\a}\a", r"\left( x"]
)
def test_what_does_not_parse_gives_no_outlines(source: str) -> None:
    assert not settable(source) or not outlines(SetFormula(1, source)).fills


def test_a_formula_is_measured_from_its_baseline() -> None:
    letter, fraction = outlines(SetFormula(1, "x")), outlines(SetFormula(2, r"\frac{x}{y}", display=True))
    assert letter.fills
    assert abs(letter.descent) < 1 < letter.ascent
    assert fraction.descent > 5
    assert fraction.ascent > letter.ascent


@pytest.mark.slow
def test_a_formula_that_takes_for_ever_is_given_up_and_the_next_one_comes(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LIMIT_MS", 400)
    formulas = Formulas()
    formulas.find("x", False)
    qtbot.waitUntil(lambda: formulas.find("x", False) is not None, timeout=20_000)
    bomb = r"\frac{1}{" * 35 + "1" + "}" * 35
    assert formulas.find(bomb, False) is None
    qtbot.waitUntil(lambda: formulas.failed(bomb, False), timeout=20_000)
    formulas.find("y", False)
    qtbot.waitUntil(lambda: formulas.find("y", False) is not None, timeout=20_000)
    formulas.close()


MATHS = "So $x^2$ is\n\n$$\\frac{1}{2}$$\n\nand $\\frac{1}{$ is nothing."


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    window = build(qtbot, FakeCore(automatic=False))
    with qtbot.waitSignal(window.view_model.reset):
        window.view_model.open(stored(window.core, [("Show me", MATHS)]))
    qtbot.waitUntil(lambda: not window.view.arrivals.formulas.busy, timeout=20_000)
    window.settle()
    return window


@pytest.mark.slow
def test_formulas_are_drawn_and_copied_as_they_were_written(window: Window) -> None:
    assert window.view.arrivals.formulas.find("x^2", False) is not None
    assert "\ufffc" in window.seen_text(1)
    assert "$\\frac{1}{$" in window.seen_text(1)
    window.view.select_all()
    window.view.copy()
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.text().endswith(MATHS)
    assert "\\frac{1}{2}" in mime.html()
    assert "\ufffc" not in mime.html()
    window.view.copy_message(1)
    assert QGuiApplication.clipboard().text() == MATHS


def test_while_a_reply_streams_only_its_open_block_is_laid_out_again(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = build(qtbot, FakeCore(automatic=False))
    window.ask("Tell me").write(
        "One.\n\n```python\nx = 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nThe open"
    )
    window.settle()
    qtbot.waitUntil(lambda: not window.view.arrivals.busy)  # the language's colours
    laid_out = []
    draw = Pieces.draw
    monkeypatch.setattr(Pieces, "draw", lambda *args: (laid_out.append(args[1].block.source), draw(*args))[1])
    for _ in range(5):
        window.reply.write(" block")
        window.settle()
    assert 1 <= len(laid_out) <= 5  # frames may come together, and none lays out more than one
    assert all(source.startswith("The open") for source in laid_out)
