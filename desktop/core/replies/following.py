"""A reply's stream from the engine into a sink, told at a pace that a person sees. Asks for nothing."""

import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Protocol

from desktop.core.errors import Cancelled, Reported, Unexpected
from desktop.core.events import ReadingPrompt, TextAdded, ThoughtAdded, TokensDrawn
from desktop.core.operations import Operation
from desktop.core.workers.engine import WAKE_S
from desktop.core.workers.supervisor import Patience, Stream
from engine.protocol import Done, Event, Failed, Progress, Stats, Thought, Token, TokenDetail

# 30 times a second is as often as a person sees text grow; a window need not lay it out more often
FRAME_S = 1 / 30


class Sink(Protocol):
    """Where a reply's text goes."""

    def add(self, text: str) -> None: ...

    def think(self, text: str) -> None:
        """What the model thinks before it answers."""
        ...

    def note(self, details: Sequence[TokenDetail]) -> None:
        """What the next tokens were drawn from, when alternatives are asked for."""
        ...

    def tick(self) -> None:
        """Called several times a second while the reply is written."""
        ...


def follow(stream: Stream[Event], operation: Operation[Any], sink: Sink, patience: Patience) -> Stats:
    """Hand the text on, at most 30 times a second, until the engine is done."""
    waiting: list[TextAdded | ThoughtAdded] = []
    shown_at = 0.0

    def show() -> None:
        nonlocal shown_at
        for said in _joined(waiting):
            operation.emit(said)
        waiting.clear()
        shown_at = time.monotonic()

    try:
        while True:
            event = stream.next(FRAME_S if waiting else WAKE_S)
            patience.check(overdue=operation.cancelled)
            match event:
                case Token(text=text, details=details):
                    sink.add(text)
                    waiting.append(TextAdded(text))
                    if details:
                        sink.note(details)
                        operation.emit(TokensDrawn(details))
                case Thought(text=text):
                    sink.think(text)
                    waiting.append(ThoughtAdded(text))
                case Progress(done=done):
                    operation.emit(ReadingPrompt(done))
                case Done(stats=stats):
                    return stats
                case Failed(error=error):
                    raise Cancelled if error.code == Cancelled.code else Reported.of(error)
                case None:
                    pass
                case _:
                    raise Unexpected(f"the engine answered a reply with {type(event).__name__}")
            if waiting and time.monotonic() - shown_at >= FRAME_S:
                show()  # at once where nothing was shown for a frame: the first word waits for nobody
            sink.tick()
    finally:
        show()


def _joined(said: list[TextAdded | ThoughtAdded]) -> Iterator[TextAdded | ThoughtAdded]:
    """Neighbours of one kind as one."""
    for kind, pieces in groupby(said, type):
        yield kind("".join(piece.text for piece in pieces))
