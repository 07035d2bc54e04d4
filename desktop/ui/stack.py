"""Widgets in one place, of which one is in front. Knows no view."""

from PySide6.QtWidgets import QStackedLayout, QWidget


class Stack(QWidget):
    """As QStackedWidget, which screen readers call "layered pane" before everything that stands in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._all = QStackedLayout(self)

    def addWidget(self, widget: QWidget) -> int:
        return self._all.addWidget(widget)

    def currentWidget(self) -> QWidget | None:
        return self._all.currentWidget()

    def setCurrentWidget(self, widget: QWidget) -> None:
        self._all.setCurrentWidget(widget)

    def setCurrentIndex(self, at: int) -> None:
        self._all.setCurrentIndex(at)
