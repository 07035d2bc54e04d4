"""Above the composer: that a chat leaves nothing on disk, and the way to keep it. Decides nothing."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.conversation.style import Style
from desktop.ui.pieces import icon_label, label, text_button
from desktop.ui.theme import current_theme, set_kind, space, text_scale
from desktop.view_models.temporary import TemporaryChats


class TemporaryBar(QWidget):
    """Shown with every temporary chat, as wide as the conversation."""

    def __init__(self, chats: TemporaryChats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chats = chats
        card = QFrame()
        set_kind(card, "chip")
        sign = icon_label("temporary", "muted")
        said = label(_("This chat is temporary: nothing of it is written to disk."), wrap=True)
        self.keep = text_button(_("Keep this chat"), "quiet", chats.keep)
        self._column = QVBoxLayout(self)
        self._column.addWidget(card)
        row = QHBoxLayout(card)
        row.setContentsMargins(space.m, space.xs, space.xs, space.xs)
        row.setSpacing(space.s)
        row.addWidget(sign)
        row.addWidget(said, 1)
        row.addWidget(self.keep)
        chats.changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        self.setVisible(self._chats.active)
        self.keep.setEnabled(self._chats.can_keep)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        column = Style(current_theme(), text_scale()).column_px(self.width())
        side = (self.width() - column) // 2
        self._column.setContentsMargins(side, space.xs, self.width() - column - side, 0)
