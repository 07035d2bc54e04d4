"""Colours behind words: where their boxes stand, and what the document still has to draw."""

import pytest
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QImage,
    QPainter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)

from desktop.ui.conversation.grounds import Grounds, Marks, boxes, drawn_run

RED = QColor(255, 0, 0)
WORDS = "The keeper of the light wrote down what the sea did that day, and nobody read it. " * 6
EVERYTHING = QRectF(0, 0, 1e6, 1e6)

pytestmark = pytest.mark.usefixtures("qapp")


def document_of(text: str, width: float = 240) -> QTextDocument:
    document = QTextDocument(text)
    document.setTextWidth(width)
    document.documentLayout().documentSize()  # has it laid out
    return document


def painted(document: QTextDocument, marks: Marks, clip: QRectF = EVERYTHING) -> QImage:
    image = QImage(300, 400, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    context = QAbstractTextDocumentLayout.PaintContext()
    context.selections = marks.paint(painter, clip)
    document.documentLayout().draw(painter, context)
    painter.end()
    return image


def red_of(image: QImage) -> QRect:
    """The smallest box around all that is red."""
    seen = [
        (x, y)
        for y in range(image.height())
        for x in range(image.width())
        if image.pixelColor(x, y).red() > 200 and image.pixelColor(x, y).green() < 60
    ]
    xs, ys = [x for x, _y in seen], [y for _x, y in seen]
    return QRect(min(xs), min(ys), max(xs) - min(xs) + 1, max(ys) - min(ys) + 1) if seen else QRect()


@pytest.mark.parametrize("word", ["keeper", "light", "sea", "nobody"])
def test_a_ground_stands_where_a_selection_would_have_stood(word: str) -> None:
    document = document_of(WORDS)
    begin = WORDS.index(word)
    ground = Grounds(document, [(begin, begin + len(word), RED)])
    assert ground.selections == []
    form = QTextCharFormat()
    form.setBackground(RED)
    selected = Marks(selections=[drawn_run(document, begin, begin + len(word), form)])
    here, there = red_of(painted(document, Marks((ground,)))), red_of(painted(document, selected))
    assert here.width() > 10
    for side in ("left", "top", "right", "bottom"):
        assert abs(getattr(here, side)() - getattr(there, side)()) <= 1, side


def test_a_run_over_lines_and_paragraphs_has_a_box_in_each() -> None:
    document = document_of("one two\nthree four five six seven eight nine ten eleven twelve", width=120)
    lines = document.findBlockByNumber(1).layout().lineCount()
    assert lines > 2
    found = boxes(document, 4, document.characterCount() - 1)
    assert len(found) == 1 + lines
    assert [box.top() for box in found] == sorted({box.top() for box in found})
    assert boxes(document, 4, 4) == []


def test_boxes_follow_when_the_document_is_laid_out_anew() -> None:
    document = document_of(WORDS)
    begin = WORDS.index("nobody")
    marks = Marks((Grounds(document, [(begin, begin + 6, RED)]),))
    wide = red_of(painted(document, marks))
    document.setTextWidth(150)
    narrow = red_of(painted(document, marks))
    assert narrow.top() > wide.top()


def test_what_is_out_of_sight_is_not_filled() -> None:
    document = document_of(WORDS)
    begin = WORDS.rindex("nobody")
    marks = Marks((Grounds(document, [(begin, begin + 6, RED)]),))
    assert red_of(painted(document, marks)).isValid()
    assert not red_of(painted(document, marks, QRectF(0, 0, 300, 10))).isValid()


def test_hundreds_of_words_are_boxes_and_none_is_drawn_a_second_time() -> None:
    document = document_of(WORDS)
    runs = [(at, at + 1, RED) for at, letter in enumerate(WORDS) if letter != " "]
    marks = Marks((Grounds(document, runs),))
    assert len(marks) == len(runs) > 300
    painter = QPainter(image := QImage(10, 10, QImage.Format.Format_RGB32))
    assert marks.paint(painter, EVERYTHING) == []
    painter.end()
    assert not image.isNull()


def test_what_has_a_ground_of_its_own_or_runs_backwards_stays_a_selection() -> None:
    document = document_of("plain code more\nשלום עולם\nin a line")
    cursor = QTextCursor(document)
    cursor.setPosition(6)
    cursor.setPosition(10, QTextCursor.MoveMode.KeepAnchor)
    form = QTextCharFormat()
    form.setBackground(QColor(220, 220, 220))
    cursor.mergeCharFormat(form)
    runs = [(0, 5, RED), (6, 10, RED), (11, 15, RED), (16, 20, RED), (26, 28, RED)]
    ground = Grounds(document, runs)
    assert [one.cursor.selectedText() for one in ground.selections] == ["code", "שלום"]  # type: ignore[attr-defined]
    image = painted(document, Marks((ground,)))
    assert image.pixelColor(int(boxes(document, 6, 10)[0].center().x()), 6) == RED  # over its own ground


def test_words_in_the_shaded_head_of_a_table_are_seen() -> None:
    document = QTextDocument()
    cursor = QTextCursor(document)
    table = cursor.insertTable(2, 1)
    cell = table.cellAt(0, 0)
    shade = cell.format()
    shade.setBackground(QColor(220, 220, 220))
    cell.setFormat(shade)
    cell.firstCursorPosition().insertText("head")
    table.cellAt(1, 0).firstCursorPosition().insertText("below")
    begins = [table.cellAt(row, 0).firstCursorPosition().position() for row in (0, 1)]
    ground = Grounds(document, [(begins[0], begins[0] + 4, RED), (begins[1], begins[1] + 5, RED)])
    assert [one.cursor.selectedText() for one in ground.selections] == ["head"]  # type: ignore[attr-defined]
    assert red_of(painted(document, Marks((ground,)))).height() > 20  # both rows


def test_smooth_edges_are_left_as_they_were() -> None:
    document = document_of(WORDS)
    image = QImage(10, 10, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    Marks((Grounds(document, [(0, 3, RED)]),)).paint(painter, EVERYTHING)
    assert painter.testRenderHint(QPainter.RenderHint.Antialiasing)
    painter.end()
