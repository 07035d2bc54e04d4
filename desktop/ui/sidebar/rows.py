"""The rows of the list of chats: the model behind them, what may be dragged and where it may be dropped."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop.core.types import ChatInfo
from desktop.i18n import _, ngettext
from desktop.view_models.chat_rows import FolderRow, GroupName, Listed, Row

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole
OPEN_ROLE = Qt.ItemDataRole.UserRole + 1  # whether this chat is in front
UNSEEN_ROLE = Qt.ItemDataRole.UserRole + 3  # whether it has a reply that nobody saw
DEPTH_ROLE = Qt.ItemDataRole.UserRole + 2  # how deep it stands in folders

CHATS_MIME = (
    "application/x-sobremesa-chats"  # numbers of chats, or "folder" and a number, with blanks between
)


def title_of(chat: ChatInfo) -> str:
    """A chat's title; without a turn it has none yet."""
    return chat.title or _("New chat")


def heading_of(name: GroupName) -> str:
    texts = {
        "temporary": _("Temporary"),
        "pinned": _("Pinned"),
        "folders": _("Folders"),
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "week": _("Previous 7 days"),
        "month": _("Previous 30 days"),
        "earlier": _("Earlier"),
        "archived": _("Archived"),
        "trash": _("Trash"),
    }
    return texts[name]


def text_of(row: Row) -> str:
    if isinstance(row, ChatInfo):
        return title_of(row)
    return row.folder.name if isinstance(row, FolderRow) else heading_of(row)


def spoken(row: Row) -> str:
    """What a screen reader says of a row."""
    if not isinstance(row, FolderRow):
        return text_of(row)
    chats = ngettext("{count} chat", "{count} chats", row.chats).format(count=row.chats)
    state = _("open") if row.open else _("closed")
    return _("Folder {name}, {state}, {chats}").format(name=row.folder.name, state=state, chats=chats)


class ChatListModel(QAbstractListModel):
    """Headings, folders and chats, one after the other."""

    chats_dropped = Signal(object, int)  # numbers of chats, and the folder; 0: none
    folder_dropped = Signal(int, int)  # a folder, and the one it goes into

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: tuple[Listed, ...] = ()
        self._open: int | None = None
        self._unseen: frozenset[int] = frozenset()
        self.movable = True  # chats and folders may be dragged

    def show(
        self, rows: tuple[Listed, ...], in_front: int | None, unseen: frozenset[int] = frozenset()
    ) -> bool:
        """Take new rows. True when they are others than before: then the view lost its place."""
        same = len(rows) == len(self._rows) and all(
            _key(new) == _key(old) for new, old in zip(rows, self._rows, strict=True)
        )
        self._open, self._unseen = in_front, unseen
        if same:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return False
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
        return True

    def row_of(self, chat: int | None) -> int:
        """Where a chat stands, or -1."""
        return next((at for at, held in enumerate(self._rows) if _chat(held.row) == chat is not None), -1)

    def row_of_folder(self, folder: int) -> int:
        found = (
            at
            for at, held in enumerate(self._rows)
            if isinstance(held.row, FolderRow) and held.row.folder.id == folder
        )
        return next(found, -1)

    def chat_at(self, index: Index) -> ChatInfo | None:
        row = self._row(index)
        return row if isinstance(row, ChatInfo) else None

    def folder_at(self, index: Index) -> FolderRow | None:
        row = self._row(index)
        return row if isinstance(row, FolderRow) else None

    def _row(self, index: Index) -> Row | None:
        return self._rows[index.row()].row if index.isValid() and index.row() < len(self._rows) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        row = self._row(index)
        if row is None or isinstance(row, str):
            return Qt.ItemFlag.ItemIsDropEnabled  # on a heading, as beside all rows: out of any folder
        found = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
        if self.movable:
            found |= Qt.ItemFlag.ItemIsDragEnabled | Qt.ItemFlag.ItemIsDropEnabled
        return found

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self._row(index)
        if row is None:
            return None
        if role == ROW_ROLE:
            return row
        if role == DEPTH_ROLE:
            return self._rows[index.row()].depth
        if role == Qt.ItemDataRole.DisplayRole:
            return text_of(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            new = isinstance(row, ChatInfo) and row.id in self._unseen
            return _("{title}, with a new reply").format(title=spoken(row)) if new else spoken(row)
        if isinstance(row, ChatInfo) and role == OPEN_ROLE:
            return row.id == self._open
        if isinstance(row, ChatInfo) and role == UNSEEN_ROLE:
            return row.id in self._unseen
        if role == Qt.ItemDataRole.EditRole and not isinstance(row, str):
            return row.title if isinstance(row, ChatInfo) else row.folder.name
        return None

    # ── dragging ──

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [CHATS_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Chats, or where there are none among them, one folder."""
        chats = [chat.id for index in indexes if (chat := self.chat_at(index)) is not None]
        folders = [row.folder.id for index in indexes if (row := self.folder_at(index)) is not None]
        words = [str(chat) for chat in chats] if chats else ["folder", *map(str, folders[:1])]
        mime = QMimeData()
        mime.setData(CHATS_MIME, " ".join(words).encode())
        return mime

    def target(self, index: Index) -> int:
        """The folder that a drop on this row goes into: itself, or the one a chat lies in; 0: none."""
        folder, chat = self.folder_at(index), self.chat_at(index)
        if folder is not None:
            return folder.folder.id
        return chat.folder if chat is not None and not chat.pinned else 0

    def drop(self, mime: QMimeData, index: Index) -> bool:
        """Take what was dropped on a row, or beside all. False where it is nothing of ours."""
        words = bytes(mime.data(CHATS_MIME).data()).decode("ascii", "replace").split()
        numbers = [int(word) for word in words if word.lstrip("-").isdigit()]
        if not numbers:
            return False
        if words[0] == "folder":
            self.folder_dropped.emit(numbers[0], self.target(index))
        else:
            self.chats_dropped.emit(tuple(numbers), self.target(index))
        return True


def _chat(row: Row) -> int | None:
    return row.id if isinstance(row, ChatInfo) else None


def _key(listed: Listed) -> object:
    row = listed.row
    if isinstance(row, ChatInfo):
        return (row.id, listed.depth)
    return (row.folder.id, listed.depth, row.open, "folder") if isinstance(row, FolderRow) else row
