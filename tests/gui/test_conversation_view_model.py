"""The conversation's view model over the fake core, without widgets."""

import pytest
from pytestqt.qtbot import QtBot

from desktop.core.events import ChatsChanged, Planned
from desktop.core.types import ContextPlan, Problem
from desktop.view_models.conversation import ConversationViewModel
from tests.fakes.core import FakeCore
from tests.fakes.samples import EXCERPTS
from tests.gui.conversation_window import stored


@pytest.fixture
def core() -> FakeCore:
    return FakeCore(automatic=False)


@pytest.fixture
def vm(qtbot: QtBot, core: FakeCore) -> ConversationViewModel:
    return ConversationViewModel(core)


def opened(qtbot: QtBot, vm: ConversationViewModel, chat: int) -> None:
    with qtbot.waitSignal(vm.reset):
        vm.open(chat)


def asked(qtbot: QtBot, vm: ConversationViewModel, core: FakeCore, text: str) -> None:
    before = len(core.replies)
    vm.send(text)
    qtbot.waitUntil(lambda: len(core.replies) > before)
    qtbot.waitUntil(lambda: bool(vm.turns) and vm.turns[-1].key > 0)


def texts(vm: ConversationViewModel) -> list[str]:
    return [turn.text for turn in vm.turns]


def test_a_stored_chat_is_shown_with_the_citations_of_its_replies(
    qtbot: QtBot, vm: ConversationViewModel, core: FakeCore
) -> None:
    opened(qtbot, vm, stored(core, [("How much?", "Seven [1].")], EXCERPTS))
    assert texts(vm) == ["How much?", "Seven [1]."]
    assert [citation.n for citation in vm.turns[1].citations] == [1]
    assert vm.emptiness == ""


def test_the_chat_opened_last_is_shown_whatever_comes_first(
    qtbot: QtBot, vm: ConversationViewModel, core: FakeCore
) -> None:
    one, two = stored(core, [("one", "1")]), stored(core, [("two", "2")])
    vm.open(one)
    with qtbot.waitSignal(vm.reset):
        vm.open(two)
    qtbot.wait(20)
    assert texts(vm) == ["two", "2"]


def test_a_chat_that_cannot_be_opened_says_why(qtbot: QtBot, vm: ConversationViewModel) -> None:
    with qtbot.waitSignal(vm.problem_changed):
        vm.open(99)
    assert vm.problem is not None
    assert vm.problem.code == "unknown_chat"


def test_the_first_question_stores_the_chat_and_only_once(
    qtbot: QtBot, vm: ConversationViewModel, core: FakeCore
) -> None:
    vm.send("first")
    vm.send("second, too soon")
    qtbot.waitUntil(lambda: core.called("send") != [])
    qtbot.wait(20)
    assert len(core.called("create_chat")) == 1
    assert [arguments[1] for arguments in core.called("send")] == ["first"]


def test_what_is_typed_while_the_chat_of_the_first_question_is_stored_stays_in_the_composer(
    qtbot: QtBot, vm: ConversationViewModel, core: FakeCore
) -> None:
    vm.send("first")
    vm.set_draft("and then")
    qtbot.waitUntil(lambda: core.called("send") != [])
    assert vm.draft == "and then"


@pytest.mark.parametrize("call", ["create_chat", "send"])
def test_a_question_that_comes_back_keeps_what_was_typed_behind_it(
    qtbot: QtBot, vm: ConversationViewModel, core: FakeCore, call: str
) -> None:
    core.fail(call, Problem("disk_full"))
    with qtbot.waitSignal(vm.problem_changed):
        vm.send("first")
        vm.set_draft("and then")
    assert vm.draft == "first\n\nand then"


def test_a_question_comes_back_into_the_chat_it_was_asked_in(
    qtbot: QtBot, vm: ConversationViewModel, core: FakeCore
) -> None:
    one, two = stored(core, [("one", "1")]), stored(core, [("two", "2")])
    opened(qtbot, vm, one)
    core.fail("send", Problem("disk_full"))
    vm.send("first")
    vm.set_draft("and then")
    opened(qtbot, vm, two)
    qtbot.wait(20)
    assert vm.draft == ""
    opened(qtbot, vm, one)
    assert vm.draft == "first\n\nand then"


def test_while_a_reply_runs_no_second_question_is_sent(
    qtbot: QtBot, vm: ConversationViewModel, core: FakeCore
) -> None:
    asked(qtbot, vm, core, "first")
    vm.send("second")
    assert [arguments[1] for arguments in core.called("send")] == ["first"]


