"""What painting costs is kept low by: text that is laid out once, and fills without other threads."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Literal

import pytest
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QApplication

from desktop.ui import kept_text
from desktop.ui.kept_text import draw_line, draw_wrapped, wrapped_height
from desktop.ui.theme import appearance, interface_font

ACROSS = {"left": Qt.AlignmentFlag.AlignLeft, "right": Qt.AlignmentFlag.AlignRight}
DOWN = {
    "top": Qt.AlignmentFlag.AlignTop,
    "middle": Qt.AlignmentFlag.AlignVCenter,
    "bottom": Qt.AlignmentFlag.AlignBottom,
}
LINES = [
    "Contract",
    "fi, é̂ and <b>x</b> & y",
    "العقد بين الطرفين",
    "漢字 and 🙂",
    "of many words, too long",
    "",
]
MANY = "Two pages of it could not be read. Scan them again, or take them out of it.\nA second line."

_FILL = """
import os
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from desktop.ui.manner import dress
app = QApplication([])
dress(app, "light")
image = QImage(800, 800, QImage.Format.Format_RGB32)
painter = QPainter(image)
painter.setRenderHint(QPainter.RenderHint.Antialiasing)
painter.setBrush(QColor(10, 200, 30, 90))
painter.drawEllipse(0, 0, 800, 800)
painter.end()
print([open(f"/proc/self/task/{task}/comm").read() for task in os.listdir("/proc/self/task")])
"""


def painted(draw: object) -> QImage:
    """What a call that takes a painter leaves on white."""
    image = QImage(260, 80, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.setFont(interface_font())
    assert callable(draw)
    draw(painter)
    painter.end()
    return image


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("across", ACROSS)
@pytest.mark.parametrize("down", DOWN)
@pytest.mark.parametrize("text", LINES)
@pytest.mark.parametrize("width", [60, 201])
def test_a_kept_line_stands_where_qt_would_have_written_it(
    across: Literal["left", "right"], down: Literal["top", "middle", "bottom"], text: str, width: int
) -> None:
    box = QRect(10, 7, width, 31)

    def plain(painter: QPainter) -> None:
        shown = QFontMetrics(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, width)
        painter.drawText(box, ACROSS[across] | DOWN[down], shown)

    def kept(painter: QPainter) -> None:
        draw_line(painter, box, text, across, down)

    expected = painted(plain)
    assert painted(kept) == expected
    assert painted(kept) == expected  # the second time from what is kept
    assert (expected == painted(lambda _painter: None)) == (text == "")


@pytest.mark.usefixtures("qapp")
def test_a_kept_line_is_struck_out_where_qt_would_strike_it_out() -> None:
    box = QRect(10, 7, 200, 31)

    def struck(painter: QPainter) -> None:
        font = painter.font()
        font.setStrikeOut(True)
        painter.setFont(font)

    def plain(painter: QPainter) -> None:
        struck(painter)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, "left out")

    def kept(painter: QPainter) -> None:
        struck(painter)
        draw_line(painter, box, "left out")

    words = QRect(0, 0, 10 + QFontMetrics(interface_font()).horizontalAdvance("left ou"), 80)
    assert painted(kept).copy(words) == painted(plain).copy(words)  # Qt's line ends within a pixel of it
    assert painted(kept) != painted(lambda painter: draw_line(painter, box, "left out"))


@pytest.mark.usefixtures("qapp")
def test_a_line_tells_how_wide_it_is_and_nothing_fits_where_there_is_no_room() -> None:
    widths = []

    def draw(painter: QPainter) -> None:
        widths.extend(
            draw_line(painter, QRectF(0, 0, room, 20), "a line of some words") for room in (200, 40, 0, -5)
        )

    painted(draw)
    assert 40 < widths[0] <= 200
    assert 0 < widths[1] <= 40
    assert widths[2:] == [0, 0]


@pytest.mark.usefixtures("qapp")
def test_kept_lines_break_where_qt_would_have_broken_them() -> None:
    flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
    for width in (120, 201, 1000):
        box = QRect(5, 3, width, 200)
        expected = painted(lambda painter, box=box: painter.drawText(box, flags, MANY))
        assert painted(lambda painter, box=box: draw_wrapped(painter, box, MANY)) == expected
        wanted = QFontMetrics(interface_font()).boundingRect(box, flags, MANY).height()
        assert round(wrapped_height(MANY, interface_font(), width)) == wanted


@pytest.mark.usefixtures("qapp")
def test_other_sizes_of_the_same_text_are_kept_apart() -> None:
    small = wrapped_height("words", interface_font(9), 200)
    large = wrapped_height("words", interface_font(18), 200)
    assert wrapped_height("words", interface_font(9), 200) == small < large


def test_what_is_painted_again_and_again_stays_kept_and_the_rest_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []

    def lay_out(text: str, *rest: object) -> object:
        made.append(text)
        return real(text, *rest)

    real: Callable[..., object] = kept_text._lay_out
    monkeypatch.setattr(kept_text, "_lay_out", lay_out)
    monkeypatch.setattr(kept_text, "_generations", [{}, {}])
    for number in range(2_000):
        wrapped_height("always", interface_font(), 90)
        wrapped_height(f"once {number}", interface_font(), 90)
    assert made.count("always") == 1
    assert len(made) == 2_001
    assert sum(map(len, kept_text._generations)) <= 2 * kept_text._KEPT


def test_the_appearance_is_that_of_the_application(qapp: QApplication) -> None:
    found = appearance()
    assert found is None or found.parent() is qapp


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc names the threads")
def test_filling_wakes_no_other_threads() -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", _FILL], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert "pooled" not in done.stdout
    assert "python" in done.stdout
