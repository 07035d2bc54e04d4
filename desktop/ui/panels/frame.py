"""The frame of a panel: a title, a button that closes, and room for its content."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.header import HEIGHT_PX
from desktop.ui.pieces import icon_button, label
from desktop.ui.theme import grow, set_kind, space

LEAST_WIDTH_PX = 280


class PanelFrame(QWidget):
    """Escape closes it, wherever the focus is inside."""

    closed = Signal()

    def __init__(self, title: str, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_kind(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        grow(self, least_width=LEAST_WIDTH_PX)
        self.content = content
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QWidget()
        grow(head, height=HEIGHT_PX)
        row = QHBoxLayout(head)
        row.setContentsMargins(space.l, 0, space.s, 0)
        row.addWidget(label(title, "title"), 1)
        self.close_button = icon_button("close", _("Close"), self.closed.emit)
        row.addWidget(self.close_button)
        column.addWidget(head)
        column.addWidget(content, 1)
        self.setAccessibleName(title)

    def take_focus(self) -> None:
        """Give the keys to the first thing inside that takes them."""
        inside = self.close_button.nextInFocusChain()
        while inside is not None and inside is not self.close_button:
            takes = bool(inside.focusPolicy() & Qt.FocusPolicy.TabFocus)
            if (
                takes
                and inside.isEnabled()
                and self.content.isAncestorOf(inside)
                and inside.isVisibleTo(self)
            ):
                inside.setFocus(Qt.FocusReason.OtherFocusReason)
                return
            inside = inside.nextInFocusChain()
        self.close_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
