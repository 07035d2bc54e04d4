"""Guessing ahead: what is guessed, when it pays, and that replies stay what they would have been."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.llama import Context
from engine.protocol import Event, Generate, LoadModel, Sampling, Stats
from engine.session import LlamaRuntime
from engine.speculation import BatchCosts, Speculation
from engine.stop import StopFlag
from tests.fakes.engine_client import GREEDY, text_of, user
from tests.fakes.engine_models import REPLY, write_tiny_model

QUOTED = list(range(100, 140))


def cheap() -> BatchCosts:
    """A machine on which a batch of 16 takes as long as a token and a half."""
    costs = BatchCosts()
    for tokens, seconds in ((1, 0.010), (4, 0.011), (8, 0.012), (16, 0.015)):
        costs.learn(tokens, seconds)
    return costs


def dear() -> BatchCosts:
    """A machine on which a batch takes as long as its tokens."""
    costs = BatchCosts()
    for tokens in (1, 4, 8, 16):
        costs.learn(tokens, 0.010 * tokens)
    return costs


def test_what_stood_after_the_last_two_tokens_of_the_prompt_is_guessed() -> None:
    guessing = Speculation(cheap(), [*QUOTED, 1, 2])
    for token in QUOTED[10:12]:
        assert not guessing.draft(15)
        guessing.push(token)
    draft = list(guessing.draft(15))
    assert draft
    assert draft == QUOTED[12 : 12 + len(draft)]


def test_what_the_model_wrote_itself_is_trusted_less_than_what_it_was_given_to_read() -> None:
    costs = BatchCosts()
    for tokens, seconds in ((1, 0.010), (4, 0.020), (8, 0.030), (16, 0.050)):
        costs.learn(tokens, seconds)
    given = Speculation(costs, [*QUOTED, 1, *QUOTED[5:8]])
    assert list(given.draft(3)) == QUOTED[8:11]
    own = Speculation(costs, [1, 2])
    for token in (*QUOTED, 7, *QUOTED[5:8]):
        own.push(token)
    assert not own.draft(15)


def test_nothing_is_guessed_after_tokens_that_never_stood_there() -> None:
    guessing = Speculation(cheap(), [*QUOTED, 1, 2, 3])
    assert not guessing.draft(15)


def test_a_reply_is_guessed_from_its_own_beginning_too() -> None:
    guessing = Speculation(cheap(), [1, 2])
    for token in (*QUOTED, 7, *QUOTED[:3]):
        guessing.push(token)
    assert list(guessing.draft(3)) == QUOTED[3:6]


def test_the_latest_place_is_the_one_that_counts() -> None:
    guessing = Speculation(cheap(), [1, 2, 3, 50, 51, 52, 53, 1, 2, 3, 60, 61, 62, 63, 9, 1, 2])
    guessing.push(3)
    assert list(guessing.draft(3)) == [60, 61, 62]


def test_a_quotation_that_was_left_for_a_word_is_taken_up_sooner() -> None:
    costs = BatchCosts()  # where a short match alone does not pay
    for tokens, seconds in ((1, 0.010), (4, 0.026), (8, 0.036), (16, 0.055)):
        costs.learn(tokens, seconds)
    beginning = Speculation(costs, [*QUOTED, 1, 2, *QUOTED[20:23]])
    assert not beginning.draft(15)
    going_on = Speculation(costs, [*QUOTED, 1, 2, *QUOTED[5:16]])
    assert going_on.draft(15)
    for token in (7, *QUOTED[17:20]):
        going_on.push(token)
    assert list(going_on.draft(3)) == QUOTED[20:23]


def test_no_more_is_guessed_than_there_is_room_for() -> None:
    guessing = Speculation(cheap(), [*QUOTED, *QUOTED[:20]])
    assert len(guessing.draft(15)) > 7
    assert len(guessing.draft(7)) == 7
    assert not guessing.draft(2)


def test_nothing_is_guessed_where_a_batch_costs_as_much_as_its_tokens() -> None:
    guessing = Speculation(dear(), [*QUOTED, *QUOTED[:20]])
    assert not guessing.draft(15)


def test_nothing_is_guessed_before_it_is_known_what_a_token_costs() -> None:
    assert not Speculation(BatchCosts(), [*QUOTED, *QUOTED[:20]]).draft(15)


def test_a_machine_that_reads_prompts_no_faster_than_it_writes_guesses_nothing() -> None:
    costs = BatchCosts()
    costs.learn(1, 0.010)
    costs.learn_reading(500, 500 * 0.009)
    assert not Speculation(costs, [*QUOTED, *QUOTED[:20]]).draft(15)
    costs.learn_reading(500, 500 * 0.001)
    assert Speculation(costs, [*QUOTED, *QUOTED[:20]]).draft(15)


def test_guesses_that_prove_wrong_end_and_right_ones_grow() -> None:
    tokens = [*QUOTED, 7, *QUOTED[:4]]
    wrong, right = Speculation(cheap(), tokens), Speculation(cheap(), tokens)
    first = len(wrong.draft(15))
    for _ in range(20):
        if wrong.draft(15):
            wrong.learn(7, 0)
        right.draft(15)
        right.learn(15, 15)
    assert first > 0
    assert not wrong.draft(15)
    assert len(right.draft(15)) == 15


def test_a_cost_that_was_found_too_high_is_tried_again_much_later() -> None:
    costs = BatchCosts()
    costs.learn(1, 0.010)
    costs.learn(16, 1.0)
    before = costs.ratio(16)
    for _ in range(2000):
        costs.learn(1, 0.010)
    assert costs.ratio(16) < before / 10


# ── with a real model ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LlamaRuntime]:
    monkeypatch.setattr(BatchCosts, "ratio", lambda *_: 1.0)  # a tiny model's costs are noise
    model = write_tiny_model(tmp_path / "endless.gguf", endless=True)
    runtime = LlamaRuntime()
    runtime.load(LoadModel(str(model), 1024), lambda _: None, StopFlag())
    yield runtime
    runtime.unload()


def write(
    runtime: LlamaRuntime,
    speculate: bool,
    *,
    sampling: Sampling = GREEDY,
    max_tokens: int = 200,
    stop: tuple[str, ...] = (),
) -> tuple[str, Stats]:
    events: list[Event] = []
    request = Generate((user("Talk."),), sampling, max_tokens, stop, speculate=speculate)
    done = runtime.generate(request, events.append, StopFlag())
    return text_of(events), done.stats


def held(runtime: LlamaRuntime) -> list[int]:
    assert runtime._loaded is not None
    return runtime._loaded.context.held


@pytest.mark.parametrize("max_tokens", [1, 2, 3, 20, 57, 200])
def test_a_guessed_reply_is_the_same_as_one_written_token_by_token(
    runtime: LlamaRuntime, max_tokens: int
) -> None:
    plain, cost = write(runtime, False, max_tokens=max_tokens)
    assert (cost.drafted_tokens, cost.accepted_tokens) == (0, 0)
    tokens = list(held(runtime))
    guessed, stats = write(runtime, True, max_tokens=max_tokens)
    assert guessed == plain
    assert stats.generated_tokens == cost.generated_tokens == max_tokens
    assert stats.stop_reason == cost.stop_reason
    assert held(runtime) == tokens
    assert stats.accepted_tokens <= stats.drafted_tokens
    if max_tokens >= 57:
        assert stats.accepted_tokens > max_tokens // 2


def test_a_stop_string_within_a_guess_ends_the_reply(runtime: LlamaRuntime) -> None:
    stop = REPLY[:3] * 2  # never said
    assert write(runtime, True, stop=(stop,))[1].stop_reason == "length"
    text, stats = write(runtime, True, stop=("fin.AOlé_😀-fin.AOlé_",))
    assert (text, stats.stop_reason) == ("AOlé_😀-", "stop")
    # the cache holds the prompt and what was written, nothing that was only guessed
    assert len(held(runtime)) <= stats.prompt_tokens + stats.generated_tokens


def test_a_guessed_reply_at_high_temperature_draws_each_token_as_ever(runtime: LlamaRuntime) -> None:
    sampling = Sampling(temperature=1.5, seed=7)
    plain, _ = write(runtime, False, sampling=sampling)
    guessed, stats = write(runtime, True, sampling=sampling)
    assert guessed == plain
    assert stats.accepted_tokens > 0


def test_wrong_guesses_leave_the_cache_as_it_was(
    runtime: LlamaRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, _ = write(runtime, False)
    monkeypatch.setattr(Speculation, "draft", lambda *_: [1, 2, 3])
    guessed, stats = write(runtime, True)
    assert guessed == plain
    assert stats.accepted_tokens == 0 < stats.drafted_tokens


def test_a_cache_that_cannot_take_a_guess_back_is_read_anew_and_not_guessed_on(
    runtime: LlamaRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, _ = write(runtime, False)
    tokens = list(held(runtime))
    monkeypatch.setattr(Speculation, "draft", lambda *_: [1, 2, 3])
    monkeypatch.setattr(Context, "_truncate", lambda *_: False)
    guessed, stats = write(runtime, True)
    assert guessed == plain
    assert stats.accepted_tokens == 0
    assert held(runtime) == tokens


def test_a_guess_is_dropped_when_the_reply_is_stopped(runtime: LlamaRuntime) -> None:
    stop = StopFlag()
    events: list[Event] = []

    def stop_late(event: Event) -> None:
        events.append(event)
        if len(events) > 60:
            stop.set()

    request = Generate((user("Talk."),), GREEDY, 900, speculate=True)
    stats = runtime.generate(request, stop_late, stop).stats
    assert stats.stop_reason == "cancelled"
    assert text_of(events).startswith(REPLY)
    assert len(held(runtime)) <= stats.prompt_tokens + stats.generated_tokens
