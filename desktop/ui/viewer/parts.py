"""Small parts of the viewer: the page's number as a field, and a note about the page."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.pieces import icon_label, label
from desktop.ui.theme import grow, set_kind, space
from desktop.ui.yielding import Yielding

_QUOTE_LENGTH = 320


class PageField(QLineEdit):
    """The page's number, to be typed over. Escape puts it back."""

    page_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        grow(self, width=56)
        self.setValidator(QIntValidator(1, 999_999, self))
        self._page = 1
        self.returnPressed.connect(self._choose)

    def show_page(self, page: int, pages: int) -> None:
        self._page = page
        self.setEnabled(pages != 1)
        if not (self.hasFocus() and self.isModified()):
            self.setText(str(page))

    def _choose(self) -> None:
        page = int(self.text()) if self.text().isdigit() else self._page
        self.setModified(False)
        self.page_chosen.emit(page)
        self.setText(str(self._page))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.setText(str(self._page))
            self.selectAll()
        else:
            super().keyPressEvent(event)


class NoteBar(Yielding):
    """A note on the page, the passage it is about, and trying again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        inner = QWidget()
        card = QFrame(inner)
        set_kind(card, "card")
        self._sign, self._words, self._quote = icon_label("info", "amber"), label(wrap=True), label(wrap=True)
        set_kind(self._quote, "muted")
        for text in (self._words, self._quote):
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.retry_button = QPushButton()
        set_kind(self.retry_button, "link")
        words = QVBoxLayout()
        words.setSpacing(space.xs)
        words.addWidget(self._words)
        words.addWidget(self._quote)
        words.addWidget(self.retry_button, 0, Qt.AlignmentFlag.AlignLeft)
        around = QVBoxLayout(inner)
        around.setContentsMargins(space.s, space.s, space.s, 0)
        around.addWidget(card)
        row = QHBoxLayout(card)
        row.setContentsMargins(space.m, space.s, space.m, space.s)
        row.setSpacing(space.s)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        super().__init__(inner, parent, share=0.4)
        self.retranslate()

    def retranslate(self) -> None:
        self.retry_button.setText(_("Try again"))

    def show_note(self, words: str, quote: str, can_retry: bool) -> None:
        self._words.setText(words)
        short = quote if len(quote) <= _QUOTE_LENGTH else quote[:_QUOTE_LENGTH].rsplit(" ", 1)[0] + " …"
        self._quote.setText(f"“{short}”" if quote else "")
        self._quote.setVisible(bool(quote))
        self.retry_button.setVisible(can_retry)
        self.setAccessibleName(words)
        self.setVisible(bool(words))
        self.fit()
