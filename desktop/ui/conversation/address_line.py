"""A calm line at the conversation's foot: where the link that has the keyboard leads. Follows no link."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLabel, QWidget

from desktop.ui.theme import set_kind, space

_SHARE = 0.45  # of the conversation's width, at most: the button that leads to the end stands in the middle


class AddressLine(QLabel):
    """Shown while a link has the keyboard, as its tip is for the mouse."""

    def __init__(self, view: QAbstractScrollArea) -> None:
        super().__init__(view.viewport())
        self._view = view
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setContentsMargins(space.s, space.xs, space.s, space.xs)
        set_kind(self, "panel")
        self.hide()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    def tell(self, said: str) -> None:
        """Show this; nothing where it is empty."""
        room = self._view.viewport().size()
        shown = QFontMetricsF(self.font()).elidedText(
            said[:500], Qt.TextElideMode.ElideMiddle, room.width() * _SHARE
        )
        self.setText(shown)
        self.adjustSize()
        self.move(0, room.height() - self.height())
        self.setVisible(bool(shown))
        self.raise_()

    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:  # noqa: ARG002
        self.hide()
