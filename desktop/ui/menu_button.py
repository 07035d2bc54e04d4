"""A quiet button with a menu: its words, shortened where there is little room, and a chevron."""

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import (
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QWidget,
)

from desktop.ui.pieces import BUTTON_PX
from desktop.ui.theme import current_theme, grow, grown, icon, set_kind, space

CHEVRON_PX: Final = 14


class MenuButton(QPushButton):
    """Show words with `set_words`; whoever makes it sets the menu."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_kind(self, "quiet")
        self._chevron = icon("chevron_down")
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        grow(self, height=BUTTON_PX)

    def set_words(self, text: str) -> None:
        self._whole = text
        self.updateGeometry()
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(self._text_width(self._whole) + 2, grown(BUTTON_PX))

    def minimumSizeHint(self) -> QSize:
        return QSize(96, grown(BUTTON_PX))

    def _text_width(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text) + 2 * space.s + space.xs + grown(CHEVRON_PX)

    def resizeEvent(self, event: object) -> None:  # noqa: ARG002
        self._fit()

    def _fit(self) -> None:
        room = max(0, self.width() - self._text_width(""))
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, room)
        self.setText(shown.replace("&", "&&"))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        # by hand: with a menu, the style puts the words at the very edge
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.features &= ~QStyleOptionButton.ButtonFeature.HasMenu
        painter = QStylePainter(self)
        painter.drawControl(QStyle.ControlElement.CE_PushButtonBevel, option)
        shown = self.text().replace("&&", "&")
        painter.setPen(QColor(current_theme().text))
        words = self.rect().adjusted(space.s, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        text = self.fontMetrics().horizontalAdvance(shown)
        chevron = grown(CHEVRON_PX)
        box = QRect(space.s + text + space.xs, 0, chevron, chevron)
        box.moveTop((self.height() - chevron) // 2 + 1)
        self._chevron.paint(painter, box)
        painter.end()
