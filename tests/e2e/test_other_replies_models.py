"""Replies made from replies with the starter model: branches at exact tokens, and the same text once more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.events import Repeated
from desktop.core.places import Places
from desktop.core.replies.token_spans import spans
from desktop.core.services import Services, open_core
from desktop.core.types import StoredMessage
from engine.protocol import Generate, TokenDetail
from tests.fakes.engine_client import GREEDY, EngineClient, text_of, user
from tests.fakes.house import Heard

pytestmark = pytest.mark.models

PATIENCE_S = 280.0
TRIES = 12


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory, chat_model: Path) -> Iterator[Services]:
    core = open_core(Places.of(tmp_path_factory.mktemp("data"), chat_model.parent))
    try:
        core.set_setting("context_tokens", 1024).result(PATIENCE_S)
        core.set_setting("max_reply_tokens", 40).result(PATIENCE_S)
        core.set_setting("alternatives", 20).result(PATIENCE_S)
        yield core
    finally:
        core.close()


def asked(core: Services, text: str) -> StoredMessage:
    chat = core.create_chat().result(PATIENCE_S).info.id
    return core.send(chat, text).result(PATIENCE_S)


def details_of(core: Services, reply: StoredMessage) -> tuple[TokenDetail, ...]:
    return core.token_details(reply.id).result(PATIENCE_S)


def other_at(details: tuple[TokenDetail, ...], place: int) -> int:
    """The likeliest alternative with letters in it."""
    here = details[place]
    return next(one.id for one in here.before if one.id != here.id and one.text.strip().isalpha())


def test_a_branch_keeps_the_tokens_before_it_and_the_cache_keeps_them_too(core: Services) -> None:
    reply = asked(core, "Tell me a story about a lighthouse.")
    details = details_of(core, reply)
    place = len(details) // 2
    instead = other_at(details, place)
    branch = core.branch_reply(reply.id, place, instead).result(PATIENCE_S)
    known = details_of(core, branch)
    assert [one.id for one in known[:place]] == [one.id for one in details[:place]]
    assert known[place].id == instead
    cut = spans(details, reply.text)[place]
    assert cut is not None
    assert branch.text.startswith(reply.text[: cut[0]] + known[place].text)
    assert branch.stats is not None
    assert branch.stats.record is not None
    assert branch.stats.record.begun
    assert branch.stats.reused_tokens >= branch.stats.prompt_tokens - 2  # all but the new token
    assert len(known) == place + 1 + branch.stats.generated_tokens


def test_the_very_first_token_can_be_another(core: Services) -> None:
    reply = asked(core, "Say hello.")
    details = details_of(core, reply)
    instead = other_at(details, 0)
    branch = core.branch_reply(reply.id, 0, instead).result(PATIENCE_S)
    first = details_of(core, branch)[0]
    assert first.id == instead
    assert branch.text.startswith(first.text.lstrip())


def test_going_on_with_the_end_of_the_reply_ends_it_there(core: Services) -> None:
    for _ in range(TRIES):  # a reply is drawn: not each might have ended earlier
        reply = asked(core, "Say yes.")
        details = details_of(core, reply)
        ends = [
            (place, one.id)
            for place, here in enumerate(details)
            for one in here.before
            if place and not one.text and one.id != here.id
        ]
        if ends:
            break
    branch = core.branch_reply(reply.id, *ends[0]).result(PATIENCE_S)
    cut = spans(details, reply.text)[ends[0][0]]
    assert cut is not None
    assert branch.text == reply.text[: cut[0]]
    assert branch.state == "complete"
    assert branch.stats is not None
    assert (branch.stats.stop_reason, branch.stats.generated_tokens) == ("end", 0)


def test_characters_of_several_tokens_come_whole_out_of_a_given_beginning(
    core: Services, chat_model: Path, tmp_path: Path
) -> None:
    shown = core.plan_prompt(0, "🙂ñ日", tokens=True).result(PATIENCE_S).tokens
    ids = tuple(token.id for token in shown if token.origin == "question")
    assert any("\ufffd" in token.text for token in shown)
    with EngineClient(False, tmp_path / "worker.log") as client:
        client.load(chat_model, 512)
        for count in range(1, len(ids) + 1):
            events = client.ask(Generate((user("Hi"),), GREEDY, max_tokens=1, begins=ids[:count]))
            whole = "".join(letter for letter in text_of(events) if letter in "🙂ñ日")
            assert "🙂ñ日".startswith(whole)
        assert text_of(events).startswith("🙂ñ日")


def test_a_branch_of_a_reply_that_went_on_begins_where_the_first_part_did(core: Services) -> None:
    core.set_setting("max_reply_tokens", 10).result(PATIENCE_S)
    try:
        first = asked(core, "Tell me a story about a ship.")
        whole = core.continue_reply(first.id).result(PATIENCE_S)
        details = details_of(core, whole)
        assert len(details) == 20
        assert whole.text.startswith(first.text)
        branch = core.branch_reply(whole.id, 12, other_at(details, 12)).result(PATIENCE_S)
        cut = spans(details, whole.text)[12]
        assert cut is not None
        assert branch.text.startswith(whole.text[: cut[0]])
    finally:
        core.set_setting("max_reply_tokens", 40).result(PATIENCE_S)


def test_a_reply_is_repeated_to_the_letter_with_the_seed_it_had(core: Services) -> None:
    core.set_setting("temperature", 1.4).result(PATIENCE_S)
    core.set_setting("guess_ahead", False).result(PATIENCE_S)
    reply = asked(core, "Tell me a story about a storm.")
    core.set_setting("temperature", 0.1).result(PATIENCE_S)  # what counts now counts for nothing
    heard = Heard()
    operation = core.repeat_reply(reply.id)
    operation.subscribe(heard)
    again = operation.result(PATIENCE_S)
    core.set_setting("temperature", 0.7).result(PATIENCE_S)
    (told,) = heard.of(Repeated)
    assert again.text == reply.text
    assert told.repetition.identical
    assert reply.stats is not None
    assert again.stats is not None
    assert again.stats.reused_tokens == 0
    assert again.stats.seed == reply.stats.seed
    assert told.repetition.broken == (("cache",) if reply.stats.reused_tokens else ())
