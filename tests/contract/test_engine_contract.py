"""What every engine worker keeps when it loads, counts and renders: one suite over fake and real."""

from pathlib import Path

import pytest

from engine.protocol import (
    CountTokens,
    Generate,
    KvType,
    Loaded,
    LoadModel,
    Message,
    Progress,
    Token,
    Unloaded,
    UnloadModel,
)
from tests.contract.engine_kinds import Kind, kind
from tests.fakes.engine_client import GREEDY, assistant, stats_of, user
from tests.fakes.engine_files import fake_model

__all__ = ["kind"]  # fixtures


def test_a_worker_introduces_itself_first(kind: Kind) -> None:
    assert kind.client.ready.protocol == 1
    assert kind.client.ready.pid == kind.client.child.process.pid
    assert kind.client.ready.runtime


def test_a_load_reports_rising_progress_and_what_was_loaded(kind: Kind) -> None:
    events = kind.client.ask(LoadModel(str(kind.model), 512))
    progress = [event.done for event in events if isinstance(event, Progress)]
    assert progress
    assert progress == sorted(progress)
    assert all(0 <= done <= 1 for done in progress)
    loaded = events[-1]
    assert isinstance(loaded, Loaded)
    assert loaded.model.path == str(kind.model)
    assert loaded.model.context_tokens == 512
    assert loaded.model.parameters > 0
    assert loaded.model.layers > 0
    assert loaded.model.devices == ("CPU",)
    assert loaded.model.has_chat_template


@pytest.mark.parametrize("kv_type", ["f16", "q8_0", "q4_0"])
def test_a_model_writes_with_every_type_of_kv_cache_and_says_which(kind: Kind, kv_type: KvType) -> None:
    loaded = kind.client.ask(LoadModel(str(kind.model), 512, kv_type=kv_type))[-1]
    assert isinstance(loaded, Loaded), loaded
    assert loaded.model.kv_type == kv_type
    assert loaded.model.stepped_down == ()
    text, stats = kind.client.say(user("Hello"), max_tokens=8)
    assert text
    assert stats.generated_tokens > 0


def test_each_bad_file_is_refused_by_its_own_code(kind: Kind, tmp_path: Path) -> None:
    whole = fake_model()
    # the first tensor's name claims a length that none may have
    damaged = whole.replace(b"\x11" + bytes(7) + b"token_embd", b"\xff" + bytes(7) + b"token_embd")
    cases = {
        "missing.gguf": (None, "model_missing"),
        "empty.gguf": (b"", "model_empty"),
        "foreign.gguf": (b"%PDF-1.7 and so on", "model_not_gguf"),
        "cut.gguf": (whole[:-1], "model_truncated"),
        "cut-in-header.gguf": (whole[:100], "model_truncated"),
        "damaged.gguf": (damaged, "model_damaged"),
    }
    for name, (data, code) in cases.items():
        path = tmp_path / name
        if data is not None:
            path.write_bytes(data)
        error = kind.client.fail(LoadModel(str(path))).error
        assert (name, error.code) == (name, code)
        assert error.params["path"] == str(path)


def test_a_file_that_cannot_be_loaded_leaves_the_loaded_model_in_place(kind: Kind, tmp_path: Path) -> None:
    kind.client.load(kind.model, 512)
    kind.client.fail(LoadModel(str(tmp_path / "missing.gguf")))
    text, _ = kind.client.say(user("Hello"), max_tokens=4)
    assert text


def test_a_model_without_a_template_loads_and_says_so_when_asked_to_chat(kind: Kind) -> None:
    loaded = kind.client.load(kind.no_template, 512)
    assert not loaded.model.has_chat_template
    assert kind.client.fail(Generate((user("Hello"),))).error.code == "no_chat_template"
    assert kind.client.fail(CountTokens(((user("Hello"),),))).error.code == "no_chat_template"


def test_without_a_model_every_question_is_answered_by_no_model_loaded(kind: Kind) -> None:
    assert isinstance(kind.client.ask(UnloadModel())[-1], Unloaded)
    assert isinstance(kind.client.ask(UnloadModel())[-1], Unloaded)
    assert kind.client.fail(Generate((user("Hello"),))).error.code == "no_model_loaded"
    assert kind.client.fail(CountTokens(((user("Hello"),),))).error.code == "no_model_loaded"


