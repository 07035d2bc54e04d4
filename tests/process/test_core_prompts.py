"""System prompts through the whole core: what is planned, what the engine gets, what survives a kill."""

import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop import i18n
from desktop.core.chats.store import ChatStore
from desktop.core.errors import CoreError
from desktop.core.events import Planned
from desktop.core.replies.chat_prompts import ChatPrompts
from desktop.core.services import Services
from desktop.core.types.prompts import Example, PromptContent
from tests.fakes.house import PATIENCE_S, Heard, house

SHORT = PromptContent(
    "Short",
    "Answer {{name}} in {{language}}, briefly.",
    (Example("Is it {{name}}?", "Yes."), Example("And now?", "No.")),
)


def new_chat(core: Services) -> int:
    return core.create_chat().result(PATIENCE_S).info.id


def with_prompt(core: Services, content: PromptContent = SHORT, name: str = "Ana") -> int:
    key = core.save_prompt("", content).result(PATIENCE_S).info.key
    chat = new_chat(core)
    core.choose_prompt(chat, key).result(PATIENCE_S)
    core.set_prompt_values(chat, {"name": name}).result(PATIENCE_S)
    return chat


def received(core: Services, chat: int) -> tuple[list[tuple[str, str]], str]:
    """What the engine was given for a question: (role, content) of every message, and the schema."""
    said = core.send(chat, "!prompt").result(PATIENCE_S).text
    messages, schema = msgspec.json.decode(said)
    return [(one["role"], one["content"]) for one in messages], schema


