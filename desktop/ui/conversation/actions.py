"""The buttons of one message: copy, answer anew, and the way out of a problem. Decides nothing."""

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QWidget

from desktop.i18n import _
from desktop.ui.conversation import wording
from desktop.ui.theme import icon, set_kind, space
from desktop.view_models.turns import Turn


class Actions(QWidget):
    """The row at a message's foot, always at the same place."""

    copy_wanted = Signal()
    regenerate_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space.xs)
        self.copy = self._button("copy", self.copy_wanted)
        self.regenerate = self._button("regenerate", self.regenerate_wanted)
        row.addWidget(self.regenerate)
        row.addWidget(self.copy)

    def _button(self, name: str, signal: SignalInstance) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(name))
        button.setIconSize(QSize(18, 18))
        button.setFixedSize(28, 28)
        # Tab goes through the conversation in its own order, see Walk.
        button.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        button.setCursor(Qt.CursorShape.ArrowCursor)
        button.clicked.connect(signal)
        return button

    def show_for(self, turn: Turn, *, can_regenerate: bool) -> None:
        self.copy.setToolTip(_("Copy"))
        self.copy.setAccessibleName(_("Copy this message"))
        self.regenerate.setToolTip(_("Answer again"))
        self.regenerate.setAccessibleName(_("Answer this question again"))
        self.regenerate.setVisible(turn.is_reply and can_regenerate)
        self.copy.setVisible(bool(turn.text))

    def buttons(self) -> list[QWidget]:
        return [button for button in (self.regenerate, self.copy) if not button.isHidden()]


class Remedy(QPushButton):
    """What to do about a problem, as the one button on its card."""

    wanted = Signal(str)  # "restart", "model" or "retry"

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        set_kind(self, "primary")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._action = ""
        self.clicked.connect(lambda: self.wanted.emit(self._action))

    def show_for(self, turn: Turn, *, can_act: bool) -> None:
        problem = turn.problem if turn.state == "failed" and can_act else None
        if problem is not None:
            self._action, label = wording.remedy(problem)
            self.setText(label)
            self.adjustSize()
        self.setVisible(problem is not None)
