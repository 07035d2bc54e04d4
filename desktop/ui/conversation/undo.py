"""That a message was deleted, and a way to have it back, above the composer. Decides nothing."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QWidget

from desktop.i18n import _
from desktop.ui.pieces import label
from desktop.ui.theme import grow, icon, set_kind, space
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
        grow(self.close_button, icon=18)
        self.close_button.setToolTip(_("Close"))
        self.close_button.setAccessibleName(_("Close"))
        self.close_button.clicked.connect(commands.forget_deleted)
        row.addWidget(label(_("The message and what followed it were deleted"), wrap=True), 1)
        row.addWidget(self.undo)
        row.addWidget(self.close_button)
        commands.deleted_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        self.setVisible(self._commands.deleted)