def test_the_reply_is_told_piece_by_piece_and_ends_with_its_cost(
    qtbot: QtBot, vm: ConversationViewModel, core: FakeCore
) -> None:
    asked(qtbot, vm, core, "How much?")
    pieces: list[str] = []
    vm.text_added.connect(lambda at, text: pieces.append(text))
    core.replies[-1].write("Seven ")
    core.replies[-1].write("euros")
    with qtbot.waitSignal(vm.reply_ended) as ended:
        core.replies[-1].finish()
    assert pieces == ["Seven ", "euros"]
    assert ended.args == [1]
    assert vm.turns[1].state == "complete"
    assert vm.turns[1].stats is not None
    assert not vm.running


def test_a_reply_that_ends_out_of_sight_is_complete_when_its_chat_is_shown_again(
    qtbot: QtBot, vm: ConversationViewModel, core: FakeCore
) -> None:
    asked(qtbot, vm, core, "A story")
    chat = core.replies[-1].reply.chat
    opened(qtbot, vm, stored(core, [("other", "chat")]))
    core.replies[-1].write("The end.")
    core.replies[-1].finish()
    qtbot.wait(20)
    assert texts(vm) == ["other", "chat"]
    opened(qtbot, vm, chat)
    assert texts(vm) == ["A story", "The end."]
    assert vm.turns[1].state == "complete"


def test_two_chats_can_each_wait_for_a_reply(qtbot: QtBot, vm: ConversationViewModel, core: FakeCore) -> None:
    one, two = stored(core, [("one", "1")]), stored(core, [("two", "2")])
    for chat in (one, two):
        opened(qtbot, vm, chat)
        asked(qtbot, vm, core, f"more of {chat}")
    core.replies[0].write("first chat's")
    core.replies[1].write("second chat's")
    qtbot.waitUntil(lambda: vm.turns[-1].text == "second chat's")
    opened(qtbot, vm, one)
    assert vm.turns[-1].text == "first chat's"
    vm.stop()
    qtbot.waitUntil(lambda: not vm.running)
    assert core.replies[0].over
    assert not core.replies[1].over


def test_a_new_try_stands_in_the_old_ones_place(
    qtbot: QtBot, vm: ConversationViewModel, core: FakeCore
) -> None:
    opened(qtbot, vm, stored(core, [("one", "1"), ("two", "old")]))
    old = vm.turns[3].key
    with qtbot.waitSignal(vm.turns_replaced) as replaced:
        vm.regenerate(old)
    qtbot.waitUntil(lambda: vm.turns[-1].key not in (old, -2))
    core.replies[-1].write("new")
    qtbot.waitUntil(lambda: texts(vm) == ["one", "1", "two", "new"])
    assert replaced.args == [3]


def test_a_new_try_that_cannot_begin_leaves_the_old_reply(
    qtbot: QtBot, vm: ConversationViewModel, core: FakeCore
) -> None:
    opened(qtbot, vm, stored(core, [("one", "old")]))
    core.fail("regenerate", Problem("storage_full", {"folder": "/data"}))
    vm.regenerate(vm.turns[1].key)
    qtbot.waitUntil(lambda: vm.problem is not None)
    assert texts(vm) == ["one", "old"]
    assert vm.draft == ""


def test_a_failed_reply_keeps_its_text_and_its_problem(
    qtbot: QtBot, vm: ConversationViewModel, core: FakeCore
) -> None:
    asked(qtbot, vm, core, "How much?")
    core.replies[-1].write("Sev")
    with qtbot.waitSignal(vm.reply_ended):
        core.replies[-1].fail(Problem("engine_died", {"how": "SIGSEGV"}))
    assert vm.turns[1].text == "Sev"
    assert vm.turns[1].problem is not None
    assert vm.turns[1].state == "failed"


def test_the_context_is_what_was_planned_and_then_what_it_came_to(
    qtbot: QtBot, vm: ConversationViewModel, core: FakeCore
) -> None:
    asked(qtbot, vm, core, "How much?")
    with qtbot.waitSignal(vm.context_changed):
        core.replies[-1].emit(Planned(ContextPlan(8192, 1204, 1024, dropped_messages=2)))
    assert vm.context is not None
    assert (vm.context.used_tokens, vm.context.limit_tokens, vm.context.dropped) == (1204, 8192, 2)
    with qtbot.waitSignal(vm.reply_ended):
        core.replies[-1].finish()
    stats = core.replies[-1].operation.result().stats
    assert stats is not None
    assert vm.context.used_tokens == stats.prompt_tokens + stats.generated_tokens
    assert vm.context.dropped == 2


