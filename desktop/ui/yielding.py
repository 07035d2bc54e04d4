"""Areas that scroll where large text in a low window leaves less height than they need. Know no view."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

SHARE: Final = 0.45  # of the height of what it stands in, at most
LEAST_PX: Final = 120


class Scrolling(QScrollArea):
    """Up and down alone, on whatever ground there is; what takes the keys is scrolled to."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it scrolls it
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.setWidget(content)
        content.setAutoFillBackground(False)  # a scroll area gives its widget the window's ground

    def focusNextPrevChild(self, forward: bool) -> bool:
        moved = super().focusNextPrevChild(forward)
        self._show_focused()
        return moved

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._show_focused)  # when what is in it was laid out

    def _show_focused(self) -> None:
        held = self.window().focusWidget()
        if held is not None and self.isAncestorOf(held):
            self.ensureWidgetVisible(held)


class Yielding(Scrolling):
    """As high as its content, and never more than a share of what it stands in, or of the window."""

    def __init__(
        self,
        content: QWidget,
        parent: QWidget | None = None,
        *,
        share: float = SHARE,
        least_px: int = LEAST_PX,
        of_window: bool = False,
    ) -> None:
        super().__init__(content, parent)
        self._share, self._least_px, self._of_window = share, least_px, of_window
        content.installEventFilter(self)

    def fit(self) -> None:
        above, content = self.window() if self._of_window else self.parentWidget(), self.widget()
        inner = content.layout() if content is not None else None
        if above is None or content is None or inner is None:
            return
        inner.activate()
        width = max(1, self.viewport().width())
        needed = inner.heightForWidth(width) if inner.hasHeightForWidth() else inner.sizeHint().height()
        content.setMinimumHeight(max(0, needed))
        most = max(self._least_px, round(above.height() * self._share))
        self.setFixedHeight(min(content.minimumHeight(), most))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self.fit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()
