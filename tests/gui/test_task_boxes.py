"""The boxes of task lists: where they stand, and what is in them."""

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from desktop.ui.conversation.copying import text_between
from desktop.ui.conversation.markdown import parse
from desktop.ui.conversation.quiet_document import QuietDocument
from desktop.ui.conversation.render import document_of
from desktop.ui.conversation.style import Style
from desktop.ui.conversation.task_boxes import boxes, paint_tasks
from desktop.ui.theme import LIGHT

STYLE = Style(LIGHT)


def drawn(source: str) -> QuietDocument:
    document = document_of(parse(source)[0], STYLE)
    document.setTextWidth(300)
    assert document.size().height() > 0  # it lays itself out when it is asked
    return document


def test_each_task_has_a_box_before_its_first_line(qtbot: QtBot) -> None:
    document = drawn("- [x] done\n- no task\n- [ ] open, " + "and more of it " * 9)
    (done, first), (still, second) = boxes(document)
    assert (first, second) == (True, False)
    assert done.left() == still.left() > 0
    layout = document.documentLayout()
    third = layout.blockBoundingRect(document.findBlockByNumber(2))
    assert third.top() <= still.top()
    assert still.bottom() < third.center().y()


def test_words_from_right_to_left_have_their_box_on_the_right(qtbot: QtBot) -> None:
    ((box, _),) = boxes(drawn("- [x] \u05e9\u05dc\u05d5\u05dd"))
    assert box.left() > 150


@pytest.mark.parametrize(("source", "ticked"), [("- [x] a", True), ("- [ ] a", False)])
def test_a_done_task_has_a_tick_of_the_accent_and_an_open_one_none(
    qtbot: QtBot, source: str, ticked: bool
) -> None:
    document = drawn(source)
    image = QImage(300, 40, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    paint_tasks(painter, document, STYLE, QRectF())
    painter.end()
    ((box, _),) = boxes(document)
    inside = [
        image.pixelColor(x, y)
        for x in range(round(box.left()) + 2, round(box.right()) - 2)
        for y in range(round(box.top()) + 2, round(box.bottom()) - 2)
    ]
    accent = QColor(STYLE.color("accent"))

    def near(color: QColor) -> bool:
        return abs(color.red() - accent.red()) + abs(color.blue() - accent.blue()) < 60

    assert any(near(color) for color in inside) is ticked


def test_a_copied_task_keeps_its_box_as_it_was_written(qtbot: QtBot) -> None:
    document = drawn("- [x] done\n- [ ] open")
    assert text_between(document, 0, document.characterCount()) == "- [x] done\n- [ ] open"
