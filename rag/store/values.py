"""Rows of library.db as values."""

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

HEADING_SEPARATOR = " › "


@dataclass(frozen=True)
class DocumentRow:
    """What decides whether a file must be read again. `generation` 0: nothing of it can be seen."""

    id: int
    collection: int
    path: str
    state: str
    generation: int
    sha256: str
    version: int
    pages: int
    passages: int
    attempts: int


class NewPassage(NamedTuple):
    """A passage to store: its span on its page, and what is embedded for it."""

    start: int
    end: int
    heading: str
    language: str
    digest: bytes


class Change(NamedTuple):
    """Passages that cannot be seen any more, and passages that now can, by number."""

    hidden: list[int]
    shown: list[int]


class Unembedded(NamedTuple):
    """A text that has no vector yet."""

    digest: bytes
    text: str


class PassageVector(NamedTuple):
    """A passage that can be seen, with its vector (float32 bytes)."""

    id: int
    document: int
    collection: int
    vector: bytes


def embedded_text(heading: str, text: str) -> str:
    """What the model reads of a passage: its heading in front, unless it begins with it."""
    last = heading.rsplit(HEADING_SEPARATOR, 1)[-1]
    return (
        text
        if not heading or (text.startswith(last) and HEADING_SEPARATOR not in heading)
        else f"{heading}\n{text}"
    )


def digest_of(heading: str, text: str) -> bytes:
    """16 bytes that name what is embedded."""
    return hashlib.sha256(embedded_text(heading, text).encode()).digest()[:16]


def marks(count: int) -> str:
    """Question marks for a list of numbers in SQL: (?,?,?)."""
    return f"({','.join('?' * count)})"
