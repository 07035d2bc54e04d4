"""What is done to documents in their panel by mouse and keys, and what it tells of the library."""

from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from desktop.core.events import LibraryStatus
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.ui.documents import DocumentsPanel
from desktop.ui.documents.rows import ROW_ROLE
from desktop.view_models.document_rows import DocumentRow
from desktop.view_models.documents import DocumentsViewModel
from rag.protocol import DocumentInfo
from tests.fakes.core import FakeCore
from tests.fakes.samples import documents
from tests.gui.documents_panel import LEFT, _looks, core, drop, model_of, names, open_panel, row_index

__all__ = ["_looks", "core"]  # fixtures


def centre_of(panel: DocumentsPanel, name: str) -> QPoint:
    index = panel.list.rows_model.index(row_index(panel, name))
    panel.list.scrollTo(index)
    return panel.list.visualRect(index).center()


def click_row(qtbot: QtBot, panel: DocumentsPanel, name: str) -> None:
    qtbot.mouseClick(panel.list.viewport(), LEFT, pos=centre_of(panel, name))


def test_the_switch_turns_the_collection_on_for_the_chat(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    qtbot.mouseClick(panel.chooser.switch, LEFT)
    assert core.called("set_collections")[-1][1] == ("default",)
    panel.chooser.switch.setFocus()
    qtbot.keyClick(panel.chooser.switch, Qt.Key.Key_Space)
    assert core.called("set_collections")[-1][1] == ()


def test_the_switch_follows_the_chat_in_front(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    other = core.create_chat().result().info.id
    model_of(panel).set_chat(other, ("default",))
    assert panel.chooser.switch.isChecked()
    assert len(core.called("set_collections")) == 0


def test_enter_opens_and_delete_removes(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    click_row(qtbot, panel, "museum.pdf")
    with qtbot.waitSignal(model_of(panel).open_requested) as opened:
        qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    row = opened.args[0]
    assert isinstance(row, DocumentRow)
    assert row.document == 1
    qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: "museum.pdf" not in names(panel))
    assert panel.undo_bar.isVisible()


def test_a_double_click_opens(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    where = centre_of(panel, "notes.md")
    qtbot.mouseClick(panel.list.viewport(), LEFT, pos=where)
    with qtbot.waitSignal(model_of(panel).open_requested):
        qtbot.mouseDClick(panel.list.viewport(), LEFT, pos=where)


def test_a_removal_is_undone_by_its_button(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    click_row(qtbot, panel, "museum.pdf")
    qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: panel.undo_bar.isVisible())
    qtbot.mouseClick(panel.undo_bar.undo_button, LEFT)
    assert core.called("restore_documents") == [((1,),)]
    assert core.called("index") == []
    assert not panel.undo_bar.isVisible()


def test_several_rows_are_removed_together(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    click_row(qtbot, panel, "broken.pdf")
    qtbot.keyClick(panel.list, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: panel.undo_bar.isVisible())
    qtbot.waitUntil(lambda: len(names(panel)) == len(documents()) - 2)


def test_try_again_in_a_row_indexes_the_file_again(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    index = panel.list.rows_model.index(row_index(panel, "broken.pdf"))
    panel.list.scrollTo(index)
    parts = panel.list.rows_delegate.parts(index.data(ROW_ROLE), panel.list.visualRect(index))
    qtbot.mouseClick(panel.list.viewport(), LEFT, pos=parts.retry.center())
    assert core.called("index") == [(("/home/ana/Documents/broken.pdf",), "default")]


def visible_menu(panel: DocumentsPanel) -> QMenu | None:
    return next((menu for menu in panel.list.findChildren(QMenu) if menu.isVisible()), None)


def test_the_menu_of_a_row_opens_by_its_button_and_by_key(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    index = panel.list.rows_model.index(row_index(panel, "museum.pdf"))
    panel.list.scrollTo(index)
    parts = panel.list.rows_delegate.parts(index.data(ROW_ROLE), panel.list.visualRect(index))
    qtbot.mouseClick(panel.list.viewport(), LEFT, pos=parts.more.center())
    qtbot.waitUntil(lambda: visible_menu(panel) is not None)
    menu = visible_menu(panel)
    assert menu is not None
    entries = [action.text().partition("\t")[0] for action in menu.actions()]
    assert entries == ["Open", "Remove from the library"]
    menu.close()
    click_row(qtbot, panel, "locked.pdf")
    qtbot.keyClick(panel.list, Qt.Key.Key_Menu)
    qtbot.waitUntil(lambda: visible_menu(panel) is not None)
    menu = visible_menu(panel)
    assert menu is not None
    entries = [action.text().partition("\t")[0] for action in menu.actions()]
    assert entries == ["Enter password", "Remove from the library"]
    menu.close()


def test_progress_is_shown_and_can_be_stopped(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    model_of(panel).add(("/d/a.pdf", "/d/b.pdf"))
    assert panel.progress_card.isVisible()
    core.indexings[0].progress("/d/b.pdf", "embedding", 24, 48)
    qtbot.waitUntil(lambda: panel.progress_card._stage.text() == "Indexing passage 24 of 48")
    assert panel.progress_card._title.text() == "Adding b.pdf"
    assert panel.progress_card._count.text() == "2 of 2"
    assert 0.5 < panel.progress_card.bar.value() / panel.progress_card.bar.maximum() < 0.8
    qtbot.mouseClick(panel.progress_card.cancel_button, LEFT)
    qtbot.waitUntil(lambda: not panel.progress_card.isVisible())
    assert panel._outcome.text() == "Stopped. What was finished stays."


def test_the_first_document_takes_the_place_of_the_empty_state(qtbot: QtBot) -> None:
    core = FakeCore()
    panel = open_panel(qtbot, core)
    drop(panel, QUrl.fromLocalFile("/d/a.pdf"))
    qtbot.waitUntil(lambda: names(panel) == ["a.pdf"])
    qtbot.waitUntil(lambda: not panel.progress_card.isVisible())
    assert panel.list.isVisible()
    assert panel._outcome.text() == "1 document added."
    assert panel.chooser.switch.isChecked()


def test_the_selection_survives_what_is_added_meanwhile(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    click_row(qtbot, panel, "museum.pdf")
    model_of(panel).add(("/d/aaa.pdf",))
    core.indexings[0].end_file("/d/aaa.pdf")
    core.indexings[0].finish()
    qtbot.waitUntil(lambda: "aaa.pdf" in names(panel))
    assert [row.name for row in panel.list.selected_rows()] == ["museum.pdf"]


def test_a_new_collection_is_named_in_place(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    qtbot.mouseClick(panel.chooser.new_button, LEFT)
    qtbot.keyClicks(panel.chooser.field, "Recipes")
    qtbot.keyClick(panel.chooser.field, Qt.Key.Key_Return)
    assert model_of(panel).current == "Recipes"
    assert panel.chooser.combo.isVisible()
    assert panel.chooser.combo.currentData() == "Recipes"
    qtbot.waitUntil(lambda: panel.empty.button.isVisible())


def test_escape_gives_up_a_name(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    qtbot.mouseClick(panel.chooser.new_button, LEFT)
    qtbot.keyClicks(panel.chooser.field, "Rec")
    qtbot.keyClick(panel.chooser.field, Qt.Key.Key_Escape)
    assert panel.chooser.combo.isVisible()
    assert model_of(panel).current == "default"


def test_a_library_that_cannot_be_used_says_so_until_it_can(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    core.tell(LibraryStatus("unavailable", Problem("embedder_missing", {"path": "/m/e5"})))
    qtbot.waitUntil(lambda: panel.problem_bar.isVisible())
    assert not panel.problem_bar.close_button.isVisible()
    core.tell(LibraryStatus("ready"))
    qtbot.waitUntil(lambda: not panel.problem_bar.isVisible())


def test_a_problem_stands_in_words_and_can_be_closed(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    model_of(panel).add(("/d/a.pdf",))
    core.indexings[0].fail(Problem("disk_full", {"folder": "/data"}))
    qtbot.waitUntil(lambda: panel.problem_bar.isVisible())
    assert "disk_full" not in panel.problem_bar.accessibleName()
    qtbot.mouseClick(panel.problem_bar.close_button, LEFT)
    assert not panel.problem_bar.isVisible()


def test_as_a_page_the_content_keeps_its_measure(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core, width=1400)
    assert panel.list.width() <= 760
    left = panel.list.mapTo(panel, QPoint(0, 0)).x()
    right = panel.width() - left - panel.list.width()
    assert abs(left - right) <= 2


def test_a_name_with_angle_brackets_is_shown_as_it_is(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    model_of(panel).add(("/d/<b>bold<b>.pdf",))
    core.indexings[0].progress("/d/<b>bold<b>.pdf", "reading", 1, 2)
    core.indexings[0].end_file("/d/<b>bold<b>.pdf")
    core.indexings[0].finish()
    qtbot.waitUntil(lambda: "<b>bold<b>.pdf" in names(panel))
    index = panel.list.rows_model.index(row_index(panel, "<b>bold<b>.pdf"))
    assert "&lt;b&gt;bold" in str(index.data(Qt.ItemDataRole.ToolTipRole))


class SilentLibrary(FakeCore):
    """A library that has not answered yet."""

    def list_documents(self, collection: str | None = None) -> Operation[tuple[DocumentInfo, ...]]:
        return Operation()


def test_only_a_long_wait_for_the_library_is_told(qtbot: QtBot) -> None:
    model = DocumentsViewModel(SilentLibrary())
    panel = DocumentsPanel(model)
    model.setParent(panel)
    qtbot.addWidget(panel)
    panel.show()
    assert not panel.empty._label.isVisible()
    assert not panel.empty.button.isVisible()  # nobody knows yet that there is nothing
    qtbot.waitUntil(lambda: panel.empty._label.isVisible())
    model.documents_changed.emit()
    assert panel.empty._label.isVisible()
