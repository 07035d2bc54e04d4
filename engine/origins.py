"""Where each token of a prompt comes from: which message, which piece of it, or the template itself.

Renders and tokenizes exactly as `engine.prompt` does, and then looks for the messages in what came out.
A template may trim a message or fold a system prompt into a turn: the pieces are looked for in their
order, so they are found there as well. What a template rewrote altogether counts as the template's.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol

from engine.prompt import Template, Vocabulary
from engine.protocol import Message, PromptToken

TEMPLATE = -1  # a token of no message


class Writing(Vocabulary, Protocol):
    """A vocabulary that can also say how a token is written."""

    def written(self, token: int) -> bytes:
        """The bytes of a token in a rendered prompt, control tokens included."""


class _Span(NamedTuple):
    start: int  # characters of the rendered prompt
    end: int
    message: int
    segment: int


def attributed(
    vocabulary: Writing,
    template: Template,
    messages: Sequence[Message],
    cuts: Sequence[Sequence[int]] = (),
) -> list[PromptToken]:
    """The tokens of a conversation, each with its origin.

    `cuts[i]` are ascending character offsets that divide message `i` into segments, numbered from 0.
    Raises BadChatTemplate.
    """
    segments = [_divided(message, at) for message, at in _with_cuts(messages, cuts)]
    flat = [segment for one in segments for segment in one]
    guarded, guard = vocabulary.control_texts.guard(flat, template.source)
    whole, spans, at = [], [], 0
    for number, parts in enumerate(segments):
        texts = [part.content for part in guarded[at : at + len(parts)]]
        at += len(parts)
        whole.append(Message(messages[number].role, "".join(texts)))
        spans.append(texts)
    prompt = template.render(whole)
    found = _found(prompt, spans)
    starts = [span.start for span in found]
    tokens: list[PromptToken] = []
    for text, special, start in guard.placed(prompt):
        ids = vocabulary.tokenize(text, special=special)
        places = _places(text, [vocabulary.written(token) for token in ids])
        for token, place in zip(ids, places, strict=True):
            # hidden control text stands in the prompt as its mark alone
            char = start + place if special else start
            tokens.append(_token(vocabulary, token, _at(found, starts, char)))
    first = vocabulary.prepended
    if first is not None and (not tokens or tokens[0].id != first):
        tokens.insert(0, _token(vocabulary, first, None))
    return tokens


def respelled(tokens: Sequence[PromptToken], ids: Sequence[int], vocabulary: Writing) -> list[PromptToken]:
    """`ids`, which spell the same prompt as `tokens`, with the origins that stand at the same bytes."""
    if len(ids) == len(tokens) and all(token.id == number for token, number in zip(tokens, ids, strict=True)):
        return list(tokens)
    ends, length = [], 0
    for token in tokens:
        length += len(vocabulary.written(token.id))
        ends.append(length)
    result, position = [], 0
    for number in ids:
        owner = tokens[min(bisect_right(ends, position), len(tokens) - 1)]
        origin = None if owner.message == TEMPLATE else _Span(0, 0, owner.message, owner.segment)
        result.append(_token(vocabulary, number, origin))
        position += len(vocabulary.written(number))
    return result


def _token(vocabulary: Writing, token: int, span: _Span | None) -> PromptToken:
    text = vocabulary.written(token).decode("utf-8", "replace")
    return PromptToken(token, text) if span is None else PromptToken(token, text, span.message, span.segment)


def _with_cuts(
    messages: Sequence[Message], cuts: Sequence[Sequence[int]]
) -> list[tuple[Message, Sequence[int]]]:
    return [(message, cuts[n] if n < len(cuts) else ()) for n, message in enumerate(messages)]


def _divided(message: Message, cuts: Sequence[int]) -> list[Message]:
    edges = [0, *(min(max(cut, 0), len(message.content)) for cut in cuts), len(message.content)]
    return [Message(message.role, message.content[start:end]) for start, end in pairwise(edges)]


def _found(prompt: str, messages: Sequence[Sequence[str]]) -> list[_Span]:
    """The segments of all messages in the prompt, in order and without overlap."""
    spans: list[_Span] = []
    cursor = 0
    for message, segments in enumerate(messages):
        for segment, text in enumerate(segments):
            # templates trim: the blank edges count where they stand, and to the template where not
            core = text.strip()
            if not core:
                continue
            start = prompt.find(core, cursor)
            if start < 0:
                continue
            lead = len(text) - len(text.lstrip())
            while lead and start > cursor and prompt[start - 1] == text[lead - 1]:
                start, lead = start - 1, lead - 1
            end = prompt.find(core, cursor) + len(core)
            tail = text[len(text.rstrip()) :]
            while tail and end < len(prompt) and prompt[end] == tail[0]:
                end, tail = end + 1, tail[1:]
            spans.append(_Span(start, end, message, segment))
            cursor = end
    return spans


def _at(spans: Sequence[_Span], starts: Sequence[int], char: int) -> _Span | None:
    place = bisect_right(starts, char) - 1
    return spans[place] if place >= 0 and char < spans[place].end else None


def _places(text: str, pieces: Sequence[bytes]) -> list[int]:
    """The character of `text` at which each piece begins; a blank that the tokenizer added takes no room."""
    data = text.encode("utf-8", "replace")
    places, byte, char = [], 0, 0
    for piece in pieces:
        places.append(min(char, max(0, len(text) - 1)))
        taken = piece
        if not data.startswith(piece, byte) and piece[:1] == b" " and data.startswith(piece[1:], byte):
            taken = piece[1:]
        char += _characters(data[byte : byte + len(taken)])
        byte += len(taken)
    return places


def _characters(data: bytes) -> int:
    """How many characters begin in these bytes."""
    return sum(1 for byte in data if byte & 0xC0 != 0x80)
