"""Tab through the conversation: a message, its links, its buttons, the next message. Then out.

Messages out of sight have no widget, so Qt's own order of focus cannot do this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget

from desktop.ui.conversation import wording
from desktop.ui.conversation.address_line import AddressLine
from desktop.ui.conversation.links import Link, next_link
from desktop.ui.theme import space

if TYPE_CHECKING:
    from desktop.ui.conversation.turn_widget import TurnWidget
    from desktop.ui.conversation.view import ConversationView

Stop = Link | QWidget | None  # None: the message itself


class Walk:
    """Where the keyboard is in the conversation."""

    def __init__(self, view: ConversationView) -> None:
        self._view = view
        self._address = AddressLine(view)

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
        found, following = self._beside(widget, forward)
        if found:
            self._go(widget.index, following)
            return True
        neighbour = widget.index + (1 if forward else -1)
        if not 0 <= neighbour < len(self._view.stack.entries):
            return False
        self._go(neighbour, None)
        if not forward:
            self._go_last(neighbour)
        return True

    def _beside(self, widget: TurnWidget, forward: bool) -> tuple[bool, Stop]:
        """(is there one, the next stop within this message). Links are looked for one at a time."""
        entry, focus = widget.entry, QApplication.focusWidget()
        if entry is None:
            return False, None
        buttons = self._buttons(widget)
        if focus in buttons:
            at = buttons.index(focus) + (1 if forward else -1)
            if 0 <= at < len(buttons):
                return True, buttons[at]
            return (False, None) if forward else (True, next_link(entry, None, forward=False))
        here = widget.focused_link if widget.hasFocus() else None
        if not forward:
            return (False, None) if here is None else (True, next_link(entry, here, forward=False))
        following: Stop = next_link(entry, here, forward=True) or next(iter(buttons), None)
        return following is not None, following

    def _buttons(self, widget: TurnWidget) -> list[QWidget]:
        # not isVisible: where the window is hidden its buttons are all the same
        return [control for control in widget.controls() if control.isVisibleTo(widget)]

    def _go(self, index: int, stop: Stop) -> None:
        if isinstance(stop, QWidget):
            self._show_button(index, stop)
        else:
            self._view.show_message(index, stop.piece if stop is not None else -1)
        widget = self._view.widget_at(index)
        if widget is None:
            return
        if isinstance(stop, QWidget):
            stop.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            widget.focus_link(stop)
            self._address.tell(wording.link(stop.cites, stop.href) if stop is not None else "")

    def _show_button(self, index: int, button: QWidget) -> None:
        """Scroll as little as brings a button of a message into sight: a long message's stand far below."""
        view, widget = self._view, self._view.widget_at(index)
        if widget is None:
            return
        begin = button.mapTo(widget, QPoint(0, 0)).y()  # from the message's top, as are the others
        end = begin + button.height() + space.s
        seen, height = view.verticalScrollBar().value() - view.stack.top(index), view.viewport().height()
        if begin < seen:
            view.hold(index, -1, space.xl - begin)
        elif end > seen + height:
            view.hold(index, -1, height - end)

    def _go_last(self, index: int) -> None:
        widget = self._view.widget_at(index)
        if widget is None or widget.entry is None:
            return
        buttons = self._buttons(widget)
        self._go(index, buttons[-1] if buttons else next_link(widget.entry, None, forward=False))

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
