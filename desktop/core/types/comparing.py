"""Values of two answers side by side: what each side is asked with, where it stands, what is told."""

from typing import Final, Literal

import msgspec

from desktop.core.events import ReplyEvent
from desktop.core.types import ChatInfo, Param, Problem, StoredMessage

SIDES: Final = 2

# why the sides answer in turn; "": they answer at the same time
InTurn = Literal["", "one_model", "memory"]


class Side(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one side is asked with.

    `model`: a file's path; "": the chosen one. `prompt_key`: a prompt of the library; `prompt`: a text in its
    place. With neither, what the chat has counts. `values` go before the chat's own.
    """

    model: str = ""
    prompt_key: str = ""
    prompt: str | None = None
    values: dict[str, Param] = {}


class KeptSide(msgspec.Struct, frozen=True, omit_defaults=True):
    """A side as its chat keeps it. `leaf`: the last message of its branch."""

    side: Side
    leaf: int


class ComparedSide(msgspec.Struct, frozen=True):
    """A side and the path from the first message to where it stands."""

    side: Side
    messages: tuple[StoredMessage, ...]


class Comparison(msgspec.Struct, frozen=True):
    """Two branches of one chat. `kept`: they were compared before; else both are what the chat shows.

    `problems`: of the sides whose reply failed just now.
    """

    chat: ChatInfo
    sides: tuple[ComparedSide, ComparedSide]
    kept: bool = True
    problems: tuple[Problem | None, Problem | None] = (None, None)


# ── while both are answered: a closed union ──


class ComparisonPlanned(msgspec.Struct, frozen=True, tag=True):
    """Whether both answer at the same time. Comes again when it turns out otherwise."""

    in_turn: InTurn


class SideEvent(msgspec.Struct, frozen=True, tag=True):
    """What one side's reply tells; `side` counts from 0."""

    side: int
    event: ReplyEvent


class SideEnded(msgspec.Struct, frozen=True, tag=True):
    """One side is done. `problem`: what became of it, where it failed."""

    side: int
    reply: StoredMessage
    problem: Problem | None = None


ComparingEvent = ComparisonPlanned | SideEvent | SideEnded
