"""Tokens on their way to the window, a few in one frame. Changes nothing of what they say.

Each frame wakes the program that reads it, on a core that the next token needs. Nobody sees text grow more
often than a screen is drawn, so what a quick model writes goes over about forty times a second; a slow
model's tokens go over one by one, at once.
"""

import time
from collections.abc import Callable
from typing import Final

from engine.protocol import Event, Thought, Token

EVERY_S: Final = 0.025


class Gathering:
    """Takes the events of a reply. Whoever ends the reply calls `flush`."""

    def __init__(self, send: Callable[[Event], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._send = send
        self._clock = clock
        self._held: Token | Thought | None = None
        self._sent_s = float("-inf")

    def __call__(self, event: Event) -> None:
        """Pass `event` on in its order, text as soon as the last was told long enough ago."""
        if not isinstance(event, Token | Thought):
            self.flush()
            self._send(event)
            return
        self._held = self._joined(event)
        if self._clock() - self._sent_s >= EVERY_S:
            self.flush()

    def flush(self) -> None:
        """Send what is held."""
        if self._held is not None:
            held, self._held = self._held, None
            self._send(held)
            self._sent_s = self._clock()

    def _joined(self, event: Token | Thought) -> Token | Thought:
        match self._held, event:
            case Token(text, details), Token():
                return Token(text + event.text, details + event.details)
            case Thought(text), Thought():
                return Thought(text + event.text)
            case _:
                self.flush()
                return event
