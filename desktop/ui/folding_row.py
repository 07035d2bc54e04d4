"""A row whose items stand one below the other where they do not fit side by side. Knows no view."""

from typing import Final

from PySide6.QtCore import QRect, QSize, QTimer
from PySide6.QtWidgets import QBoxLayout, QLayoutItem, QWidget

from desktop.ui.theme import grown

FLOWING_PX: Final = 240  # what text that wraps needs at least beside something else, at 100 %

_BESIDE, _BELOW = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom


class FoldingRow(QBoxLayout):
    """Large text in a narrow window: nothing in it is cut."""

    def __init__(self, parent: QWidget | None = None) -> None:
        # a parent of None would be taken for one
        super().__init__(_BESIDE, *([parent] if parent is not None else []))

    def _items(self) -> list[QLayoutItem]:
        items = [self.itemAt(at) for at in range(self.count())]
        return [item for item in items if item is not None and not item.isEmpty()]

    def needed_px(self) -> int:
        """The width below which it folds."""
        widths = [
            max(grown(FLOWING_PX), item.minimumSize().width())
            if item.hasHeightForWidth()
            else item.sizeHint().width()
            for item in self._items()
        ]
        margins = self.contentsMargins()
        return sum(widths) + self.spacing() * max(0, len(widths) - 1) + margins.left() + margins.right()

    def _turn(self, width: int) -> bool:
        wanted = _BESIDE if width >= self.needed_px() else _BELOW
        if wanted == self.direction():
            return False
        self.setDirection(wanted)
        return True

    def heightForWidth(self, width: int) -> int:
        self._turn(width)
        return super().heightForWidth(width)

    def setGeometry(self, rect: QRect) -> None:
        owner = self.parentWidget()
        if self._turn(rect.width()) and owner is not None:
            QTimer.singleShot(0, owner, lambda: _reckon_again(owner))
        super().setGeometry(rect)

    def minimumSize(self) -> QSize:
        least = super().minimumSize()
        if self.direction() == _BELOW:
            return least
        margins = self.contentsMargins()
        widest = max((item.minimumSize().width() for item in self._items()), default=0)
        return QSize(min(least.width(), widest + margins.left() + margins.right()), least.height())


def _reckon_again(owner: QWidget) -> None:
    """The layouts around a row that has turned have reckoned with another height."""
    layout = owner.layout()
    if layout is not None:
        layout.invalidate()
    owner.updateGeometry()
