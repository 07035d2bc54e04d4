"""The line above the conversation: which model answers, how it is placed, and the panels' switches."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from desktop.i18n import _
from desktop.ui.models.picker import ModelButton, ModelState
from desktop.ui.pieces import icon_button
from desktop.ui.theme import grow, space
from desktop.view_models.models import ModelsViewModel

HEIGHT_PX = 48
PANELS = ("system_prompt", "parameters", "documents", "context")
FOLDING = ("parameters", "context")  # go into a menu where there is little room
ROOMY_LETTERS = 62  # widths of a letter


class Header(QWidget):
    """Which panel stands open is the window's business: the header asks for it and marks it."""

    sidebar_requested = Signal()
    temporary_requested = Signal()  # a chat that leaves nothing on disk
    panel_requested = Signal(str)  # one of `PANELS`

    def __init__(self, models: ModelsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grow(self, height=HEIGHT_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(space.s, 0, space.s, 0)
        row.setSpacing(space.s)
        self.unfold = icon_button("panel_left", _("Show the sidebar"), self.sidebar_requested.emit)
        self.model = ModelButton(models)
        self.state = ModelState(models)
        row.addWidget(self.unfold)
        row.addWidget(self.model)
        row.addWidget(self.state, 1)
        self.temporary = icon_button("temporary", _("New temporary chat"), self.temporary_requested.emit)
        self.temporary.setCheckable(True)
        row.addWidget(self.temporary)
        self.switches = {name: self._switch(name) for name in PANELS}
        for switch in self.switches.values():
            row.addWidget(switch)
        self.more = icon_button("more", _("More"))
        self._menu = QMenu(self.more)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.more.setMenu(self._menu)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.hide()
        row.addWidget(self.more)

    # ── room ──

    def _folding(self) -> dict[QToolButton, Callable[[], object]]:
        """What goes into the menu where there is no room for everything, and what each does."""
        folding: dict[QToolButton, Callable[[], object]] = {self.temporary: self.temporary_requested.emit}
        for name in FOLDING:
            folding[self.switches[name]] = partial(self.panel_requested.emit, name)
        return folding

    def _fill_menu(self) -> None:
        self._menu.clear()
        for button, act in self._folding().items():
            words, bracket, keys = button.toolTip().partition(" (")
            shown = f"{words}\t{keys.removesuffix(')')}" if bracket else words
            action = self._menu.addAction(button.icon(), shown)
            action.setCheckable(True)
            action.setChecked(button.isChecked())
            action.triggered.connect(lambda _checked=False, act=act: act())

    def _fold(self) -> None:
        """The name of the model comes before the switches that are not needed all day."""
        narrow = self.width() < ROOMY_LETTERS * self.fontMetrics().averageCharWidth()
        if narrow != self.more.isVisibleTo(self):
            for button in self._folding():
                button.setVisible(not narrow)
            self.more.setVisible(narrow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _switch(self, name: str) -> QToolButton:
        tips = {
            "system_prompt": _("System prompt"),
            "parameters": _("Parameters"),
            "documents": _("Documents"),
            "context": _("Context"),
        }
        icons = {
            "system_prompt": "prompt",
            "parameters": "settings",
            "documents": "documents",
            "context": "context",
        }
        switch = icon_button(icons[name], tips[name], lambda: self.panel_requested.emit(name))
        switch.setCheckable(True)
        return switch

    def show_panel(self, name: str) -> None:
        """Mark the switch whose panel stands open; "" for none."""
        for panel, switch in self.switches.items():
            switch.setChecked(panel == name)

    def show_unfold(self, visible: bool) -> None:
        self.unfold.setVisible(visible)
