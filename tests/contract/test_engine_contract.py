"""What every engine worker keeps, the fake and the real: one suite over both, each a process of its own.

The real one runs a tiny model made here, and where the marker `models` is on, the starter model too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from engine.protocol import (
    ChatSwitched,
    CountTokens,
    Done,
    Failed,
    ForgetChat,
    Generate,
    KvType,
    Loaded,
    LoadModel,
    Message,
    Progress,
    Sampling,
    SwitchChat,
    Token,
    Unloaded,
    UnloadModel,
)
from tests.fakes.engine_client import GREEDY, EngineClient, assistant, stats_of, text_of, user
from tests.fakes.engine_files import fake_model, write_fake_model
from tests.fakes.engine_models import write_tiny_model

ROOM = 1 << 27


@dataclass(frozen=True)
class Kind:
    """One kind of worker, with files and words that make it do what a test needs."""

    client: EngineClient
    model: Path
    endless: Path
    no_template: Path
    long_request: Message  # makes `endless` write for a while
    roomy_tokens: int = 8192  # a window that takes `endless` a while to fill


@pytest.fixture(scope="module", params=["fake", "tiny", pytest.param("starter", marks=pytest.mark.models)])
def kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kind]:
    folder = tmp_path_factory.mktemp(f"engine-{request.param}")
    with EngineClient(request.param == "fake", folder / "worker.log") as client:
        match request.param:
            case "fake":
                model = write_fake_model(folder / "model.gguf")
                bare = write_fake_model(folder / "bare.gguf", template=None)
                yield Kind(client, model, model, bare, user("!long"))
            case "tiny":
                model = write_tiny_model(folder / "model.gguf")
                endless = write_tiny_model(folder / "endless.gguf", endless=True)
                bare = write_tiny_model(folder / "bare.gguf", template=None)
                yield Kind(client, model, endless, bare, user("Talk."), 60_000)
            case _:
                model = request.getfixturevalue("chat_model")
                bare = write_tiny_model(folder / "bare.gguf", template=None)
                yield Kind(client, model, model, bare, user("Write a very long story about a lighthouse."))
        assert client.child.process.poll() is None, "the worker died during a test"


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


def test_the_second_turn_evaluates_only_what_is_new(kind: Kind) -> None:
    kind.client.load(kind.model, 1024)
    first = user("Hello there")
    text, cost = kind.client.say(first, max_tokens=60)
    assert cost.reused_tokens == 0
    _, again = kind.client.say(first, assistant(text), user("And then?"), max_tokens=4)
    assert again.reused_tokens >= cost.prompt_tokens
    # at most its last token was never evaluated
    assert again.reused_tokens >= cost.prompt_tokens + cost.generated_tokens - 1


def test_asking_the_same_again_reuses_all_but_the_last_token(kind: Kind) -> None:
    kind.client.load(kind.model, 512)
    first, _ = kind.client.say(user("Hello there"), max_tokens=20)
    again, stats = kind.client.say(user("Hello there"), max_tokens=20)
    assert stats.reused_tokens == stats.prompt_tokens - 1
    assert again == first


def test_a_changed_beginning_is_read_anew(kind: Kind) -> None:
    kind.client.load(kind.model, 512)
    kind.client.say(user("Hello there"), max_tokens=4)
    _, stats = kind.client.say(Message("system", "Zzz."), user("Hello there"), max_tokens=4)
    assert stats.reused_tokens < stats.prompt_tokens // 2


def test_a_prompt_longer_than_the_window_is_refused_with_both_numbers(kind: Kind) -> None:
    loaded = kind.client.load(kind.model, 256)
    messages = (user("word " * 400),)
    error = kind.client.fail(Generate(messages)).error
    assert error.code == "context_full"
    assert error.params["needed_tokens"] == kind.client.count(messages).tokens[0]
    assert error.params["limit_tokens"] == loaded.model.context_tokens - 1
    text, _ = kind.client.say(user("Hello"), max_tokens=4)
    assert text


def test_a_reply_that_fills_the_window_ends_for_its_length(kind: Kind) -> None:
    loaded = kind.client.load(kind.endless, 256)
    _, stats = kind.client.say(kind.long_request)
    assert stats.stop_reason == "length"
    assert stats.prompt_tokens + stats.generated_tokens == loaded.model.context_tokens
    text, _ = kind.client.say(user("Hello"), max_tokens=4)
    assert text


def test_a_reply_has_at_most_the_tokens_asked_for(kind: Kind) -> None:
    kind.client.load(kind.endless, 256)
    _, stats = kind.client.say(kind.long_request, max_tokens=7)
    assert (stats.generated_tokens, stats.stop_reason) == (7, "length")
    text, stats = kind.client.say(kind.long_request, max_tokens=0)
    assert (text, stats.generated_tokens) == ("", 0)


def test_a_stop_string_ends_the_reply_and_never_shows(kind: Kind) -> None:
    kind.client.load(kind.model, 512)
    whole, _ = kind.client.say(user("Tell me something"), max_tokens=60)
    middle = len(whole) // 2
    stop = whole[middle : middle + 4]
    text, stats = kind.client.say(user("Tell me something"), max_tokens=60, stop=(stop, "never said"))
    assert stats.stop_reason == "stop"
    assert text == whole[: whole.index(stop)]


def test_the_same_seed_gives_the_same_reply_and_is_reported(kind: Kind) -> None:
    kind.client.load(kind.model, 512)

    def say(seed: int | None) -> tuple[str, int]:
        kind.client.say(user("Something else"), max_tokens=1)
        sampling = Sampling(temperature=1.5, seed=seed)
        text, stats = kind.client.say(user("Tell me something"), sampling=sampling, max_tokens=24)
        return text, stats.seed

    assert say(7) == say(7)
    assert say(7)[1] == 7
    text, seed = say(None)
    assert say(seed) == (text, seed)
    assert len({say(number)[0] for number in range(5)}) > 1


def test_settings_out_of_range_are_refused_by_name(kind: Kind) -> None:
    kind.client.load(kind.model, 512)
    for sampling, name in (
        (Sampling(temperature=-1.0), "temperature"),
        (Sampling(temperature=float("nan")), "temperature"),
        (Sampling(top_p=1.5), "top_p"),
        (Sampling(repeat_penalty=0.0), "repeat_penalty"),
        (Sampling(seed=-1), "seed"),
    ):
        error = kind.client.fail(Generate((user("Hello"),), sampling)).error
        assert (error.code, error.params["name"]) == ("bad_setting", name)
    assert kind.client.fail(Generate(())).error.params["name"] == "messages"
    error = kind.client.fail(LoadModel(str(kind.model), context_tokens=1)).error
    assert (error.code, error.params["name"]) == ("bad_setting", "context_tokens")


def test_cancel_ends_a_reply_and_keeps_what_was_written(kind: Kind) -> None:
    kind.client.load(kind.endless, kind.roomy_tokens)
    number = kind.client.send(Generate((kind.long_request,), GREEDY))
    while not isinstance(kind.client.next_event(number), Token):
        pass
    kind.client.cancel(number)
    events = kind.client.finish(number)
    stats = stats_of(events)
    assert stats.stop_reason == "cancelled"
    assert stats.generated_tokens > 0
    text, stats = kind.client.say(user("Hello"), max_tokens=4)
    assert text
    assert stats.reused_tokens > 0


def test_cancel_ends_the_reading_of_a_prompt(kind: Kind) -> None:
    kind.client.load(kind.endless, kind.roomy_tokens)
    words = user("!slow-prompt " + "word " * (kind.roomy_tokens // 6))
    number = kind.client.send(Generate((words,), GREEDY))
    assert isinstance(kind.client.next_event(number), Progress)
    kind.client.cancel(number)
    events = kind.client.finish(number)
    assert text_of(events) == ""
    assert stats_of(events).stop_reason == "cancelled"
    text, _ = kind.client.say(user("Hello"), max_tokens=4)
    assert text


def test_a_load_cancelled_at_once_fails_or_comes_too_late_and_the_next_one_works(kind: Kind) -> None:
    number = kind.client.send(LoadModel(str(kind.model), 512))
    kind.client.cancel(number)
    answer = kind.client.finish(number)[-1]
    assert isinstance(answer, Loaded) or (isinstance(answer, Failed) and answer.error.code == "cancelled")
    kind.client.load(kind.model, 512)


def test_what_waits_behind_a_reply_can_be_cancelled_before_its_turn(kind: Kind) -> None:
    kind.client.load(kind.endless, kind.roomy_tokens)
    running = kind.client.send(Generate((kind.long_request,), GREEDY))
    load = kind.client.send(LoadModel(str(kind.model)))
    reply = kind.client.send(Generate((user("Hello"),), GREEDY))
    for number in (load, reply, running):
        kind.client.cancel(number)
    assert stats_of(kind.client.finish(running)).stop_reason == "cancelled"
    failed = kind.client.finish(load)[-1]
    assert isinstance(failed, Failed)
    assert failed.error.code == "cancelled"
    assert stats_of(kind.client.finish(reply)).stop_reason == "cancelled"


def test_two_requests_are_served_in_order(kind: Kind) -> None:
    kind.client.load(kind.model, 512)
    first = kind.client.send(Generate((user("One"),), GREEDY, max_tokens=20))
    second = kind.client.send(Generate((user("Two"),), GREEDY, max_tokens=20))
    order = []
    while len(order) < 2:
        frame = kind.client.next_frame()
        if isinstance(frame.body, Done):
            order.append(frame.id)
        else:
            assert frame.id == (second if order else first)
    assert order == [first, second]


def test_cancelling_what_is_over_changes_nothing(kind: Kind) -> None:
    kind.client.load(kind.model, 512)
    number = kind.client.send(Generate((user("One"),), GREEDY, max_tokens=2))
    kind.client.finish(number)
    kind.client.cancel(number)
    kind.client.cancel(99_999)
    text, stats = kind.client.say(user("Two"), max_tokens=4)
    assert text
    assert stats.stop_reason != "cancelled"


def test_a_job_between_two_turns_leaves_the_chats_cache_alone(kind: Kind) -> None:
    kind.client.load(kind.model, 512)
    first = user("Hello there")
    text, cost = kind.client.say(first, max_tokens=20)
    job = kind.client.ask(Generate((user("A title, please."),), GREEDY, max_tokens=5, job=True))
    assert text_of(job)
    assert stats_of(job).reused_tokens == 0
    _, again = kind.client.say(first, assistant(text), user("And then?"), max_tokens=4)
    assert again.reused_tokens >= cost.prompt_tokens + cost.generated_tokens - 1


def test_a_job_writes_what_a_turn_would_write(kind: Kind) -> None:
    kind.client.load(kind.model, 512)
    question = Generate((user("Tell me something"),), GREEDY, max_tokens=20)
    alone = text_of(kind.client.ask(question))
    kind.client.say(user("Something else"), max_tokens=4)
    assert text_of(kind.client.ask(msgspec.structs.replace(question, job=True))) == alone


def test_yesterdays_chat_is_not_read_again(kind: Kind, tmp_path: Path) -> None:
    file = tmp_path / "1.kv"
    turn = (user("Hello there " * 40),)
    kind.client.load(kind.model, 1024)
    assert kind.client.ask(SwitchChat(str(file), ROOM))[-1] == ChatSwitched(0)
    text, cost = kind.client.say(*turn, max_tokens=6)
    kind.client.ask(UnloadModel())
    assert file.exists()
    assert file.stat().st_mode & 0o77 == 0
    kind.client.load(kind.model, 1024)
    switched = kind.client.ask(SwitchChat(str(file), ROOM))[-1]
    assert isinstance(switched, ChatSwitched)
    assert switched.held_tokens >= cost.prompt_tokens
    _, again = kind.client.say(*turn, assistant(text), user("And then?"), max_tokens=1)
    assert again.reused_tokens >= cost.prompt_tokens + cost.generated_tokens - 1


def test_a_chat_that_is_left_for_another_and_taken_up_again_is_not_read_again(
    kind: Kind, tmp_path: Path
) -> None:
    files = [str(tmp_path / name) for name in ("1.kv", "2.kv")]
    turns = [(user(f"{word} there " * 40),) for word in ("Hello", "Farewell")]
    kind.client.load(kind.model, 1024)
    for _ in range(2):
        for file, turn in zip(files, turns, strict=True):
            kind.client.ask(SwitchChat(file, ROOM))
            _, stats = kind.client.say(*turn, max_tokens=2)
    assert stats.reused_tokens == stats.prompt_tokens - 1


def test_a_forgotten_chat_leaves_no_file_and_comes_back_no_more(kind: Kind, tmp_path: Path) -> None:
    file = tmp_path / "1.kv"
    kind.client.load(kind.model, 1024)
    for _ in range(2):  # with and without a file
        kind.client.ask(SwitchChat(str(file), ROOM))
        kind.client.say(user("Hello there " * 40), max_tokens=2)
        kind.client.ask(SwitchChat("", ROOM))
    kind.client.ask(SwitchChat(str(file), ROOM))
    kind.client.say(user("Hello there " * 40), max_tokens=2)
    assert isinstance(kind.client.ask(ForgetChat(str(file)))[-1], ChatSwitched)
    kind.client.ask(UnloadModel())
    assert list(tmp_path.iterdir()) == []


def test_a_chat_without_a_file_is_kept_nowhere(kind: Kind, tmp_path: Path) -> None:
    kind.client.load(kind.model, 1024)
    kind.client.ask(SwitchChat("", ROOM))
    kind.client.say(user("Hello there " * 40), max_tokens=2)
    kind.client.ask(SwitchChat(str(tmp_path / "2.kv"), ROOM))
    kind.client.ask(UnloadModel())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("spoil", ["cut short", "one byte", "another model", "longer", "nothing"])
def test_a_state_file_that_is_not_ours_is_not_used(kind: Kind, tmp_path: Path, spoil: str) -> None:
    file = tmp_path / "1.kv"
    turn = (user("Hello there " * 40),)
    kind.client.load(kind.model, 1024)
    kind.client.ask(SwitchChat(str(file), ROOM))
    text, _ = kind.client.say(*turn, max_tokens=6)
    kind.client.ask(UnloadModel())
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= spoil == "one byte"
    data[60] ^= spoil == "another model"  # within the key
    size = {"cut short": len(data) // 2, "nothing": 0}.get(spoil, len(data))
    file.write_bytes(data[:size] + b"more" * (spoil == "longer"))
    kind.client.load(kind.model, 1024)
    assert kind.client.ask(SwitchChat(str(file), ROOM))[-1] == ChatSwitched(0)
    assert not file.exists()
    again, stats = kind.client.say(*turn, max_tokens=6)
    assert (again, stats.reused_tokens) == (text, 0)


def test_a_chat_cannot_be_switched_to_without_a_model(kind: Kind, tmp_path: Path) -> None:
    kind.client.ask(UnloadModel())
    assert kind.client.fail(SwitchChat(str(tmp_path / "1.kv"), ROOM)).error.code == "no_model_loaded"
    assert isinstance(kind.client.ask(ForgetChat(str(tmp_path / "1.kv")))[-1], ChatSwitched)


def test_a_model_that_is_unloaded_while_it_writes_finishes_first(kind: Kind) -> None:
    kind.client.load(kind.model, 512)
    reply = kind.client.send(Generate((user("One"),), GREEDY, max_tokens=20))
    unload = kind.client.send(UnloadModel())
    after = kind.client.send(Generate((user("Two"),), GREEDY))
    assert stats_of(kind.client.finish(reply)).stop_reason in ("end", "length")
    assert isinstance(kind.client.finish(unload)[-1], Unloaded)
    failed = kind.client.finish(after)[-1]
    assert isinstance(failed, Failed)
    assert failed.error.code == "no_model_loaded"
