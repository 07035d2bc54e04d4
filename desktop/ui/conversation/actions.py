"""The buttons of one message: versions, what can be done, the way out of a problem. Decides nothing."""

from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from desktop.i18n import _
from desktop.ui.conversation import wording
from desktop.ui.theme import grow, icon, set_kind, space
from desktop.view_models.turns import Turn

BUTTON: Final = 28


def _button(parent: QWidget, name: str) -> QToolButton:
    button = QToolButton(parent)
    button.setIcon(icon(name))
    grow(button, side=BUTTON, icon=18)
    # Tab goes through the conversation in its own order, see Walk.
    button.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    button.setCursor(Qt.CursorShape.ArrowCursor)
    return button


def _name(button: QToolButton, tip: str, spoken: str) -> None:
    button.setToolTip(tip)
    button.setAccessibleName(spoken)


class Versions(QWidget):
    """Arrows around "2 of 3", always in sight where a message has more than one version."""

    wanted = Signal(int)  # so many versions on

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.back, self.forward = _button(self, "chevron_left"), _button(self, "chevron_right")
        self.said = QLabel(self)
        set_kind(self.said, "muted")
        self.back.clicked.connect(lambda: self.wanted.emit(-1))
        self.forward.clicked.connect(lambda: self.wanted.emit(1))
        for child in (self.back, self.said, self.forward):
            row.addWidget(child)

    def show_for(self, turn: Turn, *, can_change: bool) -> None:
        _name(self.back, _("Earlier version"), _("Show the version before this one"))
        _name(self.forward, _("Later version"), _("Show the version after this one"))
        self.said.setText(wording.version(turn))
        # at the ends they stay enabled: a button that is disabled gives the keyboard away
        for button, name, step in ((self.back, "chevron_left", -1), (self.forward, "chevron_right", 1)):
            reachable = turn.beside(step) is not None and can_change
            button.setIcon(icon(name, "muted" if reachable else "line"))
        self.setVisible(len(turn.versions) > 1)
        self.adjustSize()

    def buttons(self) -> list[QWidget]:
        return [] if self.isHidden() else [self.back, self.forward]


class Actions(QWidget):
    """The row at a message's foot, always at the same place."""

    wanted = Signal(str)  # see `desktop.ui.conversation.deeds`

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space.xs)
        self.good = self._add("thumb_up", "good")
        self.bad = self._add("thumb_down", "bad")
        self.go_on = self._add("continue", "continue")
        self.edit = self._add("edit", "edit")
        self.regenerate = self._add("regenerate", "regenerate")
        self.copy = self._add("copy", "copy")
        self.more = self._add("more", "more")

    def _add(self, name: str, deed: str) -> QToolButton:
        button = _button(self, name)
        button.clicked.connect(lambda: self.wanted.emit(deed))
        self.layout().addWidget(button)  # type: ignore[union-attr]
        return button

    def show_for(self, turn: Turn, *, can_regenerate: bool, can_change: bool) -> None:
        _name(self.copy, _("Copy"), _("Copy this message"))
        _name(self.regenerate, _("Answer again"), _("Answer this question again"))
        _name(self.go_on, _("Continue"), _("Continue this reply where it ended"))
        self.go_on.setVisible(turn.cut_short and can_regenerate and can_change)
        _name(self.edit, _("Edit"), _("Edit this message"))
        _name(self.more, _("More"), _("More that can be done with this message"))
        _name(self.good, _("Good reply"), _("This reply is good"))
        _name(self.bad, _("Bad reply"), _("This reply is bad"))
        self.good.setIcon(icon("thumb_up", "accent" if turn.rating > 0 else "muted"))
        self.bad.setIcon(icon("thumb_down", "accent" if turn.rating < 0 else "muted"))
        stored = turn.stored
        for button in (self.good, self.bad):
            button.setVisible(turn.is_reply and stored and bool(turn.text))
        self.edit.setVisible(stored and can_change)
        self.regenerate.setVisible(turn.is_reply and can_regenerate)
        self.copy.setVisible(bool(turn.text))
        self.more.setVisible(stored)

    def buttons(self) -> list[QWidget]:
        row = (self.good, self.bad, self.go_on, self.edit, self.regenerate, self.copy, self.more)
        return [button for button in row if not button.isHidden()]

    @property
    def menu_at(self) -> QPoint:
        """Where the menu behind "more" opens, on the screen."""
        return self.more.mapToGlobal(QPoint(0, self.more.height()))


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
