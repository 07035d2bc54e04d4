"""That a message was deleted, and a way to have it back, above the composer. Decides nothing."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from desktop.i18n import _
from desktop.ui.theme import icon, set_kind, space
from desktop.view_models.message_commands import MessageCommands


class UndoBar(QFrame):
    """Stays until it is used, closed, or another chat is shown."""

    def __init__(self, commands: MessageCommands, parent: QWidget) -> None:
        super().__init__(parent)
        self._commands = commands
        set_kind(self, "card")
        row = QHBoxLayout(self)
        row.setContentsMargins(space.m, space.xs, space.xs, space.xs)
        row.setSpacing(space.s)
        self.undo = QPushButton(_("Undo"), self)
        set_kind(self.undo, "quiet")
        self.undo.clicked.connect(commands.undo_delete)
        self.close_button = QToolButton(self)
        self.close_button.setIcon(icon("close"))
        self.close_button.setIconSize(QSize(18, 18))
        self.close_button.setToolTip(_("Close"))
        self.close_button.setAccessibleName(_("Close"))
        self.close_button.clicked.connect(commands.forget_deleted)
        row.addWidget(QLabel(_("The message and what followed it were deleted"), self), 1)
        row.addWidget(self.undo)
        row.addWidget(self.close_button)
        commands.deleted_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        self.setVisible(self._commands.deleted)
