"""What every engine worker keeps when it writes a reply, is stopped, and keeps a chat for the next turn."""

from pathlib import Path

import msgspec
import pytest

from engine.protocol import (
    ChatSwitched,
    Done,
    Failed,
    ForgetChat,
    Generate,
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
from tests.contract.engine_kinds import Kind, kind
from tests.fakes.engine_client import GREEDY, assistant, stats_of, text_of, user

__all__ = ["kind"]  # fixtures

ROOM = 1 << 27


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
