"""Chats put in order: folders, archive, trash. How long the trash keeps is `ChatStore.purge`'s."""

from desktop.core.chats import rows
from desktop.core.chats.base import StoreBase, reported
from desktop.core.errors import BadFolderName, FolderInItself, UnknownChat, UnknownFolder
from desktop.core.types import ChatInfo
from desktop.core.types.chats import Folder
from rag.database import transaction

NAME_CHARACTERS = 200


class FolderStore(StoreBase):
    """What `ChatStore` inherits of folders, archive and trash."""

    # ── folders ──

    @reported
    def folders(self) -> tuple[Folder, ...]:
        """In the order of their names, whatever they are in."""
        found = self._db.execute("SELECT id, name, parent FROM folders")
        folders = [Folder(number, name, parent or 0) for number, name, parent in found]
        return tuple(sorted(folders, key=lambda folder: (folder.name.casefold(), folder.id)))

    @reported
    def create_folder(self, name: str, parent: int = 0) -> Folder:
        """`parent` 0: in no other. Raises BadFolderName, UnknownFolder."""
        kept = _name(name)
        with transaction(self._db):
            if parent:
                self._folder(parent)
            cursor = self._db.execute(
                "INSERT INTO folders (parent, name, created_at) VALUES (?, ?, ?)",
                (parent or None, kept, self._clock()),
            )
        return self._folder(int(cursor.lastrowid or 0))

    @reported
    def rename_folder(self, folder: int, name: str) -> None:
        kept = _name(name)
        self._folder(folder)
        self._db.execute("UPDATE folders SET name = ? WHERE id = ?", (kept, folder))

    @reported
    def move_folder(self, folder: int, parent: int) -> None:
        """Into another one; 0: out of all. Raises FolderInItself, UnknownFolder."""
        moved = self._folder(folder)
        with transaction(self._db):
            above = parent
            while above:
                if above == folder:
                    raise FolderInItself(name=moved.name)
                above = self._folder(above).parent
            self._db.execute("UPDATE folders SET parent = ? WHERE id = ?", (parent or None, folder))

    @reported
    def delete_folder(self, folder: int) -> int:
        """What it holds, in the archive and the trash too, moves to the folder it is in. Gives that one."""
        parent = self._folder(folder).parent
        with transaction(self._db):
            for table, column in (("chats", "folder"), ("folders", "parent")):
                self._db.execute(
                    f"UPDATE {table} SET {column} = ? WHERE {column} = ?",  # noqa: S608  our own text
                    (parent or None, folder),
                )
            self._db.execute("DELETE FROM folders WHERE id = ?", (folder,))
        return parent

    @reported
    def move(self, chat: int, folder: int) -> None:
        """Into a folder; 0: out of any."""
        with transaction(self._db):
            if folder:
                self._folder(folder)
            self._set(chat, "folder = ?", folder or None)

    @reported
    def archive(self, chat: int, archived: bool) -> None:
        """Out of the list, or back."""
        self._set(chat, "archived = ?", int(archived))

    # ── trash ──

    @reported
    def delete(self, chat: int) -> None:
        """Into the trash: out of every list, until `restore` or until the trash has kept it long enough."""
        self._set(chat, "deleted_at = ?", self._clock())

    @reported
    def restore(self, chat: int) -> None:
        changed = self._db.execute("UPDATE chats SET deleted_at = NULL WHERE id = ?", (chat,))
        if not changed.rowcount:
            raise UnknownChat(chat=chat)

    @reported
    def trash(self) -> tuple[ChatInfo, ...]:
        """What was deleted last comes first."""
        found = self._db.execute(
            f"SELECT {rows.INFO_COLUMNS} FROM chats WHERE deleted_at IS NOT NULL "  # noqa: S608  our own text
            "ORDER BY deleted_at DESC, id DESC"
        )
        return tuple(rows.info(row) for row in found)

    @reported
    def trashed(self) -> int:
        """How many chats are in the trash."""
        return int(self._db.execute("SELECT count(*) FROM chats WHERE deleted_at IS NOT NULL").fetchone()[0])

    def _folder(self, folder: int) -> Folder:
        row = self._db.execute("SELECT id, name, parent FROM folders WHERE id = ?", (folder,)).fetchone()
        if row is None:
            raise UnknownFolder(folder=folder)
        return Folder(row[0], row[1], row[2] or 0)


def _name(given: str) -> str:
    name = rows.storable(" ".join(given.split()))[:NAME_CHARACTERS]
    if not name:
        raise BadFolderName
    return name
