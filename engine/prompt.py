"""From messages to the tokens of a prompt, with control text from people kept as text.

Knows a vocabulary by its protocol only.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from engine.protocol import Message

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
        whole = template + "".join(message.content + message.thoughts for message in messages)
        guard = Guard(next((mark for mark in NONCHARACTERS if mark not in whole), "\U0010ffff"))
        if self._texts is None:
            return list(messages), guard
        pattern = self._texts

        def hidden(text: str) -> str:
            return pattern.sub(guard.hide, text)

        return [Message(m.role, hidden(m.content), hidden(m.thoughts)) for m in messages], guard

    def holds(self, text: str) -> bool:
        """Whether `text` is one of them."""
        return self._texts is not None and self._texts.fullmatch(text) is not None


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
        return [(text, special) for text, special, _ in self.placed(prompt)]

    def placed(self, prompt: str) -> list[tuple[str, bool, int]]:
        """As `pieces`, each with the character of the prompt at which it, or its mark, begins."""
        found, at = [], 0
        for number, part in enumerate(re.split(f"{self._mark}([0-9]+){self._mark}", prompt)):
            if number % 2:
                found.append((self._hidden[int(part)], False, at))
                at += len(part) + 2 * len(self._mark)
            elif part:
                found.append((part, True, at))
                at += len(part)
        return found


class Template(Protocol):
    """What makes the text of a prompt. `source` is all that it may write beside the messages."""

    @property
    def source(self) -> str: ...

    def render(self, messages: Sequence[Message]) -> str: ...


def prompt_tokens(vocabulary: Vocabulary, template: Template, messages: Sequence[Message]) -> list[int]:
    """The tokens of a conversation up to where the assistant's next turn begins. Raises BadChatTemplate."""
    return tokens_of(vocabulary, prompt_pieces(vocabulary, template, messages))


def prompt_pieces(
    vocabulary: Vocabulary,
    template: Template,
    messages: Sequence[Message],
    begun: Callable[[str, Message], str] | None = None,
) -> list[tuple[str, bool]]:
    """The text of a prompt in pieces: (text, whether control text in it counts as such).

    The template's own markers become control tokens. The same markers typed by a person, or standing in a
    document, are tokenized as the plain text they are, so that nobody can close a turn or speak as the
    system from inside a message. The rest of the text is tokenized whole, as llama.cpp does, so that the
    tokens are those the model was trained on. With `begun` the last message is the beginning of the reply,
    and `begun` gives what of it stands after the prompt. Raises BadChatTemplate.
    """
    guarded, guard = vocabulary.control_texts.guard(messages, template.source)
    if begun is None:
        return guard.pieces(template.render(guarded))
    prompt = template.render(guarded[:-1])
    return guard.pieces(prompt + begun(prompt, guarded[-1]))


def tokens_of(vocabulary: Vocabulary, pieces: Iterable[tuple[str, bool]]) -> list[int]:
    """The tokens of a prompt, with the one that every prompt of this model must begin with."""
    tokens: list[int] = []
    for text, special in pieces:
        tokens += vocabulary.tokenize(text, special=special)
    first = vocabulary.prepended
    if first is not None and tokens[:1] != [first]:
        tokens.insert(0, first)
    return tokens


def keep_spelling(
    held: Sequence[int], tokens: Sequence[int], spell: Callable[[int], bytes | None]
) -> list[int]:
    """`tokens`, with its beginning spelled as in `held` where both spell the same text.

    A model may write a word in other tokens than the tokenizer would. Its own reply, tokenized again in the
    next turn, would then differ from what the cache holds, and be read again. `spell` gives a token's bytes,
    None for a control token, which is never the same as any text.
    """
    at = common_length(held, tokens)
    same = (at, at)  # how many of held and of tokens spell the same
    sides = (held, tokens)
    places = [at, at]
    ahead, lead = 0, b""  # which side has spelled more, and what
    while True:
        behind = 1 - ahead
        if places[behind] >= len(sides[behind]):
            break
        token = sides[behind][places[behind]]
        piece = spell(token)
        if not lead and places[ahead] < len(sides[ahead]) and sides[ahead][places[ahead]] == token:
            places[0], places[1] = places[0] + 1, places[1] + 1
            same = (places[0], places[1])
            continue
        if not piece or not (piece.startswith(lead) or lead.startswith(piece)):
            break
        places[behind] += 1
        if len(piece) > len(lead):
            ahead, lead = behind, piece[len(lead) :]
        else:
            lead = lead[len(piece) :]
        if not lead:
            same = (places[0], places[1])
    return [*held[: same[0]], *tokens[same[1] :]]


def common_length(held: Sequence[int], tokens: Sequence[int]) -> int:
    """How many tokens both begin with."""
    length = 0
    for ours, theirs in zip(held, tokens, strict=False):
        if ours != theirs:
            break
        length += 1
    return length
