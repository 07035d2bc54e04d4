"""A plan as the real core would make it, with words for tokens."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import get_args

from msgspec.structs import replace

from desktop.core.types import (
    Chat,
    ChatInfo,
    ContextPlan,
    FilePart,
    Origin,
    PlannedPart,
    PlannedPrompt,
    ShownToken,
)
from desktop.core.types.prompts import ChatPrompt
from tests.fakes.details import number_of

WORDS = re.compile(r"\n|\s*\S+")


def unstored() -> Chat:
    """A chat before its first question."""
    return Chat(ChatInfo(0, "", 0.0, 0.0), "", (), ())


def planned(
    chat: Chat,
    prompt: ChatPrompt,
    draft: str,
    like: ContextPlan,
    *,
    tokens: bool,
    files: tuple[FilePart, ...] = (),
) -> PlannedPrompt:
    """Everything fits but what `like` says is dropped; as much is cached as there."""
    shown = (*_first(prompt), *_tokens(chat, draft, files, like.dropped))
    counts = Counter(token.origin for token in shown)
    origins: tuple[Origin, ...] = get_args(Origin)
    parts = tuple(PlannedPart(origin, counts[origin]) for origin in origins if counts[origin])
    plan = replace(
        like,
        prompt_tokens=len(shown),
        reply_tokens=max(0, like.limit_tokens - len(shown)),
        dropped_messages=len(like.dropped),
        parts=parts,
        cached_tokens=min(like.cached_tokens, len(shown)),
    )
    return PlannedPrompt(plan, shown if tokens else ())


def _first(prompt: ChatPrompt) -> Iterator[ShownToken]:
    if prompt.text:
        yield from _words("<|im_start|>system\n", "template")
        yield from _words(prompt.text, "system")
        yield from _words("<|im_end|>\n", "template")
    for example in prompt.examples:
        for role, text in (("user", example.question), ("assistant", example.reply)):
            yield from _words(f"<|im_start|>{role}\n", "template")
            yield from _words(text, "examples")
            yield from _words("<|im_end|>\n", "template")


def _tokens(
    chat: Chat, draft: str, files: tuple[FilePart, ...], dropped: tuple[int, ...]
) -> Iterator[ShownToken]:
    for message in chat.messages:
        if message.id in dropped:
            continue
        yield from _words(f"<|im_start|>{message.role}\n", "template")
        for file in message.files:
            yield from _words(file.text, "files", message.id)
        for one in message.excerpts:
            yield from _words(one.text, "excerpts", message.id)
        yield from _words(message.text, "pinned" if message.pinned else "history", message.id)
        yield from _words("<|im_end|>\n", "template")
    yield from _words("<|im_start|>user\n", "template")
    for file in files:
        yield from _words(file.text, "files")
    yield from _words(draft, "question")
    yield from _words("<|im_end|>\n<|im_start|>assistant\n", "template")


def _words(text: str, origin: Origin, message: int = 0) -> Iterator[ShownToken]:
    for word in WORDS.findall(text):
        yield ShownToken(number_of(word), word, origin, message)
