"""System prompts with the starter model: form by examples and schema, a prefix that stays."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.events import Planned
from desktop.core.places import Places
from desktop.core.services import Services, open_core
from desktop.core.types.prompts import PromptContent
from tests.fakes.house import Heard

pytestmark = pytest.mark.models

PATIENCE_S = 280.0


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory, chat_model: Path) -> Iterator[Services]:
    core = open_core(Places.of(tmp_path_factory.mktemp("data"), chat_model.parent), others=())
    try:
        core.load_model(str(chat_model)).result(PATIENCE_S)
        core.set_setting("temperature", 0.0).result(PATIENCE_S)
        core.set_setting("max_reply_tokens", 160).result(PATIENCE_S)
        yield core
    finally:
        core.close()


def chat_with(core: Services, key: str) -> int:
    chat = core.create_chat().result(PATIENCE_S).info.id
    core.choose_prompt(chat, key).result(PATIENCE_S)
    return chat


def test_extracting_gives_json_of_the_promised_shape(core: Services) -> None:
    chat = chat_with(core, "extract.en")
    reply = core.send(chat, "Peter and Lucy met in Rome on 12 June.").result(PATIENCE_S)
    found = json.loads(reply.text)
    assert set(found) == {"people", "places", "dates", "amounts"}
    assert found["places"] == ["Rome"]


def test_examples_make_a_small_model_answer_with_one_of_the_words(core: Services) -> None:
    chat = chat_with(core, "sentiment.en")
    for text in ("I love this lamp.", "Terrible service, never again."):
        reply = core.send(chat, text).result(PATIENCE_S)
        assert reply.text.strip() in ("positive", "negative", "neutral")


def test_a_prompt_with_the_date_is_read_once_and_then_reused(core: Services) -> None:
    content = PromptContent("", "Today is {{date}}, {{time}}. You are {{model}}. Answer in one word.")
    chat = core.create_chat().result(PATIENCE_S).info.id
    core.edit_chat_prompt(chat, content).result(PATIENCE_S)
    planned = core.plan_prompt(chat, "Name a colour.").result(PATIENCE_S).plan
    operation, heard = core.send(chat, "Name a colour."), Heard()
    operation.subscribe(heard)
    first = operation.result(PATIENCE_S)
    assert heard.of(Planned)[-1].plan.prompt_tokens == planned.prompt_tokens
    second = core.send(chat, "Another one.").result(PATIENCE_S)
    assert first.stats is not None
    assert second.stats is not None
    assert second.stats.reused_tokens >= first.stats.prompt_tokens
