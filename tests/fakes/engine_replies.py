"""What the fake engine writes: an echo, and tricks on request; how it tells of it, token by token."""

import os
import random
import re
import signal
import time
import zlib
from collections.abc import Iterator, Sequence

import msgspec

from engine.errors import DecodeFailed
from engine.protocol import Alternative, Generate, Message, StopReason, Token, TokenDetail
from engine.reply_stream import ReplyStream, Said
from engine.runtime import Emit
from engine.stop import StopFlag
from tests.fakes.native import die, hang

# like a real vocabulary: words whole, what lies outside of ASCII in bytes
TOKENS = re.compile(rb"[\x21-\x7e]+|[\x00-\x20\x7f]|[\x80-\xff]")
VOCABULARY = 1 << 20
MOODS = ("Indeed.", "Perhaps.", "Of course.", "Why not?", "Así es.", "Quién sabe 🙂")


def tokens_of(text: str) -> list[bytes]:
    return TOKENS.findall(text.encode("utf-8", "replace"))


def trick_of(messages: Sequence[Message]) -> str:
    words = messages[-1].content.split(maxsplit=1)
    return words[0] if words and words[0].startswith("!") else ""


def reply_to(request: Generate, trick: str, seed: int) -> Iterator[bytes]:
    said = request.messages[-1].content
    if trick == "!fail":
        raise DecodeFailed(status=-3)
    if trick == "!hang":
        hang()
    if trick == "!long":
        number = 0
        while True:
            number += 1
            time.sleep(0.004)
            yield from tokens_of(f"{number} ")
    if trick == "!ponder":
        while True:
            time.sleep(0.004)
            yield from tokens_of("<think> and on ")
    asked = {"!how": request.templating, "!prompt": (request.messages, request.json_schema)}
    if trick in asked:
        yield from tokens_of(msgspec.json.encode(asked[trick]).decode())
        return
    thoughts = (
        f"<think>\nThey say {said}.\n</think>\n\n"
        if trick == "!think" and request.templating.thinking != "off"
        else ""
    )
    words = tokens_of(f"{thoughts}You said: {said}")
    if request.sampling.temperature > 0:
        words += tokens_of(" " + " ".join(random.Random(seed).choices(MOODS, k=6)))
    for number, word in enumerate(words):
        if number == 3:
            _reply_trick(trick)
        if trick == "!slow":
            time.sleep(0.05)
        yield word


def reply_of(request: Generate, trick: str, seed: int) -> Iterator[bytes]:
    """What follows the prompt: a reply, the rest of one, or what a job asks for."""
    titled = re.search(r"!title ([^\n]+)", request.messages[-1].content)
    if request.job and titled:
        return _slowly(tokens_of(titled[1]))
    goes_on = request.continues or request.begins
    return iter(tokens_of(" and so on.")) if goes_on else reply_to(request, trick, seed)


def _slowly(words: Sequence[bytes]) -> Iterator[bytes]:
    for word in words:
        time.sleep(0.02)
        yield word


def _reply_trick(trick: str) -> None:
    match trick:
        case "!crash":
            die(signal.SIGSEGV)
        case "!abort":
            die(signal.SIGABRT)
        case "!exit":
            os._exit(3)


def number_of(token: bytes) -> int:
    """A word's number in the fake vocabulary."""
    return zlib.crc32(token) % VOCABULARY


class Telling:
    """Emits text, with as many alternatives to each token as were asked for. `known` learns their words."""

    def __init__(self, alternatives: int, emit: Emit, known: dict[int, bytes]) -> None:
        self._alternatives, self._emit, self._known = alternatives, emit, known
        self._waiting: list[TokenDetail] = []

    def note(self, token: bytes) -> None:
        if self._alternatives:
            words = [token, *(b"%d" % n for n in range(1, self._alternatives))]
            self._known.update((number_of(word), word) for word in words)
            others = tuple(
                Alternative(number_of(word), word.decode("utf-8", "replace"), 0.5**n / 2)
                for n, word in enumerate(words)
            )
            self._waiting.append(TokenDetail(number_of(token), others[0].text, 0.5, 0.5, others, others))

    def tell(self, said: list[Said]) -> None:
        for event in said:
            if not isinstance(event, Token):
                self._emit(event)
                continue
            self._emit(Token(event.text, tuple(self._waiting)))
            self._waiting.clear()


def write(
    reply: Iterator[bytes],
    written: list[bytes],
    room: int,
    text: ReplyStream,
    telling: Telling,
    stop: StopFlag,
    begins: Sequence[bytes] = (),
) -> StopReason:
    reason: StopReason = "length"
    for token in begins:
        telling.tell(text.push(token))
        if text.stopped:
            return "stop"
    while len(written) < room:
        if stop:
            reason = "cancelled"
            break
        token = next(reply, None)
        if token is None:
            reason = "end"
            break
        written.append(token)
        telling.note(token)
        telling.tell(text.push(token))
        if text.stopped:
            return "stop"
    telling.tell(text.finish())
    return reason
