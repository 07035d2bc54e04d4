"""Tab through the conversation: a message, its links, its buttons, the next message. Then out.

Messages out of sight have no widget, so Qt's own order of focus cannot do this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from desktop.ui.conversation.links import Link, links_of

if TYPE_CHECKING:
    from desktop.ui.conversation.turn_widget import TurnWidget
    from desktop.ui.conversation.view import ConversationView

Stop = Link | QWidget | None  # None: the message itself


class Walk:
    """Where the keyboard is in the conversation."""

    def __init__(self, view: ConversationView) -> None:
        self._view = view

    @property
    def _widget(self) -> TurnWidget | None:
        focus = QApplication.focusWidget()
        for widget in self._view.widgets():
            if focus is not None and (widget is focus or widget.isAncestorOf(focus)):
                return widget
        return None

    @property
    def index(self) -> int:
        """The message that has the keyboard; -1 when none has."""
        widget = self._widget
        return widget.index if widget is not None else -1

    @property
    def link(self) -> Link | None:
        """The link that has the keyboard."""
        widget = self._widget
        return widget.focused_link if widget is not None and widget.hasFocus() else None

    def enter(self) -> bool:
        """Begin at the last message in sight; False when there is none."""
        seen = [widget.index for widget in self._view.widgets() if widget.index >= 0]
        if seen:
            self._go(max(seen), None)
        return bool(seen)

    def step(self, forward: bool) -> bool:
        """Go on to the next stop; False when there is none."""
        widget = self._widget
        if widget is None:
            return self._view.hasFocus() and self.enter()
        here: Stop = widget.focused_link if widget.hasFocus() else QApplication.focusWidget()
        stops = self._stops(widget)
        at = stops.index(here) if here in stops else 0
        following = at + (1 if forward else -1)
        if 0 <= following < len(stops):
            self._go(widget.index, stops[following])
            return True
        neighbour = widget.index + (1 if forward else -1)
        if not 0 <= neighbour < len(self._view.stack.entries):
            return False
        self._go(neighbour, None)
        if not forward:
            self._go_last(neighbour)
        return True

    def _stops(self, widget: TurnWidget) -> list[Stop]:
        if widget.entry is None:
            return [None]
        # not isVisible: where the window is hidden its buttons are all the same
        seen = [control for control in widget.controls() if control.isVisibleTo(widget)]
        return [None, *links_of(widget.entry), *seen]

    def _go(self, index: int, stop: Stop) -> None:
        self._view.show_message(index, stop.piece if isinstance(stop, Link) else -1)
        widget = self._view.widget_at(index)
        if widget is None:
            return
        if isinstance(stop, QWidget):
            stop.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            widget.focus_link(stop)

    def _go_last(self, index: int) -> None:
        widget = self._view.widget_at(index)
        if widget is not None:
            self._go(index, self._stops(widget)[-1])

    def leave(self, forward: bool) -> bool:
        """Give the keyboard to the next widget outside the conversation."""
        view = self._view
        candidate = view.nextInFocusChain() if forward else view.previousInFocusChain()
        while candidate is not None and candidate is not view:
            inside = view.isAncestorOf(candidate)
            takes = bool(candidate.focusPolicy() & Qt.FocusPolicy.TabFocus)
            if not inside and takes and candidate.isVisible() and candidate.isEnabled():
                reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
                candidate.setFocus(reason)
                return True
            candidate = candidate.nextInFocusChain() if forward else candidate.previousInFocusChain()
        return False
