"""A label that shortens its text in the middle, where a file name tells least."""

from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget


def plain_tip(text: str) -> str:
    """A tool tip that shows `text` as it is: Qt would take a name with angle brackets for markup."""
    return f"<qt>{escape(text)}</qt>".replace("\n", "<br>") if text else ""


class ElidedLabel(QLabel):
    """One line; the whole text is its tool tip and its accessible name."""

    def __init__(
        self, parent: QWidget | None = None, mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle
    ) -> None:
        super().__init__(parent)
        self._mode = mode

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setAccessibleName(text)
        self.setToolTip(plain_tip(text) if self._elided() != text else "")

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("…") * 4, super().minimumSizeHint().height())

    def _elided(self) -> str:
        return self.fontMetrics().elidedText(self.text(), self._mode, self.width())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, self._elided())
        painter.end()
