"""The button that leads back to the conversation's end. Decides nothing."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from desktop.i18n import _
from desktop.ui.theme import grow, icon


class JumpButton(QToolButton):
    """Floats over the conversation while its end is out of sight."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setIcon(icon("arrow_down", "text"))
        grow(self, side=34, icon=18)
        self.setProperty("kind", "floating")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the End key does the same
        self.setToolTip(_("Jump to the end"))
        self.setAccessibleName(_("Jump to the end"))
        self.hide()
