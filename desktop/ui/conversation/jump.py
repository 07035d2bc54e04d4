"""The button that leads back to the conversation's end. Decides nothing."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from desktop.i18n import _
from desktop.ui.theme import icon


class JumpButton(QToolButton):
    """Floats over the conversation while its end is out of sight."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setIcon(icon("arrow_down", "text"))
        self.setIconSize(QSize(18, 18))
        self.setFixedSize(34, 34)
        self.setProperty("kind", "floating")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the End key does the same
        self.setToolTip(_("Jump to the end"))
        self.setAccessibleName(_("Jump to the end"))
        self.hide()
