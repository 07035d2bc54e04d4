"""Trees of messages out of what a file says of them: circles cut, lost parents replaced. Reads no file."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec.structs import replace

from desktop.core.exchange.conversations import Node, Note, NoteKind
from desktop.core.types import Part, TextPart, ThoughtsPart
from engine.protocol import Role

MOST_NAMES = 20


class Notes:
    """What did not come of one conversation, counted."""

    def __init__(self) -> None:
        self._counts: Counter[NoteKind] = Counter()
        self._names: dict[NoteKind, list[str]] = {}

    def add(self, kind: NoteKind, name: str = "", count: int = 1) -> None:
        self._counts[kind] += count
        if name:
            self._names.setdefault(kind, []).append(name)

    def all(self) -> tuple[Note, ...]:
        return tuple(
            Note(kind, count, tuple(self._names.get(kind, ())[:MOST_NAMES]))
            for kind, count in self._counts.items()
        )


@dataclass
class Sprout:
    """A message as a file has it, before its place in the tree is sure. No `role`: it is not shown."""

    key: str
    parent: str
    role: Role | None = None
    parts: tuple[Part, ...] = ()
    created_at: float | None = None
    model: str = ""
    stopped: bool = False
    rating: int = 0
    tail: bool = False  # part of the reply before it, where it is the only one that follows
    children: list[str] = field(default_factory=list)


def grown(sprouts: Iterable[Sprout], leaf: str, start: float, notes: Notes) -> tuple[list[Node], str | None]:
    """The tree, parents first, siblings in the order of the file; and the key of the leaf that was shown.

    What has no role, or nothing in it, is taken out, and its children hang on its parent. `start`: the time
    of messages before which no time is told.
    """
    known: dict[str, Sprout] = {}
    for sprout in sprouts:
        if sprout.key in known:
            notes.add("doubled_messages")
        else:
            known[sprout.key] = sprout
    _connect(known, notes)
    nodes, stands_for = _planted(known, start)
    shown = stands_for.get(leaf)
    if shown is None and nodes:
        shown = nodes[-1].key
    return nodes, shown


def _connect(known: dict[str, Sprout], notes: Notes) -> None:
    """Fill in the children. A parent that is not there, or is below itself, is none."""
    for sprout in known.values():
        if sprout.parent and sprout.parent not in known:
            sprout.parent = ""
            if sprout.role is not None:
                notes.add("lost_parents")
    sound: set[str] = set()
    for key in known:
        path: list[str] = []
        seen: set[str] = set()
        at = key
        while at and at not in sound:
            if at in seen:
                known[at].parent = ""
                notes.add("circles")
                break
            seen.add(at)
            path.append(at)
            at = known[at].parent
        sound.update(path)
    for sprout in known.values():
        if sprout.parent:
            known[sprout.parent].children.append(sprout.key)


def _planted(known: dict[str, Sprout], start: float) -> tuple[list[Node], dict[str, str]]:
    nodes: dict[str, Node] = {}
    stands_for: dict[str, str] = {}
    # (message, the message above it that is shown)
    waiting = [(sprout.key, "") for sprout in reversed(known.values()) if not sprout.parent]
    while waiting:
        key, above = waiting.pop()
        sprout = known[key]
        if sprout.role is not None and sprout.parts:
            before = nodes.get(above)
            if before is not None and _goes_on(before, sprout, known):
                nodes[above] = _joined(before, sprout)
            else:
                nodes[key] = _node(sprout, before, start)
                above = key
        if above:
            stands_for[key] = above
        waiting += [(child, above) for child in reversed(sprout.children)]
    return list(nodes.values()), stands_for


def _goes_on(before: Node, sprout: Sprout, known: dict[str, Sprout]) -> bool:
    """Whether a reply was written in several messages, without another branch between them."""
    if before.role != "assistant" or sprout.role != "assistant":
        return False
    at = sprout
    while at.key != before.key:
        up = known.get(at.parent)
        if up is None or len(up.children) > 1:
            return False
        if up.key == before.key or up.role is not None:
            break
        at = up
    return True


def _node(sprout: Sprout, before: Node | None, start: float) -> Node:
    created_at = sprout.created_at
    if created_at is None:
        created_at = start if before is None else before.created_at
    assert sprout.role is not None  # noqa: S101  who calls has looked
    return Node(
        sprout.key,
        None if before is None else before.key,
        sprout.role,
        joined_parts(sprout.parts),
        created_at,
        sprout.model,
        "stopped" if sprout.stopped else "complete",
        rating=sprout.rating,
    )


def _joined(before: Node, sprout: Sprout) -> Node:
    return replace(
        before,
        parts=joined_parts((*before.parts, *sprout.parts)),
        model=before.model or sprout.model,
        state="stopped" if sprout.stopped else before.state,
        rating=sprout.rating or before.rating,
    )


def joined_parts(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Thoughts in front, in one part; the texts in one part behind them; then whatever else there is."""
    thoughts: list[str] = []
    seconds = 0.0
    texts: list[str] = []
    others: list[Part] = []
    for part in parts:
        if isinstance(part, ThoughtsPart):
            seconds += part.seconds
            if part.text.strip():
                thoughts.append(part.text.strip("\n"))
        elif isinstance(part, TextPart):
            if part.text.strip():
                texts.append(part.text)
        else:
            others.append(part)
    made: list[Part] = []
    if thoughts:
        made.append(ThoughtsPart("\n\n".join(thoughts), seconds))
    if texts:
        made.append(TextPart(texts[0] if len(texts) == 1 else "\n\n".join(t.strip("\n") for t in texts)))
    return (*made, *others)
