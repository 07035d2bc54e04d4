"""What assistive technology hears of the conversation: a list of messages, each with its words.

Objects made here live as long as the program (Qt keeps them by number), so there is one per widget of
the view's pool and no more.
"""

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface, QAccessibleObject, QWindow
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from desktop.ui.conversation import answers_wording, wording
from desktop.ui.conversation.turn_widget import TurnWidget

_INSTALLED = "conversation_accessible"


class TurnAccessible(QAccessibleObject):
    """One message: its name is who said it and what; its description where it stands and its state."""

    def _widget(self) -> TurnWidget | None:
        found = self.object()
        return found if isinstance(found, TurnWidget) and isValid(found) else None

    def _children(self) -> list[QWidget]:
        widget = self._widget()
        if widget is None:
            return []
        return [control for control in widget.controls() if control.isVisible()]

    def parent(self) -> QAccessibleInterface | None:  # type: ignore[override]
        widget = self._widget()
        above = widget.parentWidget() if widget else None
        return QAccessible.queryAccessibleInterface(above) if above else None

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        children = self._children()
        return QAccessible.queryAccessibleInterface(children[index]) if index < len(children) else None

    def childCount(self) -> int:
        return len(self._children())

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return next((i for i, widget in enumerate(self._children()) if widget is child.object()), -1)

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        for widget in self._children():
            if QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size()).contains(x, y):
                return QAccessible.queryAccessibleInterface(widget)
        return None

    def rect(self) -> QRect:
        widget = self._widget()
        return QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size()) if widget else QRect()

    def window(self) -> QWindow | None:  # type: ignore[override]
        widget = self._widget()
        return widget.window().windowHandle() if widget else None

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        widget = self._widget()
        state.readOnly = state.focusable = True
        state.invisible = widget is None or widget.isHidden()
        state.focused = widget is not None and widget.hasFocus()
        state.busy = (
            widget is not None and widget.entry is not None and widget.entry.turn.state == "streaming"
        )
        return state

    def text(self, kind: QAccessible.Text) -> str:
        widget = self._widget()
        if widget is None or widget.entry is None:
            return ""
        if kind == QAccessible.Text.Name:
            return spoken(widget)
        if kind == QAccessible.Text.Description:
            return widget.accessibleDescription()
        return ""


def spoken(widget: TurnWidget) -> str:
    """A message's name: the link that has the focus, or its author and words."""
    if widget.entry is None:
        return ""
    if widget.focused_link is not None:
        link, turn = widget.focused_link, widget.entry.turn
        source = answers_wording.passage_spoken(turn, link.cites) if link.cites is not None else ""
        return ": ".join(filter(None, (wording.link(link.cites, link.href), source)))
    turn = widget.entry.turn
    said = " ".join(wording.problem(turn.problem)) if turn.problem and turn.state == "failed" else ""
    thoughts = turn.thoughts
    told = wording.thoughts(turn) if thoughts is not None else ""
    if thoughts is not None and widget.entry.pieces.unfolded:
        told = f"{told}: {thoughts.text}"
    files = ", ".join(file.name for file in turn.files)
    words = [told, turn.text, files, widget.entry.status, said, wording.ending(turn)]
    words.append(answers_wording.spoken(turn, widget.entry.pieces.doubts))
    words = [wording.version(turn), wording.marks(turn), *words]
    return f"{wording.author(turn)}: " + " ".join(word for word in words if word)


def _made(_: str, which: QObject) -> QAccessibleInterface | None:
    return TurnAccessible(which) if isinstance(which, TurnWidget) else None


def install(app: QApplication) -> None:
    """Have messages described by this module. Once for an application is enough."""
    if not app.property(_INSTALLED):
        QAccessible.installFactory(_made)
        app.setProperty(_INSTALLED, True)
