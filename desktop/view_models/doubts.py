"""What in finished replies to look at twice, found beside the window's thread for those that are in sight.

Keeps the last ones. Chooses no words and paints nothing.
"""

from typing import Final

from PySide6.QtCore import QObject, Signal

from desktop.core.answers import said
from desktop.core.answers.grounding import Doubt, doubts
from desktop.core.operations import Operation, start
from desktop.core.types import Problem
from desktop.view_models.bridge import follow
from desktop.view_models.turns import Turn

KEPT: Final = 200  # replies
LONGEST: Final = 60_000  # characters of a reply that is looked through

_Key = tuple[int, str]


class DoubtsViewModel(QObject):
    """One for a conversation. `found` when there is more to tell of some reply."""

    found = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known: dict[_Key, tuple[Doubt, ...]] = {}
        self._busy = False

    def of(self, turn: Turn) -> tuple[Doubt, ...] | None:
        """None while nobody has looked; then it is looked at soon, and `found` tells."""
        if not turn.may_be_doubted or len(turn.text) > LONGEST:
            return ()
        key = (turn.key, turn.text)
        known = self._known.get(key)
        if known is None and not self._busy:
            self._look(key, turn)
        return known

    def _look(self, key: _Key, turn: Turn) -> None:
        self._busy = True

        def work(_: Operation[tuple[Doubt, ...]]) -> tuple[Doubt, ...]:
            end = said.own_words_at(turn.text) if turn.looked.way == "every" else len(turn.text)
            return doubts(turn.text[:end], turn.excerpts, turn.asked)

        def failed(_: Problem) -> None:
            self._take(key, ())  # marks are worth no message of their own

        follow(start(work, "doubts"), self, on_result=lambda all_: self._take(key, all_), on_error=failed)

    def _take(self, key: _Key, all_: tuple[Doubt, ...]) -> None:
        self._busy = False
        self._known[key] = all_
        while len(self._known) > KEPT:
            del self._known[next(iter(self._known))]
        self.found.emit()
