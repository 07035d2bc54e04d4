"""A running summary of the turns that left the context window. Does not decide which leave.

It is made when a block of turns leaves and stands unchanged until the next block does, so that the prompt's
beginning stays the same. Each one builds on the one before.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from desktop.core.errors import Cancelled, CoreError
from desktop.core.replies.layout import Layout, Turn
from desktop.core.replies.prompt import harmless
from engine.protocol import Generate, Message, Sampling

LEAST_TOKENS = 48
MOST_TOKENS = 256
PART_OF_WINDOW = 8
SHORTEST = 40  # characters: a window that cannot take these has no use for a summary

_ORDER = (
    "Above is the earlier part of a conversation. Summarize it in a few sentences, in its own language. "
    "Keep names, numbers, decisions and open questions. Write the summary alone."
)

log = logging.getLogger(__name__)


class Kept(Protocol):
    """Where summaries are kept with their chat."""

    def find(self, messages: Sequence[int]) -> tuple[int, str] | None:
        """Of the summaries that end at one of these messages, the one that ends last: (message, text)."""

    def keep(self, message: int, text: str) -> None: ...


class Writer(Protocol):
    """A model at work for the program. Both raise what a reply raises."""

    def write(self, request: Generate) -> str: ...

    def count(self, messages: tuple[Message, ...]) -> int: ...


@dataclass(frozen=True)
class Left:
    """Turns that left a prompt, in their order: the numbers of their messages, and how they are read."""

    numbers: tuple[int, ...]
    read: Callable[[], Iterable[Turn]]


def with_summary(layout: Layout, left: Left, kept: Kept, writer: Writer, most: int) -> Layout:
    """`layout` with what `left` it in short; as it is where that fails or would be over `most` tokens.

    Raises Cancelled.
    """
    try:
        summed = replace(layout, summary=Summarizer(writer, most).of(left, kept))
        return summed if writer.count(summed.messages) <= most else layout
    except Cancelled:
        raise
    except CoreError as error:
        log.warning("no summary of what left: %s", error)
        return layout


class Summarizer:
    """Reads at most `context_tokens` at once."""

    def __init__(self, writer: Writer, context_tokens: int) -> None:
        self._writer = writer
        self._context_tokens = context_tokens
        self._most_tokens = summary_tokens(context_tokens)

    def of(self, left: Left, kept: Kept) -> str:
        """The summary of the turns that left; the kept one where it covers them all."""
        found = kept.find(left.numbers)
        end, text = found if found is not None else (0, "")
        if end == left.numbers[-1]:
            return text
        turns = iter(left.read())
        if found is not None:
            next((turn for turn in turns if end in {piece.stored for piece in turn.pieces}), None)
        new = list(turns)
        if not new:
            return text
        text = self._read(text, _transcript(new))
        kept.keep(left.numbers[-1], text)
        return text

    def _read(self, before: str, transcript: str) -> str:
        """The summary of `before` and a transcript, read in halves where the window is too small for it."""
        request = self._request(before, transcript)
        if (
            self._writer.count(request.messages) + self._most_tokens >= self._context_tokens
            and len(transcript) > SHORTEST
        ):
            middle = transcript.find("\n", len(transcript) // 2) + 1 or len(transcript) // 2
            if middle >= len(transcript):
                middle = len(transcript) // 2
            return self._read(self._read(before, transcript[:middle]), transcript[middle:])
        return self._writer.write(request).strip() or before

    def _request(self, before: str, transcript: str) -> Generate:
        said = f"Summary of what came before: {before}\n\n" if before else ""
        text = f'{said}"""\n{transcript.strip()}\n"""\n\n{_ORDER}'
        return Generate((Message("user", text),), Sampling(temperature=0.0), self._most_tokens, job=True)


def _transcript(turns: Sequence[Turn]) -> str:
    pieces = (piece.message for turn in turns for piece in turn.pieces)
    return "\n".join(f"{message.role}: {harmless(message.content)}" for message in pieces)


def summary_tokens(context_tokens: int) -> int:
    return max(LEAST_TOKENS, min(MOST_TOKENS, context_tokens // PART_OF_WINDOW))
