"""What every core does with one question that two sides answer."""

import threading
from pathlib import Path

import pytest

from desktop.core.contract import Core
from desktop.core.events import TextAdded, TurnSaved
from desktop.core.types.comparing import (
    Comparison,
    ComparisonPlanned,
    Side,
    SideEnded,
    SideEvent,
)
from desktop.core.types.prompts import PromptContent
from tests.contract.conftest import code_of
from tests.fakes.core import FakeCore
from tests.fakes.engine_files import write_fake_model
from tests.fakes.house import PATIENCE_S, Heard
from tests.fakes.replies import Script

SLOW = "!slow " + " ".join(f"word{n}" for n in range(30))  # the fake engine says it again, word by word
LONG = " ".join(f"word{n}" for n in range(2000))


@pytest.fixture
def script() -> Script:
    return Script(text="Seven euros for everyone.")


@pytest.fixture(autouse=True)
def _two_models(core: Core, tmp_path: Path) -> None:
    if not isinstance(core, FakeCore):
        write_fake_model(tmp_path / "models" / "other.gguf")


def models(core: Core) -> tuple[str, str]:
    """Two that can be used, the chosen one first."""
    found = [model.path for model in core.list_models().result(PATIENCE_S) if model.problem is None]
    core.load_model(found[0]).result(PATIENCE_S)
    return found[0], found[1]


def new_chat(core: Core, *, temporary: bool = False) -> int:
    return core.create_chat(temporary=temporary).result(PATIENCE_S).info.id


def asked(core: Core, chat: int, text: str, *sides: Side) -> tuple[Comparison, Heard]:
    heard = Heard()
    operation = core.compare(chat, text, (sides[0], sides[1]))
    operation.subscribe(heard)
    return operation.result(PATIENCE_S), heard


BRIEF, LONGER = Side(prompt="Be brief."), Side(prompt="Tell everything.")


def test_two_prompts_are_answered_in_turn_by_one_model_as_versions_of_one_reply(core: Core) -> None:
    models(core)
    chat = new_chat(core)
    compared, heard = asked(core, chat, "How much is it?", BRIEF, LONGER)
    assert heard.of(ComparisonPlanned) == [ComparisonPlanned("one_model")]
    first, second = (side.messages for side in compared.sides)
    assert first[0] == second[0]
    assert (first[0].text, first[0].role) == ("How much is it?", "user")
    assert first[1].versions == second[1].versions == (first[1].id, second[1].id)
    assert all(reply.state == "complete" and reply.text for reply in (first[1], second[1]))
    for side, reply in enumerate((first[1], second[1])):
        told = [event.event for event in heard.of(SideEvent) if event.side == side]
        assert [event.reply.id for event in told if isinstance(event, TurnSaved)] == [reply.id]
        assert "".join(event.text for event in told if isinstance(event, TextAdded)) == reply.text
    assert [(ended.side, ended.reply.text) for ended in heard.of(SideEnded)] == [
        (0, first[1].text),
        (1, second[1].text),
    ]
    begins = [event.side for event in heard.of(SideEvent) if isinstance(event.event, TextAdded)]
    assert begins == sorted(begins)


def test_two_models_that_fit_answer_at_the_same_time(core: Core) -> None:
    _, other = models(core)
    compared, heard = asked(core, new_chat(core), "How much is it?", Side(), Side(model=other))
    assert heard.of(ComparisonPlanned) == [ComparisonPlanned("")]
    replies = [side.messages[-1] for side in compared.sides]
    assert [reply.state for reply in replies] == ["complete", "complete"]
    assert replies[0].model != replies[1].model
    core.leave_comparison().result(PATIENCE_S)


def test_later_questions_stand_in_each_branch(core: Core) -> None:
    models(core)
    chat = new_chat(core)
    before, _ = asked(core, chat, "How much is it?", BRIEF, LONGER)
    after, _ = asked(core, chat, "And for children?", BRIEF, LONGER)
    for old, new in zip(before.sides, after.sides, strict=True):
        assert [message.id for message in new.messages[:2]] == [message.id for message in old.messages]
        assert [message.text for message in new.messages[::2]] == ["How much is it?", "And for children?"]
        assert new.messages[2].parent == old.messages[-1].id
    again = core.open_comparison(chat).result(PATIENCE_S)
    assert again.kept
    assert [side.side for side in again.sides] == [BRIEF, LONGER]
    assert [side.messages for side in again.sides] == [side.messages for side in after.sides]


def test_a_comparison_goes_on_from_what_was_said_before_in_the_chat(core: Core) -> None:
    models(core)
    chat = new_chat(core)
    said = core.send(chat, "Good morning").result(PATIENCE_S)
    before = core.open_comparison(chat).result(PATIENCE_S)
    assert not before.kept
    compared, _ = asked(core, chat, "How much is it?", BRIEF, LONGER)
    for side in compared.sides:
        assert [message.id for message in side.messages][1] == said.id
        assert len(side.messages) == 4


@pytest.mark.parametrize("side", [0, 1])
def test_what_is_kept_is_shown_with_its_prompt_and_the_other_stays_as_a_version(
    core: Core, side: int
) -> None:
    models(core)
    chat = new_chat(core)
    compared, _ = asked(core, chat, "How much is it?", BRIEF, LONGER)
    replies = [one.messages[-1].id for one in compared.sides]
    shown = core.keep_side(chat, side).result(PATIENCE_S)
    assert [message.id for message in shown.messages] == [compared.sides[0].messages[0].id, replies[side]]
    assert core.chat_prompt(chat).result(PATIENCE_S).text == ("Be brief.", "Tell everything.")[side]
    other = core.activate(replies[1 - side]).result(PATIENCE_S)
    assert other.messages[-1].id == replies[1 - side]
    assert not core.open_comparison(chat).result(PATIENCE_S).kept
    core.activate(replies[side]).result(PATIENCE_S)
    more = core.send(chat, "And for children?").result(PATIENCE_S)
    assert core.open_chat(chat).result(PATIENCE_S).messages[-1].id == more.id
    assert code_of(core.keep_side(chat, 0)) == "unknown_message"


