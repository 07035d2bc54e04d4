"""How much of a prompt a GPU is given at once, so that it can be stopped soon. Evaluates nothing.

llama.cpp asks whether to stop between the steps of a processor only: what a GPU was given runs to its end.
So it gets as much as it does within about half a second: little for a slow one, a whole batch for a fast one.
Why not less, and what it cost: packaging/decisions/0074.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

SHORT_S: Final = 0.5  # a portion that took less is followed by twice as much
LONG_S: Final = 1.0  # and one that took more, by half of it
FIRST: Final = 32  # tokens, before anything is known of the GPU
# every portion reads all weights once, whatever its size; below this, hardly anything else would be done
LEAST: Final = 16


class Portions:
    """Learns from every portion how fast the GPU is."""

    def __init__(
        self, most: int, settle: Callable[[], None], clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """`most`: tokens of a batch. `settle` waits until the GPU has done what it was given."""
        self._most = most
        self._settle = settle
        self._clock = clock
        self._size = min(FIRST, most)

    def of(self, tokens: Sequence[int]) -> Iterator[Sequence[int]]:
        """`tokens` in portions; each is to be evaluated before the next is asked for."""
        at = 0
        while at < len(tokens):
            portion = tokens[at : at + self._size]
            at += len(portion)
            began_s = self._clock()
            yield portion
            self._settle()
            self._learn(len(portion), self._clock() - began_s)

    def _learn(self, count: int, took_s: float) -> None:
        if took_s > LONG_S:
            self._size = max(min(LEAST, self._most), self._size // 2)
        elif took_s < SHORT_S and count == self._size:
            self._size = min(self._most, self._size * 2)
