"""Tabs beside each other where all of them fit, and else a list to choose one from. Knows no view."""

from PySide6.QtCore import QSignalBlocker, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QTabBar, QWidget

from desktop.ui.pieces import choice_box


class FittingTabs(QWidget):
    """Around a bar of tabs, which stays what its owner asks and sets. No tab is cut or scrolled away."""

    def __init__(self, tabs: QTabBar, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tabs = tabs
        tabs.setDrawBase(False)
        tabs.setExpanding(False)
        self.choice = choice_box()
        self.choice.setAccessibleName(tabs.accessibleName())
        self.choice.hide()
        self.choice.activated.connect(tabs.setCurrentIndex)
        tabs.currentChanged.connect(self._follow)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(tabs)
        row.addWidget(self.choice)
        row.addStretch(1)

    def sizeHint(self) -> QSize:
        return self.tabs.sizeHint().expandedTo(self.choice.sizeHint())

    def minimumSizeHint(self) -> QSize:
        return self.choice.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        folded = self.tabs.sizeHint().width() > self.width()
        if folded == self.tabs.isHidden():
            return
        had_keys = (self.choice if self.tabs.isHidden() else self.tabs).hasFocus()
        self._follow()
        self.tabs.setVisible(not folded)
        self.choice.setVisible(folded)
        if had_keys:
            (self.choice if folded else self.tabs).setFocus()

    def _follow(self) -> None:
        words = [self.tabs.tabText(at) for at in range(self.tabs.count())]
        with QSignalBlocker(self.choice):
            if words != [self.choice.itemText(at) for at in range(self.choice.count())]:
                self.choice.clear()
                self.choice.addItems(words)
            self.choice.setCurrentIndex(self.tabs.currentIndex())
