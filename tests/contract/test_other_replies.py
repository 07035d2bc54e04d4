"""What every core does with replies made from replies: another way from a token on, the same once more."""

from pathlib import Path

from desktop.core.contract import Core
from desktop.core.events import Repeated, TurnSaved
from desktop.core.types import StoredMessage
from tests.contract.conftest import code_of
from tests.fakes.house import PATIENCE_S, Heard, house


def asked(core: Core, text: str = "Good morning to you") -> StoredMessage:
    """The reply to a question, with alternatives."""
    core.set_setting("alternatives", 3).result(PATIENCE_S)
    chat = core.create_chat().result(PATIENCE_S).info.id
    return core.send(chat, text).result(PATIENCE_S)


def test_a_reply_goes_another_way_from_a_token_on_as_a_version(core: Core) -> None:
    reply = asked(core)
    details = core.token_details(reply.id).result(PATIENCE_S)
    other = next(one for one in details[2].before if one.id != details[2].id)
    heard = Heard()
    operation = core.branch_reply(reply.id, 2, other.id)
    operation.subscribe(heard)
    branch = operation.result(PATIENCE_S)
    assert branch.versions == (reply.id, branch.id)
    begins = details[0].text + details[1].text + other.text
    assert branch.text.startswith(begins)
    assert len(branch.text) > len(begins)
    assert heard.of(TurnSaved)[0].reply.id == branch.id
    shown = core.open_chat(reply.chat).result(PATIENCE_S)
    assert [message.id for message in shown.messages] == [reply.parent, branch.id]
    old = core.activate(reply.id).result(PATIENCE_S)
    assert old.messages[-1].text == reply.text
    known = core.token_details(branch.id).result(PATIENCE_S)
    assert [one.id for one in known[:2]] == [one.id for one in details[:2]]
    assert known[2].text.startswith(other.text)


def test_a_branch_can_branch_again(core: Core) -> None:
    reply = asked(core)
    for _ in range(2):
        details = core.token_details(reply.id).result(PATIENCE_S)
        other = next(one for one in details[1].before if one.id != details[1].id)
        reply = core.branch_reply(reply.id, 1, other.id).result(PATIENCE_S)
    assert len(reply.versions) == 3


def test_only_alternatives_that_are_known_can_be_gone_on_with(core: Core) -> None:
    reply = asked(core)
    known = core.token_details(reply.id).result(PATIENCE_S)
    assert code_of(core.branch_reply(reply.id, 0, 9_999_999)) == "no_alternatives"
    assert code_of(core.branch_reply(reply.id, len(known), known[0].id)) == "no_alternatives"
    assert code_of(core.branch_reply(reply.id, -1, known[0].id)) == "no_alternatives"
    core.set_setting("alternatives", 0).result(PATIENCE_S)
    plain = core.send(reply.chat, "And now?").result(PATIENCE_S)
    assert code_of(core.branch_reply(plain.id, 0, known[0].id)) == "no_alternatives"
    assert code_of(core.branch_reply(424_242, 0, 1)) == "unknown_message"


def test_a_reply_is_repeated_exactly_and_says_so(core: Core) -> None:
    reply = asked(core)
    heard = Heard()
    operation = core.repeat_reply(reply.id)
    operation.subscribe(heard)
    again = operation.result(PATIENCE_S)
    assert again.versions == (reply.id, again.id)
    assert again.text == reply.text
    assert again.stats is not None
    assert again.stats.reused_tokens == 0
    (told,) = heard.of(Repeated)
    assert told.repetition.identical
    assert set(told.repetition.broken) <= {"cache"}


def test_a_prompt_can_be_planned_for_a_chat_that_is_not_stored_and_names_the_messages_of_one_that_is(
    core: Core,
) -> None:
    core.set_setting("system_prompt", "Be brief.").result(PATIENCE_S)
    first = core.plan_prompt(0, "How much?", tokens=True).result(PATIENCE_S)
    assert {"system", "question"} <= {part.origin for part in first.plan.parts}
    assert {token.message for token in first.tokens} == {0}
    reply = asked(core)
    told = core.plan_prompt(reply.chat, "And for children?", tokens=True).result(PATIENCE_S)
    assert {token.message for token in told.tokens if token.origin == "history"} == {reply.parent, reply.id}
    assert {token.message for token in told.tokens if token.origin == "question"} == {0}


def test_a_branch_amid_the_thoughts_thinks_on_and_then_answers(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        reply = asked(core, "!think of it")
        details = core.token_details(reply.id).result(PATIENCE_S)
        assert details[0].text == "<think>"
        assert reply.thoughts is not None
        place = next(n for n, one in enumerate(details) if one.text == "say")
        branch = core.branch_reply(reply.id, place, details[place].before[1].id).result(PATIENCE_S)
        assert branch.thoughts is not None
        assert branch.thoughts.text.startswith("They 1")
