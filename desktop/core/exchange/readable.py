"""What a chat looks like to a reader: the branch that is shown, turn by turn, with its sources resolved.

Shared by Markdown, HTML and PDF, so that the three say the same. Writes no file.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from desktop.core.exchange.conversations import Conversation, Node
from desktop.core.replies.citations import cite, markers
from desktop.core.types import Citation, ExcerptsPart, FilePart, TextPart, ThoughtsPart

# around the number of a citation, until it has become what the format calls a footnote
OPEN, CLOSE = "\ue100", "\ue101"


@dataclass(frozen=True)
class Turn:
    """One message. In `text` every citation stands as OPEN, its number, CLOSE; `sources` has them all."""

    role: str
    text: str
    created_at: float
    model: str
    thoughts: str
    seconds: float
    files: tuple[FilePart, ...]
    sources: tuple[Citation, ...]
    stopped: bool


def shown(chat: Conversation) -> tuple[Turn, ...]:
    """The branch down to the leaf."""
    known = {node.key: node for node in chat.nodes}
    path: list[Node] = []
    at = known.get(chat.leaf or "")
    while at is not None:
        path.append(at)
        at = known.get(at.parent or "")
    path.reverse()
    turns: list[Turn] = []
    for place, node in enumerate(path):
        before = path[place - 1] if place else None
        turns.append(_turn(node, before))
    return tuple(turns)


def _turn(node: Node, before: Node | None) -> Turn:
    text = "".join(part.text for part in node.parts if isinstance(part, TextPart))
    text = text.replace(OPEN, "").replace(CLOSE, "")
    sources: tuple[Citation, ...] = ()
    if node.role == "assistant" and before is not None:
        found = tuple(e for part in before.parts if isinstance(part, ExcerptsPart) for e in part.excerpts)
        if found:
            asked = "".join(part.text for part in before.parts if isinstance(part, TextPart))
            sources = cite(text, found, asked)
            for marker in reversed(markers(text, found, asked)):
                marks = "".join(f"{OPEN}{n}{CLOSE}" for n in marker.numbers)
                text = text[: marker.start] + marks + text[marker.end :]
    thoughts = next((part for part in node.parts if isinstance(part, ThoughtsPart)), None)
    return Turn(
        node.role,
        text,
        node.created_at,
        node.model,
        thoughts.text if thoughts is not None else "",
        thoughts.seconds if thoughts is not None else 0.0,
        tuple(part for part in node.parts if isinstance(part, FilePart)),
        sources,
        node.state in ("stopped", "interrupted", "failed"),
    )


def marked(text: str, footnote: Callable[[int], str]) -> str:
    """The text with every citation as `footnote` writes it."""
    pieces = text.split(OPEN)
    made = [pieces[0]]
    for piece in pieces[1:]:
        number, _, rest = piece.partition(CLOSE)
        made.append((footnote(int(number)) if number.isdecimal() else "") + rest)
    return "".join(made)


def time_text(seconds: float) -> str:
    """The same in every language: 2026-11-22 11:15."""
    try:
        return dt.datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")
    except (OverflowError, OSError, ValueError):
        return ""
