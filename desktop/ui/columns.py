"""The window's three columns and how they share its width: sidebar, middle, and at most one panel.

Decides what fits; what a person wants open is the workspace's.
"""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from desktop.i18n import _
from desktop.ui.middle import WIDTH_PX, Middle
from desktop.ui.panels.side import SidePanels
from desktop.ui.theme import grown, layout
from desktop.ui.window_state import WindowState

FOLD_PX = 760  # narrower windows fold the sidebar by themselves


class Columns(QSplitter):
    """Widths are kept as they are at text of normal size."""

    def __init__(self, sidebar: QWidget, middle: Middle, side: SidePanels, state: WindowState) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._sidebar, self._middle, self._side = sidebar, middle, side
        self.panel = ""  # which one is open
        self.sidebar_px = state.sidebar_px or layout.sidebar_px
        self.panel_px = {"": state.panel_px or layout.side_panel_px, "viewer": state.viewer_px}
        self.setChildrenCollapsible(False)
        self.setHandleWidth(1)
        for column in (sidebar, middle, side):
            self.addWidget(column)
        self.setStretchFactor(1, 1)
        for at in range(1, self.count()):
            self.handle(at).setAccessibleName(_("Border between two columns"))
        self.splitterMoved.connect(self._moved)

    @property
    def _width(self) -> int:
        """Of the window: it is told its own width last."""
        window = self.parentWidget()
        return window.width() if window is not None else self.width()

    @property
    def roomy(self) -> bool:
        """Whether the sidebar need not fold by itself."""
        return self._width >= grown(FOLD_PX)

    @property
    def both_fit(self) -> bool:
        """Whether sidebar and panel fit beside the middle."""
        panel = self._side.width_needed(self.panel)
        return self.roomy and self._width >= self._sidebar.minimumWidth() + grown(WIDTH_PX) + panel + 2

    def arrange(self, *, sidebar: bool) -> None:
        """Show what is wanted; the middle goes where what stands beside it needs all the room."""
        top = self.parentWidget() or self
        if self._sidebar.isVisibleTo(top) != sidebar or self._side.isVisibleTo(top) != bool(self.panel):
            self._sidebar.setVisible(sidebar)
            self._side.setVisible(bool(self.panel))
            self.share()
        beside = self._side.width_needed(self.panel) if self.panel else 0
        beside = max(beside, self._sidebar.minimumWidth() if sidebar else 0)
        # large text in a small window
        self._middle.setVisible(not beside or self._width > beside + grown(WIDTH_PX))

    def share(self) -> None:
        """Give each column its width."""
        total = max(self.width(), self._width)
        left = grown(self.sidebar_px) if self._sidebar.isVisibleTo(self) else 0
        right = 0
        if self.panel:
            # a page and what is said about it are worth the same until somebody moves the border
            wanted = grown(self.panel_px[self._kind]) or (total - left) // 2
            right = min(wanted, max(0, total - left - grown(WIDTH_PX)))
        self.setSizes([left, total - left - right, right])

    @property
    def _kind(self) -> str:
        """Panels share one width; the viewer has its own."""
        return "viewer" if self.panel == "viewer" else ""

    def _moved(self) -> None:
        left, _middle, right = self.sizes()
        if self._sidebar.isVisibleTo(self):
            self.sidebar_px = round(left * 100 / grown(100))
        if self.panel:
            self.panel_px[self._kind] = round(right * 100 / grown(100))
