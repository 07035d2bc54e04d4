"""A plan as the real core would make it, with words for tokens."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import get_args

from desktop.core.types import Chat, ContextPlan, FilePart, Origin, PlannedPart, PlannedPrompt, ShownToken

WORDS = re.compile(r"\s*\S+")


def planned(
    chat: Chat, draft: str, limit_tokens: int, *, tokens: bool, files: tuple[FilePart, ...] = ()
) -> PlannedPrompt:
    """Everything fits."""
    shown = tuple(_tokens(chat, draft, files))
    counts = Counter(token.origin for token in shown)
    origins: tuple[Origin, ...] = get_args(Origin)
    parts = tuple(PlannedPart(origin, counts[origin]) for origin in origins if counts[origin])
    plan = ContextPlan(limit_tokens, len(shown), limit_tokens - len(shown), parts=parts)
    return PlannedPrompt(plan, shown if tokens else ())


def _tokens(chat: Chat, draft: str, files: tuple[FilePart, ...]) -> Iterator[ShownToken]:
    yield from _words("<system>", "template")
    yield from _words(chat.system_prompt, "system")
    for message in chat.messages:
        yield from _words(f"<{message.role}>", "template")
        for file in message.files:
            yield from _words(file.text, "files")
        for one in message.excerpts:
            yield from _words(one.text, "excerpts")
        yield from _words(message.text, "pinned" if message.pinned else "history")
    yield from _words("<user>", "template")
    for file in files:
        yield from _words(file.text, "files")
    yield from _words(draft, "question")
    yield from _words("<assistant>", "template")


def _words(text: str, origin: Origin) -> Iterator[ShownToken]:
    for word in WORDS.findall(text):
        yield ShownToken(0, word, origin)
