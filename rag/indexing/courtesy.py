"""A question goes before what works for long beside it in the same process.

Chroma keeps Python's lock while it takes vectors in (.3 s for 500 of them), and a search that compares every
vector needs that lock again and again: it would end when the index stands. Whoever builds asks `give_way`
between portions.
"""

import threading

PATIENCE_S = 30.0


class Courtesy:
    """Any thread may ask."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._asking = 0
        self._answered = 0

    def asked(self) -> None:
        """A question came; said by whoever receives it, or what builds would go on until somebody else has
        had the time to take it up."""
        with self._turn:
            self._asking += 1

    def answered(self) -> None:
        with self._turn:
            self._asking -= 1
            self._answered += 1
            self._turn.notify_all()

    def give_way(self, patience_s: float = PATIENCE_S) -> None:
        """Wait for the question that was asked first, if there is one; not for those behind it, or whoever
        builds would never come to an end."""
        with self._turn:
            before = self._answered
            if self._asking:
                self._turn.wait_for(lambda: self._answered != before, patience_s)
