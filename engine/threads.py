"""How many threads evaluate, by what the rest of the machine leaves free. Evaluates nothing.

Threads wait for each other after every step of a token. Where one of them shares its core with another
program, all wait for it, and fewer threads are faster: packaging/decisions/0015.
"""

import time
from collections.abc import Sequence
from typing import Any, Final, Protocol

import psutil

LOOK_S: Final = 0.25  # shorter, and the system's clock ticks, of 10 ms, tell too little
SPARE: Final = 0.45  # of a core: what others may take before a thread leaves it to them


class Evaluator(Protocol):
    """Whose threads they are."""

    @property
    def threads(self) -> int: ...

    def use_threads(self, count: int) -> None: ...


class Threads:
    """As many threads as cores are left, at most `most`. Looks a few times a second, while it works."""

    def __init__(self, most: int, cores: Sequence[int]) -> None:
        """`cores`: the numbers of those that this process may use."""
        self._most, self._cores = most, tuple(cores)
        self._looked_s = 0.0
        self._all_s = self._own_s = 0.0

    def begin(self) -> None:
        """Call it before the first evaluation of a reply: what others did until now is past."""
        self._looked_s = time.perf_counter()
        self._all_s, self._own_s = _busy_s(self._cores), time.process_time()

    def settle(self, evaluator: Evaluator) -> None:
        """Call it between evaluations: at most times it only looks at the clock."""
        now = time.perf_counter()
        if self._most == 1 or now - self._looked_s < LOOK_S:
            return
        before = self._looked_s, self._all_s, self._own_s
        self._looked_s, self._all_s, self._own_s = now, _busy_s(self._cores), time.process_time()
        passed = self._looked_s - before[0]
        if passed > 4 * LOOK_S:
            return  # it slept between two replies; what others did then is past
        others = ((self._all_s - before[1]) - (self._own_s - before[2])) / passed
        wanted = left_over(len(self._cores) - others, self._most)
        if wanted != evaluator.threads:
            evaluator.use_threads(wanted)


def left_over(free_cores: float, most: int) -> int:
    """How many threads to run on so many free cores."""
    return max(1, min(most, int(free_cores + SPARE)))


def _busy_s(cores: Sequence[int]) -> float:
    """Seconds of these cores together, since the machine started, in which they were not idle."""
    known = psutil.cpu_times(percpu=True)
    return sum(_one_busy_s(known[core]) for core in cores if core < len(known))


def _one_busy_s(times: Any) -> float:
    # a guest's time is in the user's already
    left_out = ("idle", "iowait", "guest", "guest_nice")
    return float(sum(times) - sum(getattr(times, name, 0.0) for name in left_out))
