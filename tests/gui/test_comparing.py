"""Two answers side by side in the real window: asked, stopped, kept, failed; scrolled, narrow."""

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from desktop.core.operations import start
from desktop.core.types import FilePart, Problem
from desktop.core.types.comparing import Side
from desktop.ui.comparing import texts
from desktop.ui.comparing.page import ComparingPage
from desktop.view_models import chat_path
from desktop.view_models.turns import Activity, Turn, alone
from desktop.view_models.viewer import Target
from tests.fakes.samples import MODELS
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture

LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier
LONG = "\n\n".join(f"Paragraph {n} of the answer." for n in range(60))


@pytest.fixture
def whole(open_window: Open) -> WholeWindow:  # noqa: F811
    core = core_with_chats()
    core.automatic = False
    return open_window(core)


@pytest.fixture
def page(whole: WholeWindow) -> ComparingPage:
    page = whole.workspace.show_page("comparing")
    assert isinstance(page, ComparingPage)
    whole.qtbot.waitUntil(lambda: bool(whole.session.comparison.prompts))
    return page


def ask(whole: WholeWindow, page: ComparingPage, text: str) -> None:
    before = len(whole.core.replies)
    whole.qtbot.keyClicks(page.asking.field, text)
    whole.qtbot.keyClick(page.asking.field, Qt.Key.Key_Return)
    whole.qtbot.waitUntil(lambda: len(whole.core.replies) == before + 2)


def finish(whole: WholeWindow, *answers: str) -> None:
    for reply, answer in zip(whole.core.replies[-2:], answers, strict=True):
        reply.write(answer)
        reply.finish()
    whole.qtbot.waitUntil(lambda: not whole.session.comparison.running)


def shown(page: ComparingPage, side: int) -> list[str]:
    return [entry.turn.text for entry in page.panes[side].conversation.stack.entries]


def action(menu: QMenu, words: str) -> QAction:
    menu.aboutToShow.emit()
    every = list(menu.actions())
    every += [one for entry in menu.actions() if entry.menu() for one in entry.menu().actions()]
    return next(one for one in every if one.text().startswith(words))


def other_model(whole: WholeWindow) -> str:
    loaded = whole.core.engine.model
    assert loaded is not None
    return next(one.path for one in MODELS if one.problem is None and one.path != loaded.path)


def test_a_question_goes_to_both_sides_and_each_shows_its_own_answer(
    whole: WholeWindow, page: ComparingPage
) -> None:
    assert page.asking.way.text() == texts.way("alike")
    action(page.panes[1].prompt.menu(), "Write one").trigger()
    assert page.panes[1].text.hasFocus()
    whole.qtbot.keyClicks(page.panes[1].text, "Be brief.")
    page.focus_first()
    ask(whole, page, "How much is it?")
    (asked,) = whole.core.called("compare")
    assert asked[1:] == ("How much is it?", (Side(), Side(prompt="Be brief.")))
    assert page.asking.way.text() == texts.way("one_model")
    finish(whole, "It depends.", "Seven euros.")
    assert shown(page, 0) == ["How much is it?", "It depends."]
    assert shown(page, 1) == ["How much is it?", "Seven euros."]

    # the next one too
    ask(whole, page, "And for children?")
    finish(whole, "That depends too.", "Four.")
    assert shown(page, 1) == ["How much is it?", "Seven euros.", "And for children?", "Four."]


def test_models_are_chosen_above_each_side_and_the_line_says_how_they_answer(
    whole: WholeWindow, page: ComparingPage
) -> None:
    path = other_model(whole)
    whole.qtbot.waitUntil(lambda: whole.session.models.listed)
    menu = page.panes[1].model.menu()
    menu.aboutToShow.emit()
    next(one for one in menu.actions() if one.toolTip() == path).trigger()
    assert whole.session.comparison.sides[1].side == Side(model=path)
    assert page.asking.way.text() == texts.way("two_models")
    whole.core.in_turn = "memory"
    ask(whole, page, "How much is it?")
    whole.qtbot.waitUntil(lambda: page.asking.way.text() == texts.way("memory"))
    sides = whole.session.comparison.sides
    whole.core.replies[-2].write("On")
    whole.qtbot.waitUntil(lambda: sides[1].turns[-1].activity == Activity("other_side"))
    assert not page.panes[1].model.isEnabled()
    finish(whole, "e.", "Two.")
    whole.core.in_turn = ""
    ask(whole, page, "And now?")
    whole.qtbot.waitUntil(lambda: page.asking.way.text() == texts.way("together"))


