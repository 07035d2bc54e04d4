"""How a stored reply is made, over fake workers: the values that count, its record, and what it drew from."""

from pathlib import Path

import pytest

from desktop.core.errors import CoreError
from desktop.core.events import TokensDrawn
from desktop.core.services import Services
from desktop.core.types import StoredMessage
from engine.protocol import Adapter, Bias, ReplyRecord
from rag.sqlite import sqlite3
from tests.fakes.house import PATIENCE_S, Heard, house, open_house, places_in


def new_chat(core: Services) -> int:
    return core.create_chat().result(PATIENCE_S).info.id


def ask(core: Services, chat: int, text: str = "Good morning") -> StoredMessage:
    return core.send(chat, text).result(PATIENCE_S)


def record_of(reply: StoredMessage) -> ReplyRecord:
    assert reply.stats is not None
    assert reply.stats.record is not None
    return reply.stats.record


def test_a_reply_is_made_as_its_chat_its_model_and_the_settings_say(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat, other = new_chat(core), new_chat(core)
        model = record_of(ask(core, other)).model
        core.set_setting("top_k", 7).result(PATIENCE_S)
        core.set_reply_values({"top_p": 0.5, "temperature": 0.4}, model=model).result(PATIENCE_S)
        core.set_setting("model_path", model).result(PATIENCE_S)
        core.set_reply_values(
            {
                "temperature": 0.0,
                "stop": "zzz\n\\n\\n",
                "logit_bias": "Ana = -2\n#7 = 1.5",
                "adapters": "/a/b.gguf = 0.5",
                "seed": 5,
            },
            chat=chat,
        ).result(PATIENCE_S)
        record = record_of(ask(core, chat))
        assert (record.sampling.temperature, record.sampling.top_p, record.sampling.top_k) == (0.0, 0.5, 7)
        assert record.stop == ("zzz", "\n\n")
        assert record.sampling.logit_bias == (Bias("Ana", -2.0), Bias(7, 1.5))
        assert record.adapters == (Adapter("/a/b.gguf", 0.5),)
        assert record.sampling.seed == 5
        assert record_of(ask(core, other)).sampling.temperature == 0.4


def test_the_record_of_a_reply_survives_a_restart(tmp_path: Path) -> None:
    places = places_in(tmp_path)
    core = open_house(places)
    try:
        chat = new_chat(core)
        core.apply_preset("greedy", chat=chat).result(PATIENCE_S)
        record = record_of(ask(core, chat))
        assert record.runtime == "fake"
        assert record.model
    finally:
        core.close()
    core = open_house(places)
    try:
        kept = core.open_chat(chat).result(PATIENCE_S).messages[1]
        assert record_of(kept) == record
        assert kept.stats is not None
        assert kept.stats.repeatable
        assert core.reply_values(chat=chat).result(PATIENCE_S).values["temperature"] == 0.0
    finally:
        core.close()


def test_documents_make_a_reply_sober_unless_the_person_chose_otherwise_nearby(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = new_chat(core)
        core.set_collections(chat, ("default",)).result(PATIENCE_S)
        sampling = record_of(ask(core, chat, "How much does a ticket cost?")).sampling
        assert (sampling.temperature, sampling.repeat_penalty) == (0.1, 1.0)
        core.set_reply_values({"temperature": 0.9}, chat=chat).result(PATIENCE_S)
        sampling = record_of(ask(core, chat, "How much does a ticket cost?")).sampling
        assert (sampling.temperature, sampling.repeat_penalty) == (0.9, 1.0)


def test_alternatives_are_told_stored_with_the_reply_and_gone_with_its_chat(tmp_path: Path) -> None:
    places = places_in(tmp_path)
    core = open_house(places)
    try:
        chat = new_chat(core)
        plain = ask(core, chat)
        assert core.token_details(plain.id).result(PATIENCE_S) == ()
        core.set_setting("alternatives", 3).result(PATIENCE_S)
        heard = Heard()
        operation = core.send(chat, "And now?")
        operation.subscribe(heard)
        reply = operation.result(PATIENCE_S)
        stored = core.token_details(reply.id).result(PATIENCE_S)
        assert reply.stats is not None
        assert len(stored) == reply.stats.generated_tokens
        assert tuple(detail for event in heard.of(TokensDrawn) for detail in event.details) == stored
        assert all(len(detail.before) == 3 for detail in stored)
        with pytest.raises(CoreError):
            core.token_details(9_999).result(PATIENCE_S)
        core.delete_chat(chat).result(PATIENCE_S)
        core.empty_trash().result(PATIENCE_S)
    finally:
        core.close()
    with sqlite3.connect(places.chats_file) as db:
        assert db.execute("SELECT count(*) FROM token_details").fetchone() == (0,)


def test_a_reply_that_went_on_tells_its_cost_and_its_tokens_from_its_beginning(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = new_chat(core)
        core.set_setting("alternatives", 2).result(PATIENCE_S)
        core.set_setting("max_reply_tokens", 3).result(PATIENCE_S)
        first = ask(core, chat, "How much?")
        before = core.token_details(first.id).result(PATIENCE_S)
        whole = core.continue_reply(first.id).result(PATIENCE_S)
        details = core.token_details(whole.id).result(PATIENCE_S)
        assert details[: len(before)] == before
        assert "".join(detail.text for detail in details) == whole.text
        assert whole.stats is not None
        assert whole.stats.parts[:1] == (first.stats,)
        assert (
            whole.stats.generated_tokens == len(details) == sum(p.generated_tokens for p in whole.stats.parts)
        )
        last = whole.stats.parts[-1]
        held = last.prompt_tokens + last.generated_tokens
        assert whole.stats.prompt_tokens + whole.stats.generated_tokens == held
        core.set_setting("alternatives", 0).result(PATIENCE_S)
        longer = core.continue_reply(whole.id).result(PATIENCE_S)
        assert longer.stats is not None
        assert len(longer.stats.parts) == 3
        core.set_setting("alternatives", 2).result(PATIENCE_S)
        longest = core.continue_reply(longer.id).result(PATIENCE_S)
        # of the tokens in the middle nothing is known: what is told reaches up to the end without a gap
        end = core.token_details(longest.id).result(PATIENCE_S)
        assert longest.text == longer.text + "".join(detail.text for detail in end)


def test_a_value_that_the_engine_refuses_fails_the_reply_with_its_reason_and_the_next_one_works(
    tmp_path: Path,
) -> None:
    with house(tmp_path) as core:
        chat = new_chat(core)
        core.set_reply_values({"logit_bias": "two words = 3"}, chat=chat).result(PATIENCE_S)
        with pytest.raises(CoreError) as failed:
            ask(core, chat)
        assert failed.value.problem().code == "not_one_token"
        core.apply_preset("", chat=chat).result(PATIENCE_S)
        assert ask(core, chat, "Again").state == "complete"


def test_a_setting_with_a_text_that_cannot_be_read_is_refused_when_it_is_set(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        for name, value in (("logit_bias", "nonsense"), ("adapters", "a.gguf = x"), ("stop", "y" * 400)):
            with pytest.raises(CoreError):
                core.set_setting(name, value).result(PATIENCE_S)
            assert core.setting(name) == ""
