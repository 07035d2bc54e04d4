"""Models whose memory cannot be cut, through real workers: what is reused, and that it is right.

The models answer alike whatever stands before; the probabilities of their tokens tell of all that was read,
so that a state which is not that of the prompt is found out.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.llama.context import TAIL_TOKENS
from engine.protocol import (
    ChatSwitched,
    Event,
    Generate,
    Message,
    Progress,
    Stats,
    SwitchChat,
    Token,
    UnloadModel,
)
from tests.fakes.engine_client import GREEDY, EngineClient, assistant, stats_of, text_of, user
from tests.fakes.engine_recurrent import write_hybrid, write_mamba

ROOM = 1 << 27
FIRST = user("Hello there, and tell me of the harbour and its boats.")
SECOND = user("And then?")


class Kind:
    def __init__(self, client: EngineClient, write: Callable[[Path, bool], Path], folder: Path) -> None:
        self.client = client
        # batches of other sizes round in other ways, those of an f16 cache more
        self.near = 1e-5 if write is write_mamba else 1e-4
        self.model = write(folder / "model.gguf", False)
        self.endless = write(folder / "endless.gguf", True)

    def say(self, *messages: Message, tokens: int = 40, speculate: bool = False) -> tuple[str, Stats, float]:
        """The reply, its cost, and how likely its first token was."""
        request = Generate(messages, GREEDY, tokens, alternatives=1, speculate=speculate)
        events = self.client.ask(request)
        return text_of(events), stats_of(events), first_chance(events)

    def cold(self, *messages: Message, tokens: int = 40) -> tuple[str, float]:
        """As `say`, from a cache that holds nothing."""
        self.client.load(self.model, 1024)
        text, stats, chance = self.say(*messages, tokens=tokens)
        assert stats.reused_tokens == 0
        return text, chance


def first_chance(events: list[Event]) -> float:
    return next(detail.p_before for event in events if isinstance(event, Token) for detail in event.details)


@pytest.fixture(scope="module", params=[write_mamba, write_hybrid], ids=["recurrent", "hybrid"])
def kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kind]:
    folder = tmp_path_factory.mktemp("recurrent")
    with EngineClient(False, folder / "worker.log") as client:
        yield Kind(client, request.param, folder)
        assert client.child.process.poll() is None, "the worker died during a test"


def test_the_second_turn_evaluates_only_what_is_new_and_says_what_a_cold_cache_would(kind: Kind) -> None:
    text, first_cold = kind.cold(FIRST)
    turns = (FIRST, assistant(text), SECOND)
    expected, chance = kind.cold(*turns)
    assert abs(chance - first_cold) > 10 * kind.near, "the probabilities tell nothing of the prompt"
    kind.client.load(kind.model, 1024)
    _, cost, _ = kind.say(FIRST)
    again, stats, warm = kind.say(*turns)
    assert stats.reused_tokens >= cost.prompt_tokens + cost.generated_tokens - 1
    assert again == expected
    assert abs(warm - chance) < kind.near


def test_another_try_reads_only_the_end_of_its_prompt_again(kind: Kind) -> None:
    text, chance = kind.cold(FIRST)
    _, cost, _ = kind.say(FIRST, assistant(text), SECOND)
    for turns, expected in (((FIRST, assistant(text), SECOND), None), ((FIRST,), (text, chance))):
        again, stats, warm = kind.say(*turns)
        assert stats.reused_tokens == stats.prompt_tokens - TAIL_TOKENS
        if expected is not None:
            assert again == expected[0]
            assert abs(warm - expected[1]) < kind.near
    # and from there on it goes on as ever
    _, stats, _ = kind.say(FIRST, assistant(text), SECOND)
    assert stats.reused_tokens >= cost.prompt_tokens - TAIL_TOKENS - cost.generated_tokens


def test_an_edited_question_goes_on_from_the_turn_before_it(kind: Kind) -> None:
    text, _ = kind.cold(FIRST)
    edited = (FIRST, assistant(text), user("No, tell me of the fish."))
    expected, chance = kind.cold(*edited)
    kind.client.load(kind.model, 1024)
    _, first, _ = kind.say(FIRST)
    kind.say(FIRST, assistant(text), SECOND)
    again, stats, warm = kind.say(*edited)
    assert stats.reused_tokens == first.prompt_tokens - TAIL_TOKENS
    assert again == expected
    assert abs(warm - chance) < kind.near


def test_what_differs_before_every_checkpoint_is_read_anew(kind: Kind) -> None:
    text, chance = kind.cold(FIRST)
    kind.say(user("Quite another beginning, of another chat."), assistant(text), SECOND)
    again, stats, warm = kind.say(FIRST)
    assert (again, stats.reused_tokens) == (text, 0)
    assert abs(warm - chance) < kind.near


def test_guessing_ahead_is_left_out_and_changes_nothing(kind: Kind) -> None:
    kind.client.load(kind.endless, 1024)
    plain, _, chance = kind.say(FIRST, tokens=120)
    kind.client.load(kind.endless, 1024)
    text, stats, guessed = kind.say(FIRST, tokens=120, speculate=True)
    assert (text, stats.drafted_tokens) == (plain, 0)
    assert abs(guessed - chance) < kind.near


def test_yesterdays_chat_goes_on_from_its_file(kind: Kind, tmp_path: Path) -> None:
    file = tmp_path / "1.kv"
    long = user("Hello there. " * 20)
    text, _ = kind.cold(long)
    expected, chance = kind.cold(long, assistant(text), SECOND)
    kind.client.load(kind.model, 1024)
    kind.client.ask(SwitchChat(str(file), ROOM))
    _, cost, _ = kind.say(long)
    kind.client.ask(UnloadModel())
    assert file.exists()
    kind.client.load(kind.model, 1024)
    switched = kind.client.ask(SwitchChat(str(file), ROOM))[-1]
    assert isinstance(switched, ChatSwitched)
    assert switched.held_tokens >= cost.prompt_tokens
    again, stats, warm = kind.say(long, assistant(text), SECOND)
    assert stats.reused_tokens == switched.held_tokens
    assert again == expected
    assert abs(warm - chance) < kind.near


def test_a_job_between_two_turns_gives_the_chat_its_state_back(kind: Kind) -> None:
    text, _ = kind.cold(FIRST)
    expected, chance = kind.cold(FIRST, assistant(text), SECOND)
    kind.client.load(kind.model, 1024)
    _, cost, _ = kind.say(FIRST)
    job = kind.client.ask(Generate((user("A title, please."),), GREEDY, 5, job=True))
    assert text_of(job)
    again, stats, warm = kind.say(FIRST, assistant(text), SECOND)
    assert stats.reused_tokens >= cost.prompt_tokens + cost.generated_tokens - 1
    assert again == expected
    assert abs(warm - chance) < kind.near


def test_a_reply_that_was_cancelled_leaves_nothing_wrong_behind(kind: Kind) -> None:
    kind.client.load(kind.endless, 1024)
    _, _, chance = kind.say(FIRST, tokens=5)
    for long, event in ((user("Talk."), Token), (user("word " * 9000), Progress)):
        kind.client.load(kind.endless, 60_000)
        number = kind.client.send(Generate((long,), GREEDY))
        while not isinstance(kind.client.next_event(number), event):
            pass
        kind.client.cancel(number)
        assert stats_of(kind.client.finish(number)).stop_reason == "cancelled"
        _, _, after = kind.say(FIRST, tokens=5)
        assert abs(after - chance) < kind.near


def test_after_a_reply_that_filled_the_window_the_next_goes_back_to_its_prompt(kind: Kind) -> None:
    kind.client.load(kind.endless, 256)
    _, stats, chance = kind.say(FIRST, tokens=1000)
    assert stats.stop_reason == "length"
    _, stats, after = kind.say(FIRST, tokens=5)
    assert stats.reused_tokens == stats.prompt_tokens - TAIL_TOKENS
    assert abs(after - chance) < kind.near