def test_the_engine_gets_the_prompt_as_it_is_shown_and_the_examples_before_every_turn(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = with_prompt(core)
        shown = core.chat_prompt(chat).result(PATIENCE_S)
        assert shown.text == "Answer Ana in English, briefly."
        first, schema = received(core, chat)
        assert first == [
            ("system", shown.text),
            ("user", "Is it Ana?"),
            ("assistant", "Yes."),
            ("user", "And now?"),
            ("assistant", "No."),
            ("user", "!prompt"),
        ]
        assert not schema
        second, _schema = received(core, chat)
        assert second[:6] == first
        assert len(second) == 8


def test_what_is_planned_is_what_is_sent_with_its_examples_counted_apart(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = with_prompt(core)
        planned = core.plan_prompt(chat, "Good morning", tokens=True).result(PATIENCE_S)
        operation, heard = core.send(chat, "Good morning"), Heard()
        operation.subscribe(heard)
        operation.result(PATIENCE_S)
        assert heard.of(Planned)[-1].plan.prompt_tokens == planned.plan.prompt_tokens
        parts = {part.origin: part.tokens for part in planned.plan.parts}
        assert parts["system"] > 0
        assert parts["examples"] > 0
        examples = "".join(token.text for token in planned.tokens if token.origin == "examples")
        assert "Ana" in examples


def test_a_default_is_what_the_first_turn_gets_too_and_stays_with_the_chat(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        path = core.list_models().result(PATIENCE_S)[0].path
        core.set_setting("model_path", path).result(PATIENCE_S)
        content = PromptContent("Model's", "For this model.", (Example("a", "b"),))
        key = core.save_prompt("", content).result(PATIENCE_S).info.key
        core.set_default_prompt(key, model=path).result(PATIENCE_S)
        chat = new_chat(core)
        assert core.chat_prompt(chat).result(PATIENCE_S).source == "model"
        messages, _ = received(core, chat)
        assert messages[:3] == [("system", "For this model."), ("user", "a"), ("assistant", "b")]
        core.set_default_prompt("", model=path).result(PATIENCE_S)
        core.delete_prompt(key).result(PATIENCE_S)
        again, _ = received(core, chat)
        assert again[:4] == messages


def test_a_schema_of_the_prompt_is_what_replies_must_look_like(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = new_chat(core)
        core.choose_prompt(chat, "extract.en").result(PATIENCE_S)
        _messages, schema = received(core, chat)
        assert "amounts" in schema
        reply = core.open_chat(chat).result(PATIENCE_S).messages[-1]
        operation = core.continue_reply(reply.id)
        assert operation.result(PATIENCE_S).state == "complete"


def test_nothing_is_asked_or_stored_while_something_is_missing_whatever_the_way(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = with_prompt(core)
        reply = core.send(chat, "Hello").result(PATIENCE_S)
        before = core.open_chat(chat).result(PATIENCE_S).messages
        core.set_prompt_values(chat, {}).result(PATIENCE_S)
        for ask in (
            lambda: core.send(chat, "Hello"),
            lambda: core.regenerate(reply.id),
            lambda: core.continue_reply(reply.id),
            lambda: core.send_edited(before[0].id, "Hello?"),
        ):
            with pytest.raises(CoreError) as refused:
                ask().result(PATIENCE_S)
            assert refused.value.problem().code == "prompt_values_missing"
            assert refused.value.problem().params["names"] == "name"
        assert core.open_chat(chat).result(PATIENCE_S).messages == before
        assert "{{name}}" in core.chat_prompt(chat).result(PATIENCE_S).text


def test_a_temporary_chat_leaves_no_trace_of_its_prompt(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = core.create_chat(temporary=True).result(PATIENCE_S).info.id
        core.edit_chat_prompt(chat, PromptContent("", "xylophone {{name}}")).result(PATIENCE_S)
        core.set_prompt_values(chat, {"name": "marimba"}).result(PATIENCE_S)
        assert received(core, chat)[0][0] == ("system", "xylophone marimba")
        written = [file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file()]
    assert not any(word in data for data in written for word in (b"xylophone", b"marimba"))


def test_the_date_stays_through_a_day_and_moves_with_the_next(tmp_path: Path) -> None:
    now = datetime(2026, 11, 22, 9, 30)
    before = i18n.language()
    i18n.set_language("en")
    store = ChatStore(tmp_path / "chats.sqlite3")
    try:
        prompts = ChatPrompts(lambda: "It is {{date}}, {{time}}.", lambda: ("/m.gguf", "m"), lambda: now)
        chat = store.create_chat().info.id
        first = prompts.for_turn(store, chat).text
        assert "November 22, 2026" in first
        store.add_turn(chat, ())
        now = now.replace(hour=23)
        assert prompts.of(store, chat).text == prompts.for_turn(store, chat).text == first
        now = now.replace(day=23, hour=0)
        assert "November 23, 2026" in prompts.of(store, chat).text
        assert "November 22" in store.kept_prompt(chat)[1].fixed["date"], "looking stores nothing"
        prompts.for_turn(store, chat)
        assert "November 23" in store.kept_prompt(chat)[1].fixed["date"]
    finally:
        store.close()
        i18n.set_language(before)


def test_a_prompt_without_the_programs_variables_is_stored_once_and_for_all(tmp_path: Path) -> None:
    store = ChatStore(tmp_path / "chats.sqlite3")
    prompts = ChatPrompts(lambda: "Be brief.", lambda: ("/m.gguf", "m"))
    chat = store.create_chat("Be brief.").info.id
    prompts.for_turn(store, chat)
    assert not store.kept_prompt(chat)[1].fixed
    store.close()


WRITER = """
import os, sys
from desktop.core.types.prompts import PromptContent
from tests.fakes.house import PATIENCE_S, open_house, places_in
from pathlib import Path
core = open_house(places_in(Path(sys.argv[1])))
core.save_prompt_draft("k", PromptContent("Later", "Half a sent")).result(PATIENCE_S)
chat = core.create_chat().result(PATIENCE_S).info.id
core.edit_chat_prompt(chat, PromptContent("", "For this chat")).result(PATIENCE_S)
print(chat, flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
def test_what_was_written_and_not_saved_survives_a_kill(tmp_path: Path) -> None:
    arguments: list[Any] = [sys.executable, "-c", WRITER, str(tmp_path)]
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(arguments, **pipes, cwd=root, env=environment) as writer:
        assert writer.stdout is not None
        chat = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
    with house(tmp_path) as core:
        prompt = core.open_prompt("k").result(PATIENCE_S)
        assert prompt.draft == PromptContent("Later", "Half a sent")
        assert core.chat_prompt(chat).result(PATIENCE_S).text == "For this chat"
