"""The chats as a list. A click or Enter opens, F2 renames in place, Delete deletes, a menu has it all.

Several are chosen with Control, Shift and Ctrl+A, and dragged onto folders. What is in front changes on a
click or on Enter only.
"""

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QLineEdit, QListView, QMenu, QWidget

from desktop.core.types import ChatInfo
from desktop.i18n import _
from desktop.ui.sidebar import menus
from desktop.ui.sidebar.painting import ChatDelegate
from desktop.ui.sidebar.rows import CHATS_MIME, ChatListModel
from desktop.view_models.chats import ChatsViewModel

_PLAIN = Qt.KeyboardModifier.NoModifier


class ChatList(QListView):
    """Arrow keys move the focus, and with Shift choose; rows of one chat in front are marked."""

    opened = Signal()  # a chat was chosen

    def __init__(self, chats: ChatsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chats = chats
        self._model = ChatListModel(self)
        self._delegate = ChatDelegate(self)
        self._edited: tuple[str, int] | None = None  # "chat" or "folder", whose name is being edited
        self._late = False  # the rows changed while a title was being edited
        self._pressed: QPoint | None = None  # where a click began that may open
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self._dress()
        self._model.chats_dropped.connect(chats.move)
        self._model.folder_dropped.connect(chats.move_folder)
        self.selectionModel().selectionChanged.connect(self._mark)
        chats.changed.connect(self.refresh)
        chats.folder_made.connect(self.rename_folder)
        self.refresh()

    def _dress(self) -> None:
        self.setAccessibleName(_("Chats"))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)  # thousands of rows: none is measured
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(False)
        self.setAutoScroll(True)

    def refresh(self) -> None:
        """Show what the view model has now; a title being edited is left alone."""
        if self.state() == QAbstractItemView.State.EditingState:
            self._late = True
            return
        at = self._model.chat_at(self.currentIndex())
        folder = self._model.folder_at(self.currentIndex())
        chosen = {chat.id for chat in self.chosen}
        focused = at.id if at is not None else self._chats.current
        self._model.movable = self._chats.place == ""
        if self._model.show(self._chats.listing, self._chats.current, self._chats.unseen):
            row = self._model.row_of_folder(folder.folder.id) if folder else self._model.row_of(focused)
            if row >= 0:
                self.setCurrentIndex(self._model.index(row))
            if len(chosen) > 1:
                self._choose([self._model.row_of(chat) for chat in chosen])

    @property
    def empty(self) -> bool:
        return self._model.rowCount() == 0

    @property
    def chosen(self) -> list[ChatInfo]:
        """The chats that are chosen together, from the top; without such, the one with the focus."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        found = [chat for row in rows if (chat := self._model.chat_at(self._model.index(row))) is not None]
        if not found:
            at = self._model.chat_at(self.currentIndex())
            found = [at] if at is not None else []
        return found

    def _choose(self, rows: list[int]) -> None:
        selection = QItemSelection()
        for row in rows:
            if row >= 0:
                selection.select(self._model.index(row), self._model.index(row))
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _mark(self) -> None:
        rows = {index.row() for index in self.selectionModel().selectedRows()}
        self._delegate.marked = frozenset(rows) if len(rows) > 1 else frozenset()
        self.viewport().update()

    # ── actions ──

    def rename(self, chat: int) -> None:
        """Edit a chat's title where it stands."""
        self._chats.reveal(chat)
        self._edit(self._model.row_of(chat), ("chat", chat))

    def rename_folder(self, folder: int) -> None:
        """Edit a folder's name where it stands."""
        parent = next((held.parent for held in self._chats.folders if held.id == folder), 0)
        if parent:
            self._chats.fold(parent, True)
        self._edit(self._model.row_of_folder(folder), ("folder", folder))

    def _edit(self, row: int, what: tuple[str, int]) -> None:
        if row >= 0:
            index = self._model.index(row)
            self.setCurrentIndex(index)
            self._edited = what
            self.edit(index)

    def commitData(self, editor: QWidget) -> None:
        # Qt commits once more when the editor that is being closed loses the focus
        edited, self._edited = self._edited, None
        if edited is not None and isinstance(editor, QLineEdit):
            kind, number = edited
            rename = self._chats.rename if kind == "chat" else self._chats.rename_folder
            rename(number, editor.text())

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:  # noqa: ARG002
        super().closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)
        self._edited = None
        self.setFocus()
        if self._late:
            self._late = False
            self.refresh()

    def menu_for(self, chat: ChatInfo) -> QMenu:
        """What can be done with a chat, or with all that are chosen where it is one of them."""
        chosen = self.chosen
        several = chosen if chat.id in {one.id for one in chosen} else [chat]
        return menus.chats_menu(self, self._chats, several, self.rename)

    def menu_at(self, index: QModelIndex) -> QMenu | None:
        chat, folder = self._model.chat_at(index), self._model.folder_at(index)
        if chat is not None:
            return self.menu_for(chat)
        if folder is not None:
            return menus.folder_menu(self, self._chats, folder.folder, self.rename_folder)
        return None

    def _open(self, index: QModelIndex) -> None:
        chat, folder = self._model.chat_at(index), self._model.folder_at(index)
        if folder is not None:
            self._chats.fold(folder.folder.id, not folder.open)
        elif chat is not None and self._chats.place == "trash":
            self._pop_up(index)
        elif chat is not None:
            self._chats.open(chat.id)
            self.opened.emit()

    def _pop_up(self, index: QModelIndex, at: QPoint | None = None) -> None:
        menu = self.menu_at(index)
        if menu is not None:
            at = self.visualRect(index).bottomLeft() + QPoint(8, 0) if at is None else at
            menu.popup(self.viewport().mapToGlobal(at))

    # ── mouse and keys ──

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        index = self.indexAt(at)
        more = self._delegate.more_box(self.visualRect(index))
        plain = event.button() == Qt.MouseButton.LeftButton and event.modifiers() == _PLAIN
        self._pressed = None
        if plain and more.contains(at) and self.menu_at(index) is not None:
            self._pop_up(index, more.bottomLeft())
            return
        super().mousePressEvent(event)
        if plain:
            self._pressed = at

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if self.state() == QAbstractItemView.State.DraggingState:
            self._pressed = None  # it is a drag, and opens nothing

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, None
        index = self.indexAt(event.position().toPoint())
        if pressed is not None and index.isValid() and self.indexAt(pressed) == index:
            self._open(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        chat = self._model.chat_at(self.indexAt(event.position().toPoint()))
        if chat is not None and self._chats.place != "trash":
            self.rename(chat.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        folder = self._model.folder_at(index)
        chosen = [chat.id for chat in self.chosen]
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space if not event.modifiers():
                self._open(index)
            case Qt.Key.Key_F2 if folder is not None:
                self.rename_folder(folder.folder.id)
            case Qt.Key.Key_F2 if len(chosen) == 1 and self._chats.place != "trash":
                self.rename(chosen[0])
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace if folder is not None:
                self._chats.delete_folder(folder.folder.id)
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace if chosen:
                if shifted or self._chats.place == "trash":
                    self._chats.ask_to_erase(chosen)
                else:
                    self._chats.delete(*chosen)
            case Qt.Key.Key_Right | Qt.Key.Key_Left if folder is not None:
                self._chats.fold(folder.folder.id, event.key() == Qt.Key.Key_Right)
            case Qt.Key.Key_Escape if len(chosen) > 1:
                self.setCurrentIndex(index)
                self._choose([index.row()])
            case _:
                super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self._pop_up(self.currentIndex())
        else:
            self._pop_up(self.indexAt(event.pos()), event.pos())

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            return True  # titles that do not fit are read by opening the chat
        return super().viewportEvent(event)

    # ── dragging ──

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._take_drag(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        super().dragMoveEvent(event)  # which scrolls at the edges
        self._take_drag(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        super().dragLeaveEvent(event)
        self._point_at(-1)

    def dropEvent(self, event: QDropEvent) -> None:
        self._point_at(-1)
        index = self.indexAt(event.position().toPoint())
        if self._model.movable and self._model.drop(event.mimeData(), index):
            event.setDropAction(Qt.DropAction.MoveAction)
            event.accept()
        self.setState(QAbstractItemView.State.NoState)

    def _take_drag(self, event: QDragMoveEvent) -> None:
        if not self._model.movable or not event.mimeData().hasFormat(CHATS_MIME):
            event.ignore()  # files are for the window
            return
        folder = self._model.target(self.indexAt(event.position().toPoint()))
        self._point_at(self._model.row_of_folder(folder) if folder else -1)
        event.setDropAction(Qt.DropAction.MoveAction)
        event.accept()

    def _point_at(self, row: int) -> None:
        if row != self._delegate.target:
            self._delegate.target = row
            self.viewport().update()
