"""The chats as a list: click or Enter opens, F2 renames in place, Delete deletes, a menu has it all."""

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QLineEdit, QListView, QMenu, QWidget

from desktop.core.types import ChatInfo
from desktop.i18n import _
from desktop.ui.sidebar.rows import ChatDelegate, ChatListModel
from desktop.ui.theme import icon
from desktop.view_models.chats import ChatsViewModel


class ChatList(QListView):
    """Arrow keys move the focus; what is in front changes on a click or on Enter only."""

    opened = Signal()  # a chat was chosen

    def __init__(self, chats: ChatsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chats = chats
        self._model = ChatListModel(self)
        self._delegate = ChatDelegate(self)
        self._edited: int | None = None  # the chat whose title is being edited
        self._late = False  # the rows changed while a title was being edited
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(_("Chats"))
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
        chats.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what the view model has now; a title being edited is left alone."""
        if self.state() == QAbstractItemView.State.EditingState:
            self._late = True
            return
        at = self._model.chat_at(self.currentIndex())
        focused = at.id if at is not None else self._chats.current
        if self._model.show(self._chats.groups, self._chats.current):
            row = self._model.row_of(focused)
            if row >= 0:
                self.setCurrentIndex(self._model.index(row))

    @property
    def empty(self) -> bool:
        return self._model.rowCount() == 0

    # ── actions ──

    def rename(self, chat: int) -> None:
        """Edit a chat's title where it stands."""
        row = self._model.row_of(chat)
        if row >= 0:
            index = self._model.index(row)
            self.setCurrentIndex(index)
            self._edited = chat
            self.edit(index)

    def commitData(self, editor: QWidget) -> None:
        # Qt commits once more when the editor that is being closed loses the focus
        chat, self._edited = self._edited, None
        if chat is not None and isinstance(editor, QLineEdit):
            self._chats.rename(chat, editor.text())

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:  # noqa: ARG002
        super().closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)
        self._edited = None
        self.setFocus()
        if self._late:
            self._late = False
            self.refresh()

    def menu_for(self, chat: ChatInfo) -> QMenu:
        """What can be done with a chat."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(icon("edit"), _("Rename"), "F2", lambda: self.rename(chat.id))
        pin = _("Unpin") if chat.pinned else _("Pin")
        menu.addAction(icon("pin"), pin, lambda: self._chats.pin(chat.id, not chat.pinned))
        menu.addSeparator()
        menu.addAction(icon("delete", "danger"), _("Delete"), "Del", lambda: self._chats.delete(chat.id))
        return menu

    def _open(self, index: QModelIndex) -> None:
        chat = self._model.chat_at(index)
        if chat is not None:
            self._chats.open(chat.id)
            self.opened.emit()

    # ── mouse and keys ──

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        chat = self._model.chat_at(index)
        if chat is None or event.button() != Qt.MouseButton.LeftButton:
            return
        more = self._delegate.more_box(self.visualRect(index))
        if more.contains(event.position().toPoint()):
            self.menu_for(chat).popup(self.viewport().mapToGlobal(more.bottomLeft()))
        else:
            self._open(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        chat = self._model.chat_at(self.indexAt(event.position().toPoint()))
        if chat is not None:
            self.rename(chat.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        chat = self._model.chat_at(self.currentIndex())
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                self._open(self.currentIndex())
            case Qt.Key.Key_F2 if chat is not None:
                self.rename(chat.id)
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace if chat is not None:
                self._chats.delete(chat.id)
            case _:
                super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            at = self.visualRect(index).bottomLeft() + QPoint(8, 0)
        else:
            at = event.pos()
            index = self.indexAt(at)
        chat = self._model.chat_at(index)
        if chat is not None:
            self.menu_for(chat).popup(self.viewport().mapToGlobal(at))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            return True  # titles that do not fit are read by opening the chat
        return super().viewportEvent(event)