def test_a_prompt_of_the_library_and_values_of_a_side_become_the_chats_when_it_is_kept(core: Core) -> None:
    models(core)
    prompt = core.save_prompt("", PromptContent(name="Short", text="Be brief.")).result(PATIENCE_S)
    chat = new_chat(core)
    side = Side(prompt_key=prompt.info.key, values={"temperature": 0.3})
    asked(core, chat, "How much is it?", Side(), side)
    core.keep_side(chat, 1).result(PATIENCE_S)
    kept = core.chat_prompt(chat).result(PATIENCE_S)
    assert (kept.key, kept.text) == (prompt.info.key, "Be brief.")
    assert core.reply_values(chat=chat).result(PATIENCE_S).values["temperature"] == 0.3


@pytest.mark.parametrize("side", [0, 1])
def test_one_side_answers_once_more_beside_what_it_said(core: Core, side: int) -> None:
    models(core)
    chat = new_chat(core)
    assert code_of(core.answer_side_again(chat, side)) == "unknown_message"
    before, _ = asked(core, chat, "How much is it?", BRIEF, LONGER)
    heard = Heard()
    operation = core.answer_side_again(chat, side)
    operation.subscribe(heard)
    after = operation.result(PATIENCE_S)
    assert [(ended.side, ended.reply.state) for ended in heard.of(SideEnded)] == [(side, "complete")]
    assert after.kept
    assert after.sides[side].messages[0] == before.sides[side].messages[0]
    assert after.sides[side].messages[-1].id != before.sides[side].messages[-1].id
    assert after.sides[1 - side].messages[-1].id == before.sides[1 - side].messages[-1].id
    assert len(after.sides[side].messages[-1].versions) == 3


def test_who_goes_on_elsewhere_compares_anew_from_there(core: Core) -> None:
    models(core)
    chat = new_chat(core)
    asked(core, chat, "How much is it?", BRIEF, LONGER)
    went_on = core.send(chat, "And for children?").result(PATIENCE_S)
    now = core.open_comparison(chat).result(PATIENCE_S)
    assert not now.kept
    assert now.sides[0].messages == now.sides[1].messages
    assert now.sides[0].messages[-1].id == went_on.id


def test_what_cannot_be_asked_leaves_nothing_behind(core: Core) -> None:
    models(core)
    chat = new_chat(core)
    assert code_of(core.compare(chat, "  ", (BRIEF, LONGER))) == "empty_question"
    assert code_of(core.compare(999_999, "Hello", (BRIEF, LONGER))) == "unknown_chat"
    missing = Side(prompt="You speak {{tongue}}.")
    assert code_of(core.compare(chat, "Hello", (BRIEF, missing))) == "prompt_values_missing"
    unknown = Side(prompt_key="nowhere")
    assert code_of(core.compare(chat, "Hello", (unknown, BRIEF))) == "unknown_prompt"
    assert core.open_chat(chat).result(PATIENCE_S).messages == ()


def test_one_side_is_stopped_and_the_other_goes_on(core: Core) -> None:
    _, other = models(core)
    if isinstance(core, FakeCore):
        core.side_scripts[1] = Script(text=LONG, step_s=0.05)
    chat = new_chat(core)
    operation = core.compare(chat, SLOW, (Side(), Side(model=other)))
    begun, over = threading.Event(), threading.Event()

    def follow(event: object) -> None:
        if isinstance(event, SideEvent) and event.side == 1 and isinstance(event.event, TextAdded):
            begun.set()
        if isinstance(event, SideEnded) and event.side == 1:
            over.set()

    operation.subscribe(follow)
    assert begun.wait(PATIENCE_S)
    assert code_of(core.send(chat, "Hello")) == "reply_running"
    core.stop_side(chat, 1)
    assert over.wait(PATIENCE_S)
    result = operation.result(PATIENCE_S)
    assert [side.messages[-1].state for side in result.sides] == ["complete", "stopped"]
    assert result.sides[1].messages[-1].text


def test_cancelling_stops_both_and_keeps_what_came(core: Core) -> None:
    models(core)
    if isinstance(core, FakeCore):
        core.script = Script(text=LONG, step_s=0.05)
    chat = new_chat(core)
    operation = core.compare(chat, SLOW, (BRIEF, LONGER))
    begun = threading.Event()
    operation.subscribe(
        lambda event: (
            begun.set() if isinstance(event, SideEvent) and isinstance(event.event, TextAdded) else None
        )
    )
    assert begun.wait(PATIENCE_S)
    operation.cancel()
    result = operation.result(PATIENCE_S)
    assert [side.messages[-1].state for side in result.sides] == ["stopped", "stopped"]
    assert result.sides[0].messages[-1].text


def test_a_temporary_chat_is_compared_as_any_other(core: Core) -> None:
    models(core)
    chat = new_chat(core, temporary=True)
    compared, _ = asked(core, chat, "How much is it?", BRIEF, LONGER)
    assert all(message.id < 0 for side in compared.sides for message in side.messages)
    kept = core.keep_chat(chat).result(PATIENCE_S)
    assert kept.messages[-1].versions
    assert not any(chat == found.id for found in core.search_chats("").result(PATIENCE_S))
