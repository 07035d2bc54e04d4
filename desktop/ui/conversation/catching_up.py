"""Texts too long to be taken in at once: more of those in sight with every turn of the event loop.

Keeps still what a person sees meanwhile. Parses nothing itself.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from desktop.ui.conversation.view import ConversationView

TURN_S: Final = 0.008  # of one turn, so that a key or a frame waits for no more than that
_PAUSE_MS: Final = 2


class CatchingUp(QObject):
    """Of one conversation. `look` is called whenever something was laid out."""

    def __init__(self, view: ConversationView) -> None:
        super().__init__(view)
        self._view = view
        self._timer = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._timer.timeout.connect(self._go_on)

    @property
    def behind(self) -> bool:
        """Something in sight is not taken in whole."""
        return any(entry.pieces.behind for entry in self._view.entries_in_sight())

    def look(self) -> None:
        """Go on soon, if there is anything to do."""
        if not self._timer.isActive() and self.behind:
            self._timer.start()

    def _go_on(self) -> None:
        until = time.perf_counter() + TURN_S
        view = self._view
        top = view.verticalScrollBar().value()
        changed = False
        for index, entry in view.stack.entries.made:
            if not entry.pieces.behind or view.widget_at(index) is None:
                continue
            whole = not entry.pieces.partial
            end = view.stack.top(index) + entry.height
            if not entry.pieces.take_more(lambda: time.perf_counter() > until):
                continue
            changed = True
            if not whole:
                # What stood in sight stands at other numbers now, and as far above the message's end.
                view.selection.forget_from(index)
                view.stack.measure(index)
                if not view.following:
                    view.keep(index, view.stack.height_of(index) - (end - top))
        if changed:
            view.arrange()
        self.look()