@pytest.mark.parametrize("side", [0, 1])
def test_the_one_that_is_kept_goes_on_in_the_conversation(
    whole: WholeWindow, page: ComparingPage, side: int
) -> None:
    assert not page.panes[side].keep.isVisible()
    ask(whole, page, "How much is it?")
    finish(whole, "It depends.", "Seven euros.")
    whole.qtbot.mouseClick(page.panes[side].keep, LEFT)
    conversation = whole.session.conversation
    answer = ("It depends.", "Seven euros.")[side]
    whole.qtbot.waitUntil(lambda: [turn.text for turn in conversation.turns][1:] == [answer])
    whole.qtbot.waitUntil(lambda: whole.workspace.middle.page == "chat")
    assert len(conversation.turns[1].versions) == 2
    whole.qtbot.waitUntil(lambda: bool(whole.core.called("leave_comparison")))


def test_escape_stops_both_and_then_leaves(whole: WholeWindow, page: ComparingPage) -> None:
    ask(whole, page, "How much is it?")
    for reply in whole.core.replies[-2:]:
        reply.write("Well")
    whole.qtbot.keyClick(page.asking.field, Qt.Key.Key_Escape)
    whole.qtbot.waitUntil(lambda: not whole.session.comparison.running)
    states = [side.turns[-1].state for side in whole.session.comparison.sides]
    assert states == ["stopped", "stopped"]
    whole.qtbot.keyClick(page.asking.field, Qt.Key.Key_Escape)
    assert whole.workspace.middle.page == "chat"


def test_escape_in_a_pane_stops_that_side_alone(whole: WholeWindow, page: ComparingPage) -> None:
    ask(whole, page, "How much is it?")
    for reply in whole.core.replies[-2:]:
        reply.write("Well")
    view = page.panes[1].conversation
    view.setFocus()
    whole.qtbot.keyClick(view, Qt.Key.Key_Escape)
    sides = whole.session.comparison.sides
    whole.qtbot.waitUntil(lambda: sides[1].turns[-1].state == "stopped")
    assert sides[0].turns[-1].state == "streaming"
    assert whole.session.comparison.running


def test_a_side_that_fails_says_so_where_it_happened_and_answers_once_more(
    whole: WholeWindow, page: ComparingPage
) -> None:
    ask(whole, page, "How much is it?")
    first, second = whole.core.replies[-2:]
    second.write("Sev")
    second.fail(Problem("engine_died", {"how": "SIGKILL"}))
    first.write("It depends.")
    first.finish()
    whole.qtbot.waitUntil(lambda: not whole.session.comparison.running)
    sides = whole.session.comparison.sides
    assert [side.turns[-1].state for side in sides] == ["complete", "failed"]
    widget = page.panes[1].conversation.widget_at(1)
    assert widget is not None
    whole.qtbot.mouseClick(widget.remedy, LEFT)
    whole.qtbot.waitUntil(lambda: len(whole.core.called("answer_side_again")) == 1)
    whole.core.replies[-1].write("Seven euros.")
    whole.core.replies[-1].finish()
    whole.qtbot.waitUntil(lambda: not whole.session.comparison.running)
    assert shown(page, 1) == ["How much is it?", "Seven euros."]
    assert shown(page, 0) == ["How much is it?", "It depends."]


def test_what_cannot_be_asked_stays_in_the_field(whole: WholeWindow, page: ComparingPage) -> None:
    whole.core.fail("compare", Problem("prompt_values_missing", {"names": "city"}))
    whole.qtbot.keyClicks(page.asking.field, "How much is it?")
    whole.qtbot.keyClick(page.asking.field, Qt.Key.Key_Return)
    whole.qtbot.waitUntil(page.asking.notice.isVisible)
    whole.qtbot.waitUntil(lambda: page.asking.field.toPlainText() == "How much is it?")
    assert shown(page, 0) == []
    assert not whole.session.comparison.running


