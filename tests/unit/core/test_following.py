"""A reply's stream on its way to the window."""

from collections.abc import Sequence

from desktop.core.events import ReadingPrompt, TextAdded
from desktop.core.replies.following import follow
from engine.protocol import Done, Event, Progress, Token, TokenDetail
from tests.fakes.samples import STATS


class Unhurried:
    def check(self, *, overdue: bool) -> None: ...


class Sinking:
    def __init__(self) -> None:
        self.text = ""

    def add(self, text: str) -> None:
        self.text += text

    def think(self, text: str) -> None: ...

    def note(self, details: Sequence[TokenDetail]) -> None: ...

    def tick(self) -> None: ...


class Told:
    """An operation and its stream: what was told, and how much of it before each event was asked for."""

    cancelled = False

    def __init__(self, *events: Event) -> None:
        self.left = list(events)
        self.told: list[object] = []
        self.told_by_then: list[int] = []

    def emit(self, event: object) -> None:
        self.told.append(event)

    def next(self, _timeout_s: float) -> Event:
        self.told_by_then.append(len(self.told))
        return self.left.pop(0)


def test_the_first_word_is_told_at_once_also_right_after_the_prompt_was_read() -> None:
    """Else it would wait for a frame in which there was nothing to show."""
    told = Told(
        Progress("reading_prompt", 0.5),
        Progress("reading_prompt", 1.0),
        Token("Madrid"),
        Token("."),
        Done(STATS),
    )
    sink = Sinking()
    follow(told, told, sink, Unhurried())  # type: ignore[arg-type]
    assert sink.text == "Madrid."
    assert told.told_by_then[3] == 3  # before the second word was asked for
    assert told.told == [ReadingPrompt(0.5), ReadingPrompt(1.0), TextAdded("Madrid"), TextAdded(".")]
