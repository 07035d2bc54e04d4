"""The panel of documents: adding, rows and their words, passwords."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from desktop.core.passwords import Unlock
from desktop.ui.documents import DocumentsPanel
from desktop.view_models.document_rows import DocumentRow
from tests.fakes.core import FakeCore
from tests.fakes.jobs import PASSWORD
from tests.gui.documents_panel import LEFT, _looks, core, drop, model_of, open_panel, row_index

__all__ = ["_looks", "core"]  # fixtures


def test_an_empty_library_says_one_thing_and_offers_one_button(qtbot: QtBot) -> None:
    panel = open_panel(qtbot, FakeCore(automatic=False))
    assert panel.empty.isVisible()
    assert panel.empty.button.isVisible()
    assert not panel.add_button.isVisible()


def test_the_button_asks_for_files_and_adds_them(
    qtbot: QtBot, core: FakeCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = open_panel(qtbot, core)
    opened: list[QFileDialog] = []
    monkeypatch.setattr(QFileDialog, "open", lambda dialog: opened.append(dialog))
    qtbot.mouseClick(panel.add_button, LEFT)
    assert opened[0].fileMode() == QFileDialog.FileMode.ExistingFiles
    opened[0].filesSelected.emit(["/d/a.pdf", "/d/b.txt"])
    assert core.called("index") == [(("/d/a.pdf", "/d/b.txt"), "default")]
    qtbot.mouseClick(panel.folder_button, LEFT)
    assert opened[1].fileMode() == QFileDialog.FileMode.Directory


def test_files_and_folders_can_be_dropped(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    assert drop(panel, QUrl.fromLocalFile("/d/museo año.pdf"), QUrl.fromLocalFile("/d/folder"))
    assert core.called("index") == [(("/d/museo año.pdf", "/d/folder"), "default")]


def test_what_is_no_file_cannot_be_dropped(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    assert not drop(panel, QUrl("https://example.org/a.pdf"))
    assert core.called("index") == []


def test_a_drag_over_the_panel_says_where_a_drop_goes(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/d/a.pdf")])
    enter = QDragEnterEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(panel, enter)
    assert panel._veil.isVisible()
    assert "My documents" in panel._veil._text


def test_rows_tell_pages_passages_and_troubles_in_words(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    spoken = {
        str(panel.list.rows_model.index(row).data(Qt.ItemDataRole.AccessibleTextRole))
        for row in range(panel.list.rows_model.rowCount())
    }
    assert "museum.pdf, 12 pages, 48 passages" in spoken
    assert "notes.md, 1 page, 6 passages" in spoken
    locked = next(text for text in spoken if text.startswith("locked.pdf"))
    assert "password" in locked
    assert "document_encrypted" not in locked


def ask_for_password(qtbot: QtBot, core: FakeCore) -> DocumentsPanel:
    """The card is open for locked.pdf, by the keyboard alone."""
    panel = open_panel(qtbot, core)
    panel.list.setFocus()
    panel.list.setCurrentIndex(panel.list.rows_model.index(row_index(panel, "locked.pdf")))
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.password_card.isVisible() and panel.password_card.keep.isVisible())
    assert panel.password_card.field.hasFocus()
    return panel


def test_a_locked_document_asks_for_its_password_and_takes_it(qtbot: QtBot, core: FakeCore) -> None:
    panel = ask_for_password(qtbot, core)
    card = panel.password_card
    assert card.field.echoMode() == card.field.EchoMode.Password
    assert "locked.pdf" in card.field.accessibleName()
    assert not card.open_button.isEnabled()
    qtbot.keyClicks(card.field, PASSWORD)
    card.keep.click()
    qtbot.keyClick(card.field, Qt.Key.Key_Return)
    assert not card.isVisible()
    assert core.indexings[-1].unlock == Unlock(PASSWORD, keep=True)
    assert card.field.text() == "", "what was typed is forgotten"


def test_a_wrong_password_is_said_and_another_can_be_tried(qtbot: QtBot, core: FakeCore) -> None:
    panel = ask_for_password(qtbot, core)
    core.automatic = True
    qtbot.keyClicks(panel.password_card.field, "guess")
    qtbot.mouseClick(panel.password_card.open_button, LEFT)
    model = model_of(panel)

    def row() -> DocumentRow:
        return next(row for row in model.rows if row.name == "locked.pdf")

    qtbot.waitUntil(lambda: row().problem is not None and row().problem.code == "document_wrong_password")
    assert row().asks_for_password
    panel.password.ask(row())
    qtbot.keyClicks(panel.password_card.field, PASSWORD)
    qtbot.mouseClick(panel.password_card.open_button, LEFT)
    qtbot.waitUntil(lambda: row().state == "indexed")


def test_escape_puts_the_question_away_and_without_a_keyring_nothing_is_offered_to_keep(
    qtbot: QtBot, core: FakeCore
) -> None:
    panel = ask_for_password(qtbot, core)
    qtbot.keyClick(panel.password_card.field, Qt.Key.Key_Escape)
    assert not panel.password_card.isVisible()
    core.has_keyring = False
    panel.password.ask(next(row for row in model_of(panel).rows if row.name == "locked.pdf"))
    qtbot.waitUntil(lambda: not panel.password_card.keep.isVisible())
    assert core.indexings == []


def test_a_row_grows_with_the_words_of_its_trouble(qtbot: QtBot, core: FakeCore) -> None:
    panel = open_panel(qtbot, core)
    fine = panel.list.visualRect(panel.list.rows_model.index(row_index(panel, "museum.pdf"))).height()
    broken = panel.list.visualRect(panel.list.rows_model.index(row_index(panel, "locked.pdf"))).height()
    assert broken > fine + 30
    panel.resize(760, 700)
    qtbot.waitUntil(
        lambda: (
            panel.list.visualRect(panel.list.rows_model.index(row_index(panel, "locked.pdf"))).height()
            < broken
        )
    )


def test_a_password_that_is_known_is_forgotten_from_the_documents_menu(qtbot: QtBot, core: FakeCore) -> None:
    panel = ask_for_password(qtbot, core)
    panel.password.give_up()
    number = row_index(panel, "locked.pdf")
    row = panel.list.rows_model.rows[number]
    core._passwords_known()[row.file] = PASSWORD
    panel.list.clearSelection()
    panel.list.setCurrentIndex(panel.list.rows_model.index(number))
    qtbot.waitUntil(lambda: row.file in panel.list.unlocked)
    other = panel.list.rows_model.rows[0]
    assert [a for a in panel.list.menu_for((other,)).actions() if "Forget" in a.text()] == []
    (forgetting,) = (a for a in panel.list.menu_for((row,)).actions() if "Forget" in a.text())
    forgetting.trigger()
    qtbot.waitUntil(lambda: row.file not in panel.list.unlocked)
    assert core.kept_passwords().result(5) == ()
