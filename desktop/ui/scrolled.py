"""A column in the middle of a page that scrolls, exactly as high as its texts need at the present width."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QScrollBar, QWidget

from desktop.ui.theme import space


class ScrollingColumn(QScrollArea):
    """Qt's own resizing goes by the height at the narrowest width, and leaves a void below.

    `inner`: as wide as it may be, on the ground of its page. `beside_px`, `below_px`: room around it.
    """

    def __init__(self, inner: QWidget, beside_px: int = 0, below_px: int = 0) -> None:
        super().__init__()
        self._ground = QWidget()
        centred = QHBoxLayout(self._ground)
        centred.setContentsMargins(beside_px, 0, beside_px, below_px)
        centred.setSpacing(0)
        centred.addStretch(1)
        centred.addWidget(inner, 1000)
        centred.addStretch(1)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBar(_Bar())
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # it would change the width
        self.setWidget(self._ground)
        self._ground.setAutoFillBackground(False)  # taking it, the area has turned this on
        self._ground.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        made = self._ground.layout()
        if made is None:
            return
        width = self.viewport().width()
        height = made.heightForWidth(width) if made.hasHeightForWidth() else made.sizeHint().height()
        self._ground.resize(width, max(height, self.viewport().height()))

    def focusNextPrevChild(self, forward: bool) -> bool:
        moved = super().focusNextPrevChild(forward)
        focused = self.focusWidget()
        if moved and focused is not None and self.isAncestorOf(focused):
            self.ensureWidgetVisible(focused, 0, space.xl)
        return moved


class _Bar(QScrollBar):
    """It keeps its room, and is seen where there is something to scroll."""

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.maximum() > self.minimum():
            super().paintEvent(event)