def test_a_title_that_changes_is_followed_and_a_chat_that_is_deleted_is_left(
    qtbot: QtBot, vm: ConversationViewModel, core: FakeCore
) -> None:
    chat = stored(core, [("one", "1")])
    opened(qtbot, vm, chat)
    core.rename_chat(chat, "A better name")
    qtbot.waitUntil(lambda: vm.chat is not None and vm.chat.title == "A better name")
    core.tell(ChatsChanged(()))
    qtbot.waitUntil(lambda: vm.chat is None)
    assert vm.turns == ()


def test_a_chat_can_be_stored_before_its_first_question(
    qtbot: QtBot, vm: ConversationViewModel, core: FakeCore
) -> None:
    vm.set_draft("half")
    got: list[int] = []
    vm.ensure_chat(got.append)
    qtbot.waitUntil(lambda: got != [])
    assert vm.chat is not None
    assert vm.chat.id == got[0]
    assert vm.draft == "half"
    vm.ensure_chat(got.append)
    assert got[0] == got[1]


def test_sources_found_afterwards_are_told_only_when_the_reply_is_finished(
    qtbot: QtBot, vm: ConversationViewModel, core: FakeCore
) -> None:
    asked(qtbot, vm, core, "How much?")
    core.replies[-1].find(EXCERPTS)
    core.replies[-1].write("A ticket costs seven euros. Students pay four euros.")
    qtbot.waitUntil(lambda: vm.turns[1].text.endswith("euros."))
    assert vm.turns[1].citations == ()
    with qtbot.waitSignal(vm.reply_ended):
        core.replies[-1].finish()
    assert [(citation.n, citation.attributed) for citation in vm.turns[1].citations] == [(1, True)]


def test_a_reply_that_names_no_source_is_shown_with_the_closest_pages_once_it_is_finished(
    qtbot: QtBot, vm: ConversationViewModel, core: FakeCore
) -> None:
    asked(qtbot, vm, core, "How much?")
    core.replies[-1].find(EXCERPTS)
    core.replies[-1].write("I like the sea.")
    qtbot.waitUntil(lambda: vm.turns[1].text != "")
    assert vm.turns[1].sources is None
    with qtbot.waitSignal(vm.reply_ended):
        core.replies[-1].finish()
    sources = vm.turns[1].sources
    assert sources is not None
    assert sources.kind == "nearest"
    assert [citation.n for citation in sources.citations][:1] == [EXCERPTS[0].n]
    with qtbot.waitSignal(vm.citation_activated) as activated:
        vm.activate_citation(vm.turns[1].key, EXCERPTS[0].n)
    assert activated.args == [sources.citations[0]]


def test_a_reply_for_which_nothing_was_found_says_so_and_still_does_when_opened_again(
    qtbot: QtBot, vm: ConversationViewModel, core: FakeCore
) -> None:
    asked(qtbot, vm, core, "How much?")
    core.replies[-1].find(())
    core.replies[-1].write("Ten, I believe.")
    with qtbot.waitSignal(vm.reply_ended):
        core.replies[-1].finish()
    chat = vm.chat.id if vm.chat else 0
    assert [turn.sources.kind for turn in vm.turns if turn.sources] == ["nothing"]
    later = ConversationViewModel(core)
    opened(qtbot, later, chat)
    assert [turn.sources.kind for turn in later.turns if turn.sources] == ["nothing"]


def test_a_reply_that_asked_no_documents_says_nothing_of_sources(
    qtbot: QtBot, vm: ConversationViewModel, core: FakeCore
) -> None:
    asked(qtbot, vm, core, "How much?")
    core.replies[-1].write("Ten, I believe.")
    with qtbot.waitSignal(vm.reply_ended):
        core.replies[-1].finish()
    assert vm.turns[1].sources is None


def test_a_stop_that_comes_while_the_chat_is_still_being_made_is_not_lost(qtbot: QtBot) -> None:
    core = FakeCore(automatic=False)
    vm = ConversationViewModel(core)
    vm.send("Hello")
    assert not core.replies
    vm.stop()
    qtbot.waitUntil(lambda: bool(core.replies) and core.replies[-1].operation.cancelled)
    qtbot.waitUntil(lambda: not vm.running)
    assert vm.turns[-1].state == "stopped"
