"""What the window shows before encrypted chats are opened: a field for the passphrase."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.core.types import Problem
from desktop.i18n import _
from desktop.ui.folding_row import FoldingRow
from desktop.ui.pieces import icon_label, label, text_button, unbroken
from desktop.ui.theme import grow, space
from desktop.ui.yielding import Scrolling
from desktop.words import hint, sentence

WIDEST_PX = 480


class UnlockPage(QWidget):
    """Enter tries the passphrase. `tried` carries it; `quit_requested` asks for the end."""

    tried = Signal(str)
    quit_requested = Signal()

    def __init__(self, folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Unlock your chats"))
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setPlaceholderText(_("Passphrase"))
        self.field.setAccessibleName(_("Passphrase"))
        self.said = label("", "danger", wrap=True)
        self.said.hide()
        self.open = text_button(_("Open"), "primary", self._try)
        self.quit = text_button(_("Close"), "", self.quit_requested.emit)
        self.forgotten = text_button(_("Passphrase forgotten?"), "quiet", self._tell_truth)
        self.truth = label(_truth(folder), "muted", wrap=True)
        self.truth.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.truth.hide()
        self._build()
        self.field.textChanged.connect(self._typed)
        self.field.returnPressed.connect(self._try)
        self._typed()

    def _build(self) -> None:
        middle = QWidget()
        grow(middle, most_width=WIDEST_PX)
        column = QVBoxLayout(middle)
        column.setSpacing(space.m)
        column.addStretch(2)
        column.addWidget(icon_label("lock", "muted", 32))
        column.addWidget(label(_("Your chats and documents are encrypted"), "heading", wrap=True))
        column.addWidget(label(_("Type the passphrase to open them."), wrap=True))
        column.addSpacing(space.s)
        column.addWidget(self.field)
        column.addWidget(self.said)
        buttons = FoldingRow()
        buttons.setSpacing(space.s)
        for button in (self.open, self.quit):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.forgotten)
        column.addLayout(buttons)
        column.addWidget(self.truth)
        column.addStretch(3)
        scrolled = Scrolling(middle)  # large text in a low window
        grow(scrolled, most_width=WIDEST_PX)
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        outer.addWidget(scrolled, 4)
        outer.addStretch(1)

    def refuse(self, problem: Problem) -> None:
        """It was not the right one, or cannot be tried: say so, and let the person type again."""
        self.said.setText(unbroken(" ".join(text for text in (sentence(problem), hint(problem)) if text)))
        self.said.show()
        self.setEnabled(True)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _try(self) -> None:
        typed = self.field.text()
        if typed and self.isEnabled():
            self.field.clear()
            self.said.hide()
            self.setEnabled(False)
            self.tried.emit(typed)

    def _typed(self) -> None:
        self.open.setEnabled(bool(self.field.text()))

    def _tell_truth(self) -> None:
        self.truth.setVisible(not self.truth.isVisibleTo(self))


def _truth(folder: str) -> str:
    return _(
        "Nobody can open them without it: there is no second way in, and nobody else has the key. If you "
        "remember it later, everything is still there. To begin anew, close Sobremesa, move the folder "
        "{folder} to another place and start again; a backup that you made can be restored then."
    ).format(folder=folder)
