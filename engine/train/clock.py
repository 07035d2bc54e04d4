"""How long learning takes: seconds so far, tokens a second, what is left. A sleep counts for nothing.

A laptop that sleeps, or a process that is held, leaves one step that took hours. Whether a system's clock
goes on meanwhile differs between systems; here it is all the same.
"""

import statistics
import time
from collections import deque
from typing import Final, Literal

Work = Literal["learn", "validate", "sample", "save"]

PAUSE_S: Final = 20.0  # the shortest that is taken for one
PAUSE_TIMES: Final = 20.0  # and how many times what is usual for the same work it is at least
REMEMBERED: Final = 64


class Clock:
    """Of one life of a run."""

    def __init__(self, before_s: float = 0.0) -> None:
        """`before_s`: of the run's earlier lives."""
        self._before_s = before_s
        self._last = time.monotonic()
        self._steps = 0
        self._first_s = 0.0  # the first step compiles and fills caches: no other is like it
        self._passed_s = 0.0
        self._lap_s = 0.0
        self._usual: dict[Work, deque[float]] = {}

    def done(self, work: Work) -> None:
        """This is what was done since the last time this was called."""
        now = time.monotonic()
        took_s, self._last = max(0.0, now - self._last), now
        usual = self._usual.setdefault(work, deque(maxlen=REMEMBERED))
        if usual:
            usual_s = statistics.median(usual)
            if took_s > max(PAUSE_S, PAUSE_TIMES * usual_s):
                took_s = usual_s
        usual.append(took_s)
        self._passed_s += took_s
        if work == "learn":
            if not self._steps:
                self._first_s = took_s
            self._steps += 1
            self._lap_s += took_s

    @property
    def seconds(self) -> float:
        """Of the run, over all the times that it was begun."""
        return self._before_s + self._passed_s

    @property
    def each(self) -> float:
        """Seconds for each step, with all that is done beside them, in this life of the run."""
        if self._steps < 2:
            return self._passed_s
        return (self._passed_s - self._first_s) / (self._steps - 1)

    def lap(self) -> float:
        """Seconds of learning since the last time this was asked."""
        passed_s, self._lap_s = self._lap_s, 0.0
        return max(passed_s, 1e-9)
