"""Words looked for in the document that the viewer shows."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.ui.viewer.find_row import FindRow
from desktop.view_models.document_find import DocumentFind
from desktop.view_models.viewer import Target, ViewerViewModel
from tests.fakes.core import FakeCore

TEXTS = ("Sea and salt.", "Nothing here.", "The sea, and\nthe SEA again.")


def _opened(qtbot: QtBot) -> tuple[ViewerViewModel, FindRow]:
    core = FakeCore(automatic=False)
    viewer = ViewerViewModel(core)
    viewer.show(Target(0, "/home/ana/notes.txt", texts=TEXTS))
    row = FindRow(DocumentFind(core, viewer, viewer))
    qtbot.addWidget(row)
    row.show()
    return viewer, row


def test_each_hit_is_marked_on_its_page_and_after_the_last_comes_the_first(qtbot: QtBot) -> None:
    viewer, row = _opened(qtbot)
    row.field.setText("sea")
    seen = []
    for _turn in range(4):
        QTest.keyClick(row.field, Qt.Key.Key_Return)
        assert viewer.target is not None
        seen.append((viewer.target.page, viewer.target.start))
    assert seen == [(1, 0), (3, 4), (3, 17), (1, 0)]
    QTest.keyClick(row.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert viewer.target is not None
    assert (viewer.target.page, viewer.target.start) == (3, 17)


def test_words_across_a_line_are_found_and_those_that_are_not_there_are_said(qtbot: QtBot) -> None:
    viewer, row = _opened(qtbot)
    row.field.setText("and the")
    QTest.keyClick(row.field, Qt.Key.Key_Return)
    assert viewer.page == 3
    row.field.setText("lighthouse")
    QTest.keyClick(row.field, Qt.Key.Key_Return)
    assert row.say.text() == "Not found"


def test_escape_brings_back_what_was_shown_before(qtbot: QtBot) -> None:
    viewer, row = _opened(qtbot)
    viewer.go_to(2)
    row.field.setText("salt")
    QTest.keyClick(row.field, Qt.Key.Key_Return)
    assert viewer.target is not None
    assert viewer.target.end > 0
    QTest.keyClick(row.field, Qt.Key.Key_Escape)
    assert viewer.target.end == 0
    assert row.field.text() == ""


def test_a_document_of_the_library_is_read_page_by_page(qtbot: QtBot) -> None:
    core = FakeCore()
    viewer = ViewerViewModel(core)
    viewer.show(Target(1, "/home/ana/Documents/museum.pdf"))
    qtbot.waitUntil(lambda: viewer.pages > 0)
    find = DocumentFind(core, viewer, viewer)
    find.look("ticket")
    qtbot.waitUntil(lambda: find.state == "found")
    assert viewer.target is not None
    assert viewer.target.end > viewer.target.start
