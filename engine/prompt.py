"""From messages to the tokens of a prompt, with control text from people kept as text.

Knows a vocabulary by its protocol only.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from engine.protocol import Message
from engine.templates import ChatTemplate

# Unicode's noncharacters: never part of real text, so that one of them is free to mark a place
NONCHARACTERS = tuple(chr(code) for code in range(0xFDD0, 0xFDF0))


class Vocabulary(Protocol):
    """What a prompt needs of a model's vocabulary."""

    @property
    def control_texts(self) -> "ControlTexts": ...

    @property
    def prepended(self) -> int | None:
        """The token that every prompt of this model must begin with, if it wants one."""

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Tokens of `text`; only with `special` does control text become control tokens."""


class ControlTexts:
    """The texts that a vocabulary reads as control tokens, findable in any text."""

    def __init__(self, texts: Iterable[str]) -> None:
        longest_first = sorted({text for text in texts if text}, key=len, reverse=True)
        self._texts = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def guard(self, messages: Sequence[Message], template: str) -> tuple[list[Message], "Guard"]:
        """Messages with marks in place of control texts, and what puts the texts back."""
        whole = template + "".join(message.content for message in messages)
        guard = Guard(next((mark for mark in NONCHARACTERS if mark not in whole), "\U0010ffff"))
        if self._texts is None:
            return list(messages), guard
        pattern = self._texts
        return [
            Message(message.role, pattern.sub(guard.hide, message.content)) for message in messages
        ], guard


class Guard:
    """Remembers the control texts of one conversation; each stands in it as mark, number, mark."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._hidden: list[str] = []

    def hide(self, match: "re.Match[str]") -> str:
        text = match.group()
        if text not in self._hidden:
            self._hidden.append(text)
        return f"{self._mark}{self._hidden.index(text)}{self._mark}"

    def pieces(self, prompt: str) -> list[tuple[str, bool]]:
        """The prompt cut at its marks: (text, whether control text in it counts as such)."""
        parts = re.split(f"{self._mark}([0-9]+){self._mark}", prompt)
        return [
            (self._hidden[int(part)], False) if number % 2 else (part, True)
            for number, part in enumerate(parts)
            if part
        ]


def prompt_tokens(vocabulary: Vocabulary, template: ChatTemplate, messages: Sequence[Message]) -> list[int]:
    """The tokens of a conversation up to where the assistant's next turn begins.

    The template's own markers become control tokens. The same markers typed by a person, or standing in a
    document, are tokenized as the plain text they are, so that nobody can close a turn or speak as the
    system from inside a message. The rest of the text is tokenized whole, as llama.cpp does, so that the
    tokens are those the model was trained on. Raises BadChatTemplate.
    """
    guarded, guard = vocabulary.control_texts.guard(messages, template.source)
    tokens: list[int] = []
    for text, special in guard.pieces(template.render(guarded)):
        tokens += vocabulary.tokenize(text, special=special)
    first = vocabulary.prepended
    if first is not None and tokens[:1] != [first]:
        tokens.insert(0, first)
    return tokens
