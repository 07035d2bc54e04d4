"""What a look at the whole installation found, as values. Frozen; no behaviour beyond small reads."""

from typing import Literal

import msgspec

from desktop.core.types import Param, Problem
from rag.protocol import Fault

Area = Literal[
    "installation", "devices", "models", "chats", "library", "settings", "disk", "permissions", "network"
]
AREAS: tuple[Area, ...] = (
    "installation",
    "devices",
    "models",
    "chats",
    "library",
    "settings",
    "disk",
    "permissions",
    "network",
)
Level = Literal["fine", "notice", "trouble"]
State = Literal["", "repairable", "repaired"]


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at. `kind` names the words, see desktop.words.health.

    `problem` or `fault`: what says more than the kind does. `state`: whether the program can mend it, or has.
    """

    area: Area
    kind: str
    level: Level = "fine"
    params: dict[str, Param] = {}
    problem: Problem | None = None
    fault: Fault | None = None
    state: State = ""


class Health(msgspec.Struct, frozen=True):
    """All that was looked at, by area. `thorough`: files were read to their last page."""

    findings: tuple[Finding, ...]
    thorough: bool = False

    @property
    def troubles(self) -> tuple[Finding, ...]:
        """What is wrong, and is not mended."""
        return tuple(f for f in self.findings if f.level == "trouble" and f.state != "repaired")

    @property
    def repairable(self) -> bool:
        return any(finding.state == "repairable" for finding in self.findings)


class LookingAt(msgspec.Struct, frozen=True, tag=True):
    """Told before an area is looked at."""

    area: Area


class Paper(msgspec.Struct, frozen=True):
    """One text of the diagnostics: its name in the bundle, and all that would be passed on."""

    name: str
    text: str
