"""Tokens gathered into frames: nothing lost, nothing late, nothing out of order."""

from hypothesis import given
from hypothesis import strategies as st

from engine.gathering import EVERY_S, Gathering
from engine.protocol import Event, Progress, Thought, Token, TokenDetail


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def gathered() -> tuple[Gathering, Clock, list[Event]]:
    clock, sent = Clock(), []
    return Gathering(sent.append, clock), clock, sent


def test_the_first_token_goes_over_at_once_and_quick_ones_after_it_together() -> None:
    gathering, clock, sent = gathered()
    for letter in "abcd":
        gathering(Token(letter))
        clock.now_s += EVERY_S / 2.5
    assert sent == [Token("a"), Token("bcd")]


def test_the_tokens_of_a_slow_model_go_over_one_by_one() -> None:
    gathering, clock, sent = gathered()
    for letter in "abc":
        gathering(Token(letter))
        assert sent[-1] == Token(letter)
        clock.now_s += 0.1


def test_details_stay_with_their_text() -> None:
    gathering, _, sent = gathered()
    first, second = (TokenDetail(n, str(n), 0.5, 0.5, (), ()) for n in (1, 2))
    gathering(Token("a"))
    gathering(Token("b", (first,)))
    gathering(Token("", (second,)))
    gathering.flush()
    assert sent == [Token("a"), Token("b", (first, second))]


events = st.lists(
    st.one_of(
        st.text(min_size=1, max_size=3).map(Token),
        st.text(min_size=1, max_size=3).map(Thought),
        st.just(Progress("reading_prompt", 1.0)),
    )
)


@given(events, st.lists(st.sampled_from([0.0, 0.01, 0.05])))
def test_whatever_comes_and_however_fast_it_arrives_whole_and_in_its_order(
    told: list[Event], waits: list[float]
) -> None:
    gathering, clock, sent = gathered()
    for number, event in enumerate(told):
        gathering(event)
        clock.now_s += waits[number % len(waits)] if waits else 0.0
    gathering.flush()
    assert letters(sent) == letters(told)


def letters(events: list[Event]) -> list[tuple[type, str]]:
    return [
        (type(event), letter)
        for event in events
        for letter in (event.text if isinstance(event, Token | Thought) else "-")
    ]
