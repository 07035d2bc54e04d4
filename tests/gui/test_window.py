"""The real window: panels, folding, what belongs to a chat, citations, troubles, coming and going."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.core.events import EngineStatus, LibraryStatus, StorageProblem, WindowRequested
from desktop.core.types import Problem
from desktop.ui.main_window import MainWindow
from desktop.ui.opening import FailurePage
from desktop.ui.panels.report import ReportPanel
from desktop.ui.panels.side import PANELS
from desktop.ui.panels.system_prompt import SystemPromptPanel
from desktop.ui.window_state import WindowState, read_state, write_state
from tests.fakes.replies import Script
from tests.fakes.samples import EXCERPTS, documents, loaded
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def whole(open_window: Open) -> WholeWindow:  # noqa: F811
    return open_window(core_with_chats())


def visible(whole: WholeWindow, widget: QWidget) -> bool:
    return widget.isVisibleTo(whole.window)


# ── a first answer ────────────────────────────────────────────────────────────────────────────────


def test_a_question_is_answered_and_its_chat_gets_a_title(whole: WholeWindow) -> None:
    whole.ask("How much is the ticket?")
    whole.qtbot.waitUntil(lambda: len(whole.session.conversation.turns) == 2)
    whole.qtbot.waitUntil(lambda: not whole.session.conversation.running)
    assert whole.session.conversation.turns[1].text == "A ticket costs seven euros [1]."
    assert "How much is the ticket?" in whole.titles
    assert whole.window.windowTitle().startswith("How much is the ticket?")


def test_a_citation_opens_the_page_with_its_passage_marked(open_window: Open) -> None:  # noqa: F811
    core = core_with_chats(documents=documents(), script=Script(excerpts=EXCERPTS))
    whole = open_window(core)
    whole.click_chat("Museum tickets")
    whole.wait_for_chat(2)
    whole.session.documents.set_used("default", True)
    whole.qtbot.waitUntil(lambda: core.chats.get(2).collections == ("default",))
    whole.ask("How much is the ticket?")
    conversation = whole.session.conversation
    whole.qtbot.waitUntil(lambda: len(conversation.turns) == 2 and not conversation.running)
    conversation.citation_activated.emit(conversation.turns[1].citations[0])
    viewer = whole.session.viewer
    whole.qtbot.waitUntil(lambda: viewer.image is not None and len(viewer.boxes) > 0)
    assert whole.workspace.panel == "viewer"
    assert viewer.page == 3
    whole.qtbot.keyClick(whole.workspace.side.currentWidget(), Qt.Key.Key_Escape)
    assert whole.workspace.panel == ""


# ── panels ────────────────────────────────────────────────────────────────────────────────────────


def test_one_panel_at_a_time_and_none_at_first(whole: WholeWindow) -> None:
    workspace = whole.workspace
    assert not visible(whole, workspace.side)
    whole.qtbot.mouseClick(workspace.header.switches["system_prompt"], Qt.MouseButton.LeftButton)
    assert workspace.panel == "system_prompt"
    whole.qtbot.mouseClick(workspace.sidebar.entries["documents"], Qt.MouseButton.LeftButton)
    assert workspace.panel == "documents"
    assert workspace.header.switches["documents"].isChecked()
    assert not workspace.header.switches["system_prompt"].isChecked()
    whole.qtbot.mouseClick(workspace.sidebar.entries["documents"], Qt.MouseButton.LeftButton)
    assert not visible(whole, workspace.side)


def test_escape_closes_a_panel_and_the_composer_has_the_keys(whole: WholeWindow) -> None:
    whole.qtbot.keyClick(whole.window, Qt.Key.Key_Comma, CONTROL)
    assert whole.workspace.panel == "settings"
    assert whole.workspace.side.isAncestorOf(whole.window.focusWidget())
    whole.qtbot.keyClick(whole.window.focusWidget(), Qt.Key.Key_Escape)
    assert whole.workspace.panel == ""
    assert whole.workspace.composer.field.hasFocus()


def test_the_system_prompt_is_saved_while_it_is_typed(whole: WholeWindow) -> None:
    whole.click_chat("Sourdough")
    whole.wait_for_chat(1)
    whole.workspace.open_panel("system_prompt")
    panel = whole.window.findChild(SystemPromptPanel)
    assert isinstance(panel, SystemPromptPanel)
    whole.qtbot.waitUntil(lambda: not panel.editor.isReadOnly())
    whole.qtbot.keyClicks(panel.editor, "Answer like a baker.")
    whole.qtbot.waitUntil(lambda: whole.core.chats.get(1).system_prompt == "Answer like a baker.")
    panel._fill_menu()
    panel._menu.actions()[0].trigger()
    whole.qtbot.waitUntil(lambda: whole.core.settings["system_prompt"] == "Answer like a baker.")


def test_a_prompt_typed_just_before_the_chat_changes_is_not_lost(whole: WholeWindow) -> None:
    whole.click_chat("Sourdough")
    whole.wait_for_chat(1)
    whole.workspace.open_panel("system_prompt")
    panel = whole.window.findChild(SystemPromptPanel)
    assert isinstance(panel, SystemPromptPanel)
    whole.qtbot.waitUntil(lambda: not panel.editor.isReadOnly())
    whole.qtbot.keyClicks(panel.editor, "Be brief.")
    whole.click_chat("Museum tickets")
    whole.wait_for_chat(2)
    assert whole.core.chats.get(1).system_prompt == "Be brief."
    whole.qtbot.waitUntil(lambda: panel.editor.toPlainText() == "")


def test_a_new_chat_is_stored_when_its_prompt_is_to_be_written(whole: WholeWindow) -> None:
    assert whole.session.chats.current is None
    whole.workspace.open_panel("system_prompt")
    whole.qtbot.waitUntil(lambda: whole.session.system_prompt.has_chat)
    assert len(whole.core.called("create_chat")) == 1
    whole.qtbot.wait(30)
    assert len(whole.core.called("create_chat")) == 1


def test_files_dropped_on_a_new_chat_are_indexed_and_switched_on_for_it(whole: WholeWindow) -> None:
    whole.workspace.middle.zones.dropped.emit("documents", ["/home/ana/museum.pdf"])
    assert whole.workspace.panel == "documents"
    whole.qtbot.waitUntil(lambda: whole.core.called("index") == [(("/home/ana/museum.pdf",), "default")])
    whole.qtbot.waitUntil(lambda: bool(whole.core.called("set_collections")))
    chat = whole.session.chats.current
    assert whole.core.called("set_collections") == [(chat, ("default",))]


def test_whatever_takes_the_keys_has_a_name(whole: WholeWindow) -> None:
    for panel in (name for name in PANELS if name != "viewer"):
        whole.workspace.open_panel(panel)
        whole.qtbot.wait(20)
        nameless = [
            widget
            for widget in whole.window.findChildren(QAbstractButton)
            if widget.isVisibleTo(whole.window)
            and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            and not (widget.accessibleName() or widget.text())
        ]
        assert nameless == []


def test_tab_reaches_everything_and_comes_back(whole: WholeWindow) -> None:
    whole.workspace.composer.focus_field()
    seen: set[str] = set()
    for _ in range(40):
        focused = whole.window.focusWidget()
        seen.add(focused.accessibleName())
        whole.qtbot.keyClick(focused, Qt.Key.Key_Tab)
        if whole.window.focusWidget() is whole.workspace.composer.field:
            break
    else:
        pytest.fail("the keys never came back to the composer")
    assert {"Your message", "Chats", "Search chats", "System prompt", "Hide the sidebar"} <= seen


# ── room ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_narrow_window_folds_the_sidebar_and_a_button_brings_it_back(whole: WholeWindow) -> None:
    workspace = whole.workspace
    assert visible(whole, workspace.sidebar)
    whole.window.resize(720, 480)
    assert not visible(whole, workspace.sidebar)
    whole.qtbot.mouseClick(workspace.header.unfold, Qt.MouseButton.LeftButton)
    assert visible(whole, workspace.sidebar)
    whole.click_chat("Sourdough")
    assert not visible(whole, workspace.sidebar)
    whole.window.resize(1120, 760)
    assert visible(whole, workspace.sidebar)


@pytest.mark.parametrize("panel", [name for name in PANELS if name != "viewer"])
def test_every_panel_fits_into_the_smallest_size_promised(whole: WholeWindow, panel: str) -> None:
    whole.window.resize(720, 480)
    whole.workspace.open_panel(panel)
    whole.qtbot.wait(20)
    assert whole.window.size() == QSize(720, 480)
    assert whole.workspace.conversation.width() >= 300
    assert whole.workspace.side.width() >= 280


def test_opening_a_panel_folds_the_sidebar_where_there_is_no_room_for_both(whole: WholeWindow) -> None:
    whole.window.resize(770, 600)
    assert visible(whole, whole.workspace.sidebar)
    whole.workspace.open_panel("documents")
    assert not visible(whole, whole.workspace.sidebar)
    whole.qtbot.keyClick(whole.window, Qt.Key.Key_B, CONTROL)
    assert visible(whole, whole.workspace.sidebar)
    assert whole.workspace.panel == ""


def test_a_folded_sidebar_stays_folded(whole: WholeWindow) -> None:
    whole.qtbot.mouseClick(whole.workspace.sidebar.fold, Qt.MouseButton.LeftButton)
    assert not visible(whole, whole.workspace.sidebar)
    whole.window.resize(1000, 700)
    assert not visible(whole, whole.workspace.sidebar)
    assert whole.window.state().sidebar is False


# ── troubles ──────────────────────────────────────────────────────────────────────────────────────


def test_a_full_disk_is_told_until_saving_works_again(whole: WholeWindow) -> None:
    whole.core.tell(StorageProblem(Problem("storage_full", {"folder": "/home/ana"})))
    whole.qtbot.waitUntil(lambda: len(whole.workspace.notices.bars) == 1)
    whole.core.tell(StorageProblem(None))
    whole.qtbot.waitUntil(lambda: whole.workspace.notices.bars == [])
    assert not whole.workspace.notices.isVisible()


def test_a_runtime_that_did_not_work_is_told_while_the_built_in_one_answers(whole: WholeWindow) -> None:
    problem = Problem("runtime_failed", {"runtime": "vulkan", "how": "SIGSEGV"})
    whole.core.tell(EngineStatus("ready", loaded(), runtime_problem=problem))
    whole.qtbot.waitUntil(lambda: len(whole.workspace.notices.bars) == 1)
    whole.core.tell(EngineStatus("ready", loaded()))
    whole.qtbot.waitUntil(lambda: whole.workspace.notices.bars == [])


def test_documents_that_cannot_be_used_are_told_once(whole: WholeWindow) -> None:
    whole.core.tell(LibraryStatus("unavailable", Problem("embedder_missing", {"path": "/models/e5"})))
    whole.qtbot.waitUntil(lambda: len(whole.workspace.notices.bars) == 1)
    whole.workspace.open_panel("documents")  # which tells it itself
    assert whole.workspace.notices.bars == []
    whole.workspace.close_panel()
    assert len(whole.workspace.notices.bars) == 1


def test_a_core_that_does_not_open_is_told_with_another_try(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda shown: shown.allow_close())
    window.show()
    window.show_failure(Problem("database_damaged", {"file": "/data/chats.sqlite3"}))
    page = window.centralWidget()
    assert isinstance(page, FailurePage)
    assert "chats.sqlite3" in page.accessibleName()
    with qtbot.waitSignal(window.retry_requested):
        qtbot.mouseClick(page.retry, Qt.MouseButton.LeftButton)


# ── coming and going ──────────────────────────────────────────────────────────────────────────────


def test_what_happened_last_time_is_shown_and_copied(whole: WholeWindow) -> None:
    stack = 'Fatal Python error: Aborted\n  File "/home/ana/sobremesa/x.py", line 3 in paint'
    whole.session.notices.add(Problem("window_crashed", {"how": "Aborted"}, stack), "last_run")
    bar = whole.workspace.notices.bars[0]
    button = bar.buttons[0]
    assert isinstance(button, QAbstractButton)
    whole.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert whole.workspace.panel == "report"
    panel = whole.window.findChild(ReportPanel)
    assert isinstance(panel, ReportPanel)
    assert 'File "x.py", line 3' in panel.text.toPlainText()
    whole.qtbot.mouseClick(panel.copy, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert copied == panel.text.toPlainText()
    assert "ana" not in copied


def test_another_copy_brings_this_window_forward(whole: WholeWindow) -> None:
    whole.window.showMinimized()
    whole.core.tell(WindowRequested())
    whole.qtbot.waitUntil(lambda: not whole.window.isMinimized() and whole.window.isVisible())


def test_closing_asks_who_owns_the_program_and_saves_what_was_typed(whole: WholeWindow) -> None:
    with whole.qtbot.waitSignal(whole.window.closing):
        whole.qtbot.keyClick(whole.window, Qt.Key.Key_Q, CONTROL)
    assert whole.window.isVisible()


def test_what_stood_open_stands_open_again(open_window: Open, tmp_path: Path) -> None:  # noqa: F811
    first = open_window(core_with_chats())
    first.click_chat("Museum tickets")
    first.wait_for_chat(2)
    first.workspace.open_panel("settings")
    first.window.resize(980, 640)
    file = tmp_path / "window.json"
    write_state(file, first.window.state())
    assert file.stat().st_mode & 0o777 == 0o600
    second = open_window(core_with_chats(), read_state(file))
    second.wait_for_chat(2)
    assert second.workspace.panel == "settings"


@pytest.mark.parametrize("content", [b"", b"{", b'{"sidebar": "yes"}', b"\xff\xfe", b'{"geometry": "!!"}'])
def test_a_damaged_state_file_costs_nothing_but_the_place(
    content: bytes, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "window.json"
    file.write_bytes(content)
    window = MainWindow(read_state(file))
    qtbot.addWidget(window, before_close_func=lambda shown: shown.allow_close())
    window.show()
    assert window.isVisible()
    assert read_state(tmp_path / "none.json") == WindowState(welcome="")
