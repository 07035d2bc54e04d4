"""The page of one's data: all of it in reach of keys and drops, and nothing decided by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from desktop.core.exchange.errors import IsBackup
from desktop.core.types.exchange import ImportingChats
from desktop.core.types.health import Finding, Health
from desktop.ui.your_data.page import YourDataPage
from tests.gui.scene_texts import ENGLISH
from tests.gui.stage import Stage, settle, wait_for


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    made = Stage(ENGLISH)
    yield made
    made.close()


@pytest.fixture
def page(stage: Stage) -> YourDataPage:
    stage.open(chat=2)
    shown = stage.workspace.show_page("your_data")
    settle()
    assert isinstance(shown, YourDataPage)
    return shown


def dropped(page: YourDataPage, path: str) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(path)])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    page.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, mime, buttons, keys))


def test_a_file_that_is_dropped_is_imported_and_the_report_can_be_copied(
    stage: Stage, page: YourDataPage
) -> None:
    dropped(page, "/home/ana/chatgpt.zip")
    wait_for(lambda: page.job.report.isVisibleTo(page))
    assert stage.core.called("import_chats") == [("/home/ana/chatgpt.zip",)]
    assert page.job.said.text().startswith("4 chats found. New: 2")
    page.job.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert "2 images stayed behind" in copied
    assert copied.index("Nueva conversación (ChatGPT): stayed out") < copied.index("How photosynthesis works")
    page.job.close_.click()
    assert not page.job.isVisibleTo(page)


def test_an_import_on_its_way_shows_how_far_it_is_and_can_be_stopped(
    stage: Stage, page: YourDataPage
) -> None:
    stage.core.held_exchanges.add("import_chats")
    stage.session.exchange.import_chats("/home/ana/a.zip")
    operation = stage.core.exchanges[-1]
    operation.emit(ImportingChats(50, 100, 7))
    wait_for(lambda: "50%" in page.job.said.text())
    assert "7 chats" in page.job.said.text()
    assert not page.backup.isEnabled()
    page.job.stop.click()
    assert operation.cancelled
    operation.finish(stage.core.import_report)
    wait_for(lambda: page.backup.isEnabled())


def test_a_backup_is_looked_into_and_waits_for_a_decision(stage: Stage, page: YourDataPage) -> None:
    stage.session.exchange.look_into("/home/ana/b.zip")
    wait_for(lambda: page.job.replace.isVisibleTo(page))
    assert "128 chats" in page.job.said.text()
    assert stage.core.called("restore_backup") == []
    page.job.replace.click()
    wait_for(lambda: "before-restore" in page.job.said.text())
    assert stage.core.called("restore_backup") == [(stage.core.backup_info.path, True)]
    assert stage.session.chats.current is None  # the chat in front may be another one now


def test_settings_that_a_backup_brought_back_count_at_once(stage: Stage, page: YourDataPage) -> None:
    changed: list[tuple[str, object]] = []
    stage.session.settings.changed.connect(lambda name, value: changed.append((name, value)))
    stage.session.exchange.look_into("/home/ana/b.zip")
    wait_for(lambda: page.job.merge.isVisibleTo(page))
    stage.core.settings["excerpts"] = 9
    page.job.merge.click()
    wait_for(lambda: changed == [("excerpts", 9)])


def test_a_backup_that_is_dropped_is_looked_into_and_not_imported(stage: Stage, page: YourDataPage) -> None:
    stage.core.fail("import_chats", IsBackup(path="/home/ana/b.zip").problem())
    dropped(page, "/home/ana/b.zip")
    wait_for(lambda: page.job.merge.isVisibleTo(page))
    assert stage.core.called("look_into_backup") == [("/home/ana/b.zip",)]


def test_an_archive_dropped_on_the_conversation_brings_the_page_to_the_front(stage: Stage) -> None:
    stage.open(chat=2)
    stage.workspace.incoming.dropped("question", ["/home/ana/export.zip"])
    assert stage.workspace.middle.page == "your_data"
    assert stage.core.called("import_chats") == [("/home/ana/export.zip",)]


def test_a_chat_goes_out_from_its_menu_into_the_file_that_is_chosen(stage: Stage, tmp_path: Path) -> None:
    stage.open(chat=2)
    stage.session.chats.export_requested.emit((2,), "pdf")
    dialog = stage.workspace.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    dialog.filesSelected.emit([str(tmp_path / "out")])
    wait_for(lambda: stage.core.called("export_chats") == [((2,), str(tmp_path / "out.pdf"), "pdf")])
    dialog.close()


def test_every_button_of_the_page_has_a_name_and_takes_the_keys(page: YourDataPage) -> None:
    buttons = [button for button in page.findChildren(QAbstractButton) if button.isVisibleTo(page)]
    assert len(buttons) >= 6
    for button in buttons:
        assert button.accessibleName() or button.text()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert page.job.mapTo(page, QPoint(0, 0)) is not None


def test_the_installation_is_looked_at_and_mended_where_that_is_possible(
    stage: Stage, page: YourDataPage
) -> None:
    assert stage.core.called("check_health") == []
    open_files = Finding("permissions", "open_files", "trouble", {"count": 2}, state="repairable")
    well, stage.core.health = stage.core.health, Health((open_files,))
    page.health.check.click()
    wait_for(lambda: page.health.said.text() == "1 thing is not in order.")
    told = [one.text() for one in page.health.found.findChildren(QLabel)]
    assert any("2 files or folders of yours can be read by others." in one for one in told)
    assert "Repair: they become yours alone." in told
    stage.core.health = well
    page.health.repair.click()
    wait_for(lambda: page.health.said.text() == "Everything is in order.")
    assert not page.health.repair.isVisibleTo(page)
    assert stage.core.called("check_health") == [(False, False), (False, True)]


def test_the_diagnostics_are_read_before_they_are_saved(stage: Stage, page: YourDataPage) -> None:
    page.health.diagnostics.click()
    wait_for(lambda: "llama_model_loader" in page.health.preview.toPlainText())
    assert stage.core.called("save_diagnostics") == []
    page.health.copy.click()
    assert QGuiApplication.clipboard().text() == page.health.preview.toPlainText()
    stage.session.health.save("/home/ana/d.zip")
    wait_for(lambda: "/home/ana/d.zip" in page.health.said.text())
    page.health.close_.click()
    assert not page.health.preview.isVisibleTo(page)