def test_a_reply_streams_and_its_pieces_are_whole_characters(kind: Kind) -> None:
    kind.client.load(kind.model, 512)
    events = kind.client.ask(Generate((user("¿Qué tal? 😀 naïve"),), GREEDY, max_tokens=100))
    pieces = [event.text for event in events if isinstance(event, Token)]
    assert len(pieces) > 1
    assert all(pieces)
    assert "\ufffd" not in "".join(pieces)
    stats = stats_of(events)
    assert stats.stop_reason in {"end", "length"}
    assert 0 < stats.generated_tokens <= 100
    assert stats.ttft_s >= 0
    assert stats.tokens_per_s > 0


def test_reading_the_prompt_reports_progress_up_to_one(kind: Kind) -> None:
    kind.client.load(kind.model, 2048)
    events = kind.client.ask(Generate((user("one two three " * 90),), GREEDY, max_tokens=1))
    progress = [event.done for event in events if isinstance(event, Progress)]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0


def test_counts_equal_the_prompt_tokens_of_a_reply(kind: Kind) -> None:
    loaded = kind.client.load(kind.model, 512)
    short = (user("Hello"),)
    longer = (Message("system", "Be brief."), user("Hello"), assistant("Hi"), user("¿Y tú? 😀"))
    counted = kind.client.count(short, longer)
    assert counted.context_tokens == loaded.model.context_tokens
    assert counted.tokens[0] < counted.tokens[1]
    for messages, tokens in zip((short, longer), counted.tokens, strict=True):
        _, stats = kind.client.say(*messages, max_tokens=1)
        assert stats.prompt_tokens == tokens


def test_a_rendered_prompt_names_the_message_of_every_token(kind: Kind) -> None:
    kind.client.load(kind.model, 1024)
    messages = (Message("system", "Be brief."), user("Hello there"), assistant("Hi"), user("Why is 😀 so?"))
    rendered = kind.client.render(*messages)
    assert len(rendered.tokens) == kind.client.count(messages).tokens[0]
    for number, message in enumerate(messages):
        text = "".join(token.text for token in rendered.tokens if token.message == number)
        # a character outside of ASCII may be several tokens
        assert text.startswith(message.content.split("😀")[0])
    assert rendered.tokens[-1].message == -1, "the template begins the reply"
    assert rendered.context_tokens == 1024


def test_a_message_can_be_divided_into_segments(kind: Kind) -> None:
    kind.client.load(kind.model, 1024)
    text = "excerpt one\n\nthe order\n\nthe question"
    cuts = (text.index("the order"), text.index("the question"))
    tokens = kind.client.render(user(text), cuts=(cuts,)).tokens
    said = ["".join(t.text for t in tokens if (t.message, t.segment) == (0, n)).strip() for n in range(3)]
    assert said == ["excerpt one", "the order", "the question"]


def test_a_rendered_prompt_tells_how_much_of_it_the_cache_holds(kind: Kind) -> None:
    kind.client.load(kind.model, 1024)
    first = user("Hello there")
    text, _ = kind.client.say(first, max_tokens=60)
    turns = (first, assistant(text), user("And then?"))
    rendered = kind.client.render(*turns)
    _, stats = kind.client.say(*turns, max_tokens=1)
    assert len(rendered.tokens) == stats.prompt_tokens
    assert rendered.cached_tokens == stats.reused_tokens > 0


def test_prompts_are_counted_and_rendered_while_a_reply_is_written(kind: Kind) -> None:
    kind.client.load(kind.endless, kind.roomy_tokens)
    running = kind.client.send(Generate((kind.long_request,), GREEDY))
    while not isinstance(kind.client.next_event(running), Token):
        pass
    counted = kind.client.count((user("Hello"),))
    rendered = kind.client.render(user("Hello"))
    kind.client.cancel(running)
    assert stats_of(kind.client.finish(running)).stop_reason == "cancelled"
    assert len(rendered.tokens) == counted.tokens[0] > 0


def test_a_vocabulary_alone_counts_like_the_whole_model_and_cannot_write(kind: Kind) -> None:
    kind.client.load(kind.model, 512)
    messages = (Message("system", "Be brief."), user("Hello there"))
    whole = kind.client.count(messages).tokens
    loaded = kind.client.ask(LoadModel(str(kind.model), 512, vocabulary_only=True))[-1]
    assert isinstance(loaded, Loaded), loaded
    assert loaded.model.vocabulary_only
    assert loaded.model.context_tokens == 512
    assert kind.client.count(messages).tokens == whole
    assert kind.client.render(*messages).cached_tokens == 0
    assert kind.client.fail(Generate(messages)).error.code == "no_model_loaded"
