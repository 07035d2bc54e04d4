"""Why an engine worker ended, as far as the system tells. Ends none."""

import re
from collections.abc import Callable
from typing import Final

from desktop.core.errors import CoreError, Reported
from desktop.core.workers.supervisor import NO_ANSWER
from engine.errors import EngineDied
from engine.limits import oom_kills

# what C++, Python, ggml and the system say when there is no memory to be had
_NO_MEMORY: Final = re.compile(
    r"bad_alloc|MemoryError|failed to allocate|out of memory|Cannot allocate memory", re.IGNORECASE
)


class EngineDeaths:
    """Tells one kind of end from another."""

    def __init__(self, kills: Callable[[], int] = oom_kills) -> None:
        """`kills`: how many processes the system has ended for want of memory, by now."""
        self._kills = kills
        self._before = 0

    def started(self) -> None:
        """A worker starts now."""
        self._before = self._kills()

    def died(self, how: str, detail: str) -> CoreError:
        """The error of a worker that ended like this, with these last lines in its log."""
        reasons = {}
        if how == NO_ANSWER:
            reasons["silent"] = 1
        elif how == "SIGBUS":  # a mapped file that has become too short, or whose disk is gone
            reasons["file_lost"] = 1
        elif (how == "SIGKILL" and self._kills() > self._before) or _NO_MEMORY.search(detail):
            reasons["out_of_memory"] = 1
        return Reported.of(EngineDied(detail, how=how, **reasons))
