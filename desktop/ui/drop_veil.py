"""Files dragged over a part of the window: what would become of them, in words, before they are let go."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from desktop.ui.theme import current_theme, mixed, radius, space

_OPACITY = 0.92
_TINT = 0.08  # of the frame's colour in what it frames


class DropVeil(QWidget):
    """Covers its parent. `ground` and `frame` name colours of the theme; `inset_px` keeps the frame off the
    edges."""

    def __init__(self, parent: QWidget, ground: str, frame: str, inset_px: int) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._ground, self._frame, self._inset_px = ground, frame, inset_px
        self._text = ""
        self.hide()

    def cover(self, text: str) -> None:
        self._text = text
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = current_theme()
        ground, colour = getattr(theme, self._ground), getattr(theme, self._frame)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(ground)
        veil.setAlphaF(_OPACITY)
        painter.fillRect(self.rect(), veil)
        inset = self._inset_px
        frame = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.setPen(QPen(QColor(colour), 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(QColor(mixed(colour, ground, _TINT)))
        painter.drawRoundedRect(frame, radius.card, radius.card)
        painter.setPen(QColor(theme.text))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(frame.adjusted(space.l, 0, -space.l, 0), flags, self._text)
        painter.end()
