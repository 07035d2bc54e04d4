"""What an empty conversation says: one thing, and one button. Decides nothing."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.pieces import balanced_px
from desktop.ui.theme import set_kind, space, text_scale

WIDEST_PX: Final = 400  # of a line


class EmptyState(QWidget):
    """Shown in the middle of the conversation while it has no turns."""

    model_wanted = Signal()
    composer_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._says = ""
        self._quiet = False
        self._offers = False  # a button
        self.title = QLabel(self)
        self.title.setWordWrap(True)
        set_kind(self.title, "heading")
        self.text = QLabel(self)
        set_kind(self.text, "muted")
        self.text.setWordWrap(True)
        self.button = QPushButton(self)
        set_kind(self.button, "primary")
        self.button.clicked.connect(self._clicked)
        for label in (self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setSpacing(space.m)
        column.addStretch()
        column.addWidget(self.title, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.text, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(space.s)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()

    def say(self, what: str) -> None:
        """One of the view model's kinds of emptiness; "" hides it."""
        self._says = what
        words = {
            "no_model": (
                _("Choose a model"),
                _("A model is one file on this computer. Nothing you write leaves it."),
                _("Choose a model"),
            ),
            "ask": (
                _("What shall we talk about?"),
                _("Ask anything, or drop a file here to ask about it."),
                _("Ask a question"),
            ),
            "side": ("", _("What this side answers will stand here."), ""),
            "loading_chat": (_("Opening the chat"), "", ""),
        }
        title, text, button = words.get(what, ("", "", ""))
        self.title.setText(title)
        self.text.setText(text)
        self.button.setText(button)
        self._offers = bool(button) and not (self._quiet and what == "ask")
        self.setVisible(bool(what))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Large text in a low window: the explanation is the first to go, then the title, then all of it."""
        width = max(1, min(self.width() - 2 * space.m, round(WIDEST_PX * max(1.0, text_scale()))))
        for words in (self.title, self.text):
            across = balanced_px(words, width)
            words.setFixedSize(across, max(0, words.heightForWidth(across)))
        text, title = self.text.height() + space.m, self.title.height()
        button = self.button.sizeHint().height() if self._offers else 0
        room = self.height() - 2 * space.m
        self.text.setVisible(bool(self.text.text()) and room >= text + title + button + 2 * space.m)
        self.title.setVisible(bool(self.title.text()) and room >= title + button + 2 * space.m)
        self.button.setVisible(self._offers and room >= button)

    def invite(self, invites: bool) -> None:
        """False while a question could not be answered: something else is to be chosen first."""
        self._quiet = not invites
        self.say(self._says)

    def _clicked(self) -> None:
        (self.model_wanted if self._says == "no_model" else self.composer_wanted).emit()
