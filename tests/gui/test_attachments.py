"""Files that go with a question: in the composer, in the conversation and while a question is edited."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.core.types import ContextPlan, FilePart, Problem
from desktop.core.types.composing import Draft
from desktop.ui.attachments.chip import Chip
from desktop.ui.conversation.links import links_of
from tests.fakes.core import FakeCore
from tests.fakes.replies import Script
from tests.gui.conversation_window import Window, build
from tests.gui.whole_window import Open, core_with_chats, open_window  # noqa: F401  a fixture

NOTES = FilePart("notes.txt", "one two three", "/home/ana/notes.txt")
GUIDE = FilePart("guide.pdf", "first page\fsecond page", "/home/ana/guide.pdf", 2)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    core = FakeCore(automatic=False)
    core.texts = {NOTES.path: NOTES, GUIDE.path: GUIDE}
    yield build(qtbot, core)
    QApplication.clipboard().clear()  # what lies there must not outlive the application of the tests
    core.close()


def attach(window: Window, *paths: str) -> None:
    window.view_model.attachments.add_paths(list(paths))
    window.qtbot.waitUntil(lambda: not window.view_model.attachments.reading)


def chips(window: Window) -> list[Chip]:
    return list(window.composer.files.chips.chips.values())


def said(window: Window) -> list[str]:
    return [f"{chip.body.text()} {chip.detail.text()}" for chip in chips(window)]


def names(window: Window) -> list[str]:
    return [file.name for file in window.view_model.attachments.files]


def test_files_keep_their_order_and_say_what_they_weigh(window: Window) -> None:
    attach(window, GUIDE.path, NOTES.path)
    window.qtbot.waitUntil(lambda: said(window) == ["guide.pdf 4 tokens", "notes.txt 3 tokens"])
    assert window.composer.files.isVisible()


def test_files_are_sent_with_the_question_and_gone_from_the_composer(window: Window) -> None:
    attach(window, NOTES.path)
    window.ask("When?")
    assert window.core.called("send")[0][1:] == ("When?", (NOTES,))
    assert window.view_model.turns[0].files == (NOTES,)
    assert not window.composer.files.isVisible()
    assert window.seen_text(0) == "When?\nnotes.txt  13 characters"


def test_a_file_alone_can_be_sent(window: Window) -> None:
    attach(window, GUIDE.path)
    assert window.composer.send.isEnabled()
    window.qtbot.keyClick(window.composer.field, Qt.Key.Key_Return)
    window.qtbot.waitUntil(lambda: bool(window.core.called("send")))
    assert window.core.called("send")[0][1:] == ("", (GUIDE,))


def test_a_long_paste_becomes_a_file_and_a_short_one_stays_text(window: Window) -> None:
    longest = int(str(window.core.setting("long_paste_characters")))
    for text in ("x" * longest, "y" * (longest + 1), "z" * (longest + 1)):
        mime = QMimeData()
        mime.setText(text)
        window.composer.field.insertFromMimeData(mime)
    assert window.composer.field.toPlainText() == "x" * longest
    assert names(window) == ["Pasted text", "Pasted text 2"]


def test_pasting_never_makes_a_file_when_the_person_wants_none(window: Window) -> None:
    window.core.settings["long_paste_characters"] = 0
    mime = QMimeData()
    mime.setText("x" * 10_000)
    window.composer.field.insertFromMimeData(mime)
    assert names(window) == []


def test_a_pasted_file_goes_back_to_where_one_writes(window: Window) -> None:
    window.qtbot.keyClicks(window.composer.field, "Look:")
    window.view_model.attachments.add_text("a long text", "Pasted text")
    QTest.mouseClick(chips(window)[0].back, Qt.MouseButton.LeftButton)
    assert window.composer.field.toPlainText() == "Look:\n\na long text"
    assert names(window) == []


def test_the_same_file_is_not_attached_twice_and_that_is_told(window: Window) -> None:
    attach(window, NOTES.path, NOTES.path)
    assert names(window) == ["notes.txt"]
    assert window.composer.files.trouble.text().startswith("notes.txt goes with this question already.")
    window.view_model.attachments.add_text("one two", "Pasted text")
    assert not window.composer.files.trouble.isVisible()


def test_while_a_file_is_read_its_pages_are_told_nothing_is_sent_and_it_can_be_let_go(window: Window) -> None:
    window.view_model.attachments.add_paths(["/home/ana/long.pdf"])
    window.qtbot.keyClicks(window.composer.field, "When?")
    reading = window.core.readings[-1]
    reading.progress(3, 40)
    window.qtbot.waitUntil(lambda: said(window) == ["long.pdf page 3 of 40"])
    window.qtbot.keyClick(window.composer.field, Qt.Key.Key_Return)
    assert not window.core.called("send")
    assert not window.composer.send.isEnabled()
    QTest.keyClick(chips(window)[0], Qt.Key.Key_Delete)
    assert reading.operation.cancelled
    assert window.composer.send.isEnabled()
    window.qtbot.wait(20)
    assert chips(window) == []


def test_a_file_that_is_refused_says_why_and_the_others_are_sent(window: Window) -> None:
    attach(window, NOTES.path)
    window.view_model.attachments.add_paths(["/home/ana/setup.exe"])
    reading = window.core.readings[-1]
    reading.fail(Problem("document_not_text", {"file": reading.path}))
    window.qtbot.waitUntil(lambda: said(window)[1:] == ["setup.exe not attached"])
    assert "There is no text in setup.exe" in window.composer.files.trouble.text()
    window.ask("When?")
    assert window.core.called("send")[0][2] == (NOTES,)
    assert chips(window) == []


def test_files_that_do_not_fit_are_told_with_the_numbers_before_they_are_sent(window: Window) -> None:
    window.core.script = Script(plan=ContextPlan(limit_tokens=66, prompt_tokens=0, reply_tokens=0))
    attach(window, NOTES.path)
    warning = window.composer.files.warning
    window.qtbot.waitUntil(lambda: bool(warning.text()))
    assert warning.text() == "Too long for the model: 3 tokens with these files, and 2 fit."


def test_each_chat_keeps_its_own_files_also_one_that_is_still_read(window: Window) -> None:
    window.ask("First").finish()
    first = window.reply.reply.chat
    window.view_model.attachments.add_paths(["/home/ana/long.pdf"])
    window.view_model.new()
    attach(window, NOTES.path)
    window.core.readings[-1].finish("long text", 2)
    window.qtbot.wait(20)
    assert names(window) == ["notes.txt"]
    window.view_model.open(first)
    window.qtbot.waitUntil(lambda: names(window) == ["long.pdf"])
    assert window.core.drafts[first].files[0].text == "long text"
    assert window.core.drafts[0] == Draft("", (NOTES,))


def test_files_of_the_last_run_are_there_again(qtbot: QtBot) -> None:
    core = FakeCore(automatic=False)
    core.drafts[0] = Draft("When?", (NOTES,))
    window = build(qtbot, core)
    qtbot.waitUntil(lambda: names(window) == ["notes.txt"])
    assert window.composer.field.toPlainText() == "When?"
    core.close()


def test_files_of_a_question_that_was_not_taken_up_come_back(window: Window) -> None:
    window.ask("First").finish()
    window.qtbot.waitUntil(lambda: not window.view_model.running)
    attach(window, NOTES.path)
    window.core.fail("send", Problem("storage_full", {"folder": "/home"}))
    window.view_model.send("When?")
    window.qtbot.waitUntil(lambda: names(window) == ["notes.txt"])
    assert window.composer.field.toPlainText() == "When?"
    assert [turn.text for turn in window.view_model.turns] == ["First", ""]


def test_a_file_of_a_question_opens_by_mouse_and_keyboard_and_its_text_can_be_copied(window: Window) -> None:
    attach(window, GUIDE.path)
    window.ask("When?").finish()
    window.settle()
    entry = window.shown(0).entry
    assert entry is not None
    (link,) = links_of(entry)
    with window.qtbot.waitSignal(window.view.file_opened) as opened:
        window.view.follow_link(0, link)
    assert opened.args == [GUIDE]
    at = window.point_in(0, 1, 30, 8)
    menu = window.view._mouse.menu(at)
    next(a for a in menu.actions() if a.text() == "Copy the text of this file").trigger()
    assert QGuiApplication.clipboard().text() == "first page\n\nsecond page"
    menu.deleteLater()


def test_a_question_is_edited_with_its_files_and_can_let_go_of_one(window: Window) -> None:
    attach(window, GUIDE.path, NOTES.path)
    window.ask("When?").finish()
    window.qtbot.waitUntil(lambda: not window.view_model.running)
    question = window.view_model.turns[0].key
    window.view_model.messages.begin_edit(question)
    card = window.view.editing.card
    kept = list(card.files.chips.values())
    assert [chip.body.text() for chip in kept] == ["guide.pdf", "notes.txt"]
    QTest.mouseClick(kept[0].close_button, Qt.MouseButton.LeftButton)
    assert [chip.body.text() for chip in card.files.chips.values()] == ["notes.txt"]
    card.send.click()
    window.qtbot.waitUntil(lambda: bool(window.core.called("send_edited")))
    assert window.core.called("send_edited")[0] == (question, "When?", (NOTES,))


def test_a_link_that_a_model_writes_opens_no_file(window: Window) -> None:
    reply = window.ask("Hello")
    reply.write("[look](attached:0:notes.txt)")
    reply.finish()
    window.settle()
    entry = window.shown(1).entry
    assert entry is not None
    opened: list[object] = []
    window.view.file_opened.connect(opened.append)
    for link in links_of(entry):
        window.view.follow_link(1, link)
    assert opened == []


def test_tab_goes_from_the_buttons_of_the_composer_through_its_files(window: Window) -> None:
    attach(window, GUIDE.path)
    window.view_model.attachments.add_text("a long text", "Pasted text")
    guide, pasted = chips(window)
    composer = window.composer
    stops = [composer.field, composer.attach, composer.send]
    stops += [guide.body, guide.close_button, pasted.body, pasted.back, pasted.close_button]
    composer.field.setFocus()
    for stop in stops[1:]:
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is stop
    QTest.keyClick(pasted, Qt.Key.Key_Delete)
    assert QApplication.focusWidget() is guide.body


def test_files_that_came_and_files_that_were_refused_are_announced(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda event: heard.append(event.message()))
    attach(window, NOTES.path)
    window.view_model.attachments.add_paths(["/home/ana/setup.exe"])
    reading = window.core.readings[-1]
    reading.fail(Problem("document_not_text", {"file": reading.path}))
    window.qtbot.waitUntil(lambda: len(heard) == 2)
    assert heard[0] == "notes.txt is attached"
    assert heard[1].startswith("There is no text in setup.exe")


# ── in the whole window ──


def drag(paths: list[Path], at: QPointF, kind: type[QDropEvent]) -> tuple[QDropEvent, QMimeData]:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    args = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    return kind(at.toPoint() if kind is QDragEnterEvent else at, *args), mime


def test_dropped_files_go_where_they_are_let_go(open_window: Open, tmp_path: Path) -> None:  # noqa: F811
    whole = open_window(core_with_chats())
    zones = whole.workspace.middle.zones
    page = zones.parentWidget()
    enter, kept = drag([tmp_path / "a.pdf"], QPointF(200, 300), QDragEnterEvent)
    QApplication.sendEvent(page, enter)
    QApplication.sendEvent(zones, enter)  # they came under the mouse
    assert zones.isVisible()
    below, kept_below = drag([tmp_path / "a.pdf"], zones.boxes()["question"].center(), QDropEvent)
    QApplication.sendEvent(zones, below)
    assert not zones.isVisible()
    assert whole.core.called("read_file") == [(str(tmp_path / "a.pdf"),)]
    assert whole.workspace.panel == ""
    QApplication.sendEvent(page, enter)
    QApplication.sendEvent(zones, enter)  # they came under the mouse
    above, kept_above = drag([tmp_path / "b.pdf"], zones.boxes()["documents"].center(), QDropEvent)
    QApplication.sendEvent(zones, above)
    assert whole.workspace.panel == "documents"
    assert len(whole.core.called("read_file")) == 1
    del kept, kept_below, kept_above


def test_an_attached_file_opens_beside_the_conversation_page_by_page(open_window: Open) -> None:  # noqa: F811
    whole = open_window(core_with_chats())
    whole.session.show_file(FilePart("guide", "first page\fsecond page", "/home/ana/guide", 2))
    viewer = whole.session.viewer
    assert whole.workspace.panel == "viewer"
    assert (viewer.mode, viewer.page_text, viewer.pages) == ("text", "first page", 2)
    viewer.next_page()
    assert viewer.page_text == "second page"


def test_the_meter_counts_the_files_before_they_are_sent(open_window: Open) -> None:  # noqa: F811
    core = core_with_chats()
    core.texts[NOTES.path] = NOTES
    whole = open_window(core)
    whole.session.conversation.attachments.add_paths([NOTES.path])
    context = whole.session.context

    def of_files() -> list[int]:
        parts = context.prompt.plan.parts if context.prompt is not None else ()
        return [part.tokens for part in parts if part.origin == "files"]

    whole.qtbot.waitUntil(lambda: of_files() == [3])