def test_what_is_being_written_is_the_chats_draft_in_both_places_and_is_kept(
    whole: WholeWindow, page: ComparingPage
) -> None:
    composer = whole.workspace.composer
    whole.qtbot.keyClicks(page.asking.field, "How much")
    whole.qtbot.keyClick(page.asking.field, Qt.Key.Key_Escape)
    assert composer.field.toPlainText() == "How much"
    whole.qtbot.keyClicks(composer.field, " is it?")
    whole.workspace.show_page("comparing")
    assert page.asking.field.toPlainText() == "How much is it?"
    whole.qtbot.waitUntil(lambda: 0 in whole.core.drafts and whole.core.drafts[0].text == "How much is it?")
    ask(whole, page, "")
    assert (page.asking.field.toPlainText(), composer.field.toPlainText()) == ("", "")


def test_files_that_are_attached_go_to_both_sides(whole: WholeWindow, page: ComparingPage) -> None:
    whole.core.texts = {
        name: FilePart(name, "Seven euros.", path=name) for name in ("/a/guide.txt", "/a/more.txt")
    }
    page.asking.field.files_pasted.emit(["/a/guide.txt"])
    whole.qtbot.waitUntil(lambda: bool(whole.session.comparison.attachments.files))
    assert page.asking.send.isEnabled()
    ask(whole, page, "How much is it?")
    finish(whole, "Seven euros.", "7")
    for side in whole.session.comparison.sides:
        assert [file.path for file in side.turns[0].files] == ["/a/guide.txt"]
    assert not page.asking.files.isVisible()
    # a question that is not taken up has its files again
    whole.core.fail("compare", Problem("prompt_values_missing", {"names": "city"}))
    page.asking.field.files_pasted.emit(["/a/more.txt"])
    whole.qtbot.waitUntil(lambda: bool(whole.session.comparison.attachments.files))
    whole.qtbot.keyClick(page.asking.field, Qt.Key.Key_Return)
    whole.qtbot.waitUntil(page.asking.notice.isVisible)
    assert [file.path for file in whole.session.comparison.attachments.files] == ["/a/more.txt"]


def test_what_is_written_before_the_new_chat_is_open_stays_with_it(
    whole: WholeWindow, page: ComparingPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = whole.session.conversation
    whole.core.texts = {"/a/guide.txt": FilePart("guide.txt", "Seven euros.", path="/a/guide.txt")}
    opened: list[int] = []
    with monkeypatch.context() as slow:
        slow.setattr(type(conversation), "open", lambda _, chat: opened.append(chat))
        ask(whole, page, "How much is it?")
        whole.qtbot.keyClicks(page.asking.field, "And then?")
        page.asking.field.files_pasted.emit(["/a/guide.txt"])
        finish(whole, "Seven euros.", "7")
        whole.qtbot.waitUntil(lambda: bool(whole.session.comparison.attachments.files))
    with whole.qtbot.waitSignal(conversation.reset):
        conversation.open(opened[-1])
    assert page.asking.field.toPlainText() == "And then?"
    assert [file.path for file in whole.session.comparison.attachments.files] == ["/a/guide.txt"]


def test_both_scroll_together_until_that_is_switched_off(whole: WholeWindow, page: ComparingPage) -> None:
    ask(whole, page, "How much is it?")
    finish(whole, LONG, LONG + LONG)
    bars = [pane.conversation.verticalScrollBar() for pane in page.panes]
    whole.qtbot.waitUntil(lambda: all(bar.maximum() > 0 and bar.value() == bar.maximum() for bar in bars))
    bars[0].setValue(0)
    assert bars[1].value() == 0
    bars[1].setValue(bars[1].maximum() // 2)
    assert abs(bars[0].value() - bars[0].maximum() / 2) <= 0.05 * bars[0].maximum()
    whole.qtbot.mouseClick(page.scroll_switch, LEFT)
    before = bars[0].value()
    bars[1].setValue(0)
    assert bars[0].value() == before


def test_in_a_narrow_window_the_sides_stand_behind_tabs(whole: WholeWindow, page: ComparingPage) -> None:
    assert not page.tabs.isVisible()
    whole.window.resize(720, 480)
    whole.qtbot.waitUntil(page.tabs.isVisible)
    assert [pane.isVisible() for pane in page.panes] == [True, False]
    page.tabs.setCurrentIndex(1)
    assert [pane.isVisible() for pane in page.panes] == [False, True]
    whole.window.resize(1120, 760)
    whole.qtbot.waitUntil(lambda: all(pane.isVisible() for pane in page.panes))


def test_what_was_said_before_stands_on_both_sides_and_a_comparison_comes_back(whole: WholeWindow) -> None:
    whole.click_chat("Sourdough")
    whole.wait_for_chat(1)
    said = [turn.text for turn in whole.session.conversation.turns]
    whole.qtbot.keyClick(whole.window, Qt.Key.Key_J, CONTROL)
    page = whole.workspace.middle.show_page("comparing")
    assert isinstance(page, ComparingPage)
    comparison = whole.session.comparison
    whole.qtbot.waitUntil(lambda: comparison.chat is not None and comparison.chat.id == 1)
    assert shown(page, 0) == shown(page, 1) == said
    comparison.write_prompt(1, "Be brief.")
    ask(whole, page, "How much is it?")
    finish(whole, "It depends.", "Seven euros.")
    whole.qtbot.keyClick(page.asking.field, Qt.Key.Key_Escape)
    whole.qtbot.waitUntil(
        lambda: [turn.text for turn in whole.session.conversation.turns][-1:] == ["It depends."]
    )
    whole.session.comparison.choose_prompt(1, "")
    whole.workspace.show_page("comparing")
    whole.qtbot.waitUntil(lambda: comparison.sides[1].side == Side(prompt="Be brief."))
    assert shown(page, 1)[-1] == "Seven euros."


def test_a_chat_that_is_deleted_is_compared_no_longer(whole: WholeWindow, page: ComparingPage) -> None:
    ask(whole, page, "How much is it?")
    finish(whole, "It depends.", "Seven euros.")
    comparison = whole.session.comparison
    assert comparison.chat is not None
    number = comparison.chat.id
    whole.qtbot.waitUntil(lambda: whole.session.chats.current == number)
    whole.core.delete_chat(number)
    whole.qtbot.waitUntil(lambda: comparison.chat is None)
    assert shown(page, 0) == []


def test_a_source_is_shown_beside_the_page(whole: WholeWindow, page: ComparingPage) -> None:
    whole.session.viewer.show(Target(0, "/home/ana/notes.txt", "notes.txt", texts=("Seven euros.",)))
    assert whole.workspace.panel == "viewer"
    assert whole.workspace.middle.page == "comparing"


def test_nothing_is_changed_in_a_pane(whole: WholeWindow, page: ComparingPage) -> None:
    ask(whole, page, "How much is it?")
    finish(whole, "It depends.", "Seven euros.")
    widget = page.panes[0].conversation.widget_at(1)
    assert widget is not None
    assert not widget.action_row.edit.isVisibleTo(widget.action_row)
    assert widget.versions.isHidden()
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    for key in (Qt.Key.Key_F2, Qt.Key.Key_Delete, Qt.Key.Key_Left):
        whole.qtbot.keyClick(widget, key)
    assert not whole.core.called("delete_message")
    assert not whole.core.called("activate")


def test_what_both_sides_show_is_made_where_the_chat_is_read(
    whole: WholeWindow, page: ComparingPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(whole, page, "What did the sea do?")
    finish(whole, "It rose.", "It fell.")
    chat = whole.session.comparison.chat
    assert chat is not None
    read = whole.core.open_comparison(chat.id).result(5)
    asked_for = threading.Event()
    reading = start(lambda _: read if asked_for.wait(10) else None, "open")
    monkeypatch.setattr(whole.core, "open_comparison", lambda _: reading)
    made_on: list[int] = []

    def noted(turn: Turn) -> Turn:
        made_on.append(threading.get_ident())
        return alone(turn)

    monkeypatch.setattr(chat_path, "alone", noted)
    whole.session.comparison.enter(None)
    whole.session.comparison.enter(chat)
    asked_for.set()
    whole.qtbot.waitUntil(lambda: shown(page, 0)[1:] == ["It rose."])
    assert shown(page, 1)[1:] == ["It fell."]
    assert len(made_on) >= 4
    assert threading.get_ident() not in made_on[:4]  # what is over before it is asked for is made at once
