"""What every area of the chats' database shares: reading rows, and changes inside a transaction.

`reported` turns what SQLite raises into the core's errors, and hands what is asked about a temporary chat
on to the store that has it: numbers of temporary chats and of their messages are below zero.
"""

import logging
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Concatenate, Literal, ParamSpec, TypeVar, cast

import msgspec
from msgspec.structs import replace

from desktop.core.chats import file as chats_file
from desktop.core.chats import rescue as chats_rescue
from desktop.core.chats import rows
from desktop.core.encryption.keyring import Keyring
from desktop.core.errors import Reported, UnknownChat, UnknownMessage
from desktop.core.types import Chat, ChatInfo, MessageState, Part, StoredMessage
from engine.protocol import Role
from rag.checking import faults, is_damage
from rag.database import transaction, translate
from rag.errors import DatabaseDamaged, RagError
from rag.sqlite import sqlite3

TitledBy = Literal["question", "model", "person"]

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="StoreBase")

log = logging.getLogger(__name__)


def reported(method: "Callable[Concatenate[S, P], R]") -> "Callable[Concatenate[S, P], R]":
    """Have what SQLite raises leave the store as the core's error.

    The first argument decides which store does it, where it is the number of a chat or of a message.
    """

    @wraps(method)
    def guarded(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        store = cast("S", self._having(args[0])) if args else self
        try:
            return method(store, *args, **kwargs)
        except sqlite3.Error as error:
            if is_damage(error) and store.search_made_anew():
                return guarded(self, *args, **kwargs)
            raise Reported.of(store.translated(error)) from error
        except msgspec.MsgspecError as error:
            raise Reported.of(DatabaseDamaged(str(error), file=str(store.path))) from error

    return guarded


class StoreBase:
    """One open database. `_clock` gives seconds since the epoch."""

    path: Path
    _db: sqlite3.Connection
    _clock: Callable[[], float]
    _temporary: "StoreBase | None" = None  # in memory, from the first temporary chat on
    _search_failed = False
    _keyring: Keyring

    def _having(self, number: object) -> "StoreBase":
        """The store that has the chat or the message of this number."""
        if isinstance(number, int) and number < 0 and self._temporary is not None:
            return self._temporary
        return self

    # ── trouble ──

    def translated(self, error: sqlite3.Error) -> RagError:
        """An error as one of ours."""
        translated = translate(error, self.path)
        if isinstance(translated, DatabaseDamaged):
            chats_file.suspect(self.path)  # a damaged file is mended at the next start
        return translated

    def search_made_anew(self) -> bool:
        """Make a search index that cannot be read from the messages. False where that was tried already, or
        where more than the index is damaged.
        """
        if self._search_failed:
            return False
        self._search_failed = True
        if self._more_is_damaged():
            return False
        log.warning("the search index of %s is made anew", self.path.name)
        try:
            with transaction(self._db):
                chats_rescue.fill_search(self._db)
        except sqlite3.Error as error:  # more than the index: the next start looks at the whole file
            log.warning("that failed: %s", error)
            chats_file.suspect(self.path)
            return False
        return True

    def _more_is_damaged(self) -> bool:
        try:
            return bool(faults(self._db))
        except sqlite3.Error:
            return True

    # ── inside a transaction ──

    def _insert(
        self,
        chat: int,
        parent: int | None,
        role: Role,
        parts: tuple[Part, ...],
        state: MessageState,
        model: str,
    ) -> int:
        cursor = self._db.execute(
            "INSERT INTO messages (chat, parent, role, parts, state, model, created_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (chat, parent, role, rows.encode(parts), state, model, self._clock()),
        )
        return int(cursor.lastrowid or 0)

    def _index(self, message: int, parts: Iterable[Part]) -> None:
        self._db.execute("DELETE FROM message_words WHERE rowid = ?", (message,))
        text = rows.searchable(parts)
        if text:
            self._db.execute("INSERT INTO message_words (rowid, text) VALUES (?, ?)", (message, text))

    def _title(self, chat: int, title: str, by: TitledBy) -> None:
        self._set(chat, "title = ?, titled_by = ?", title, by)
        self._db.execute("DELETE FROM title_words WHERE rowid = ?", (chat,))
        self._db.execute("INSERT INTO title_words (rowid, text) VALUES (?, ?)", (chat, title))

    def _titled_by(self, chat: int) -> TitledBy:
        return self._db.execute(  # type: ignore[no-any-return]
            "SELECT titled_by FROM chats WHERE id = ?", (chat,)
        ).fetchone()[0]

    def _activate(self, chat: int, leaf: int | None) -> None:
        self._set(chat, "active_leaf = ?, updated_at = ?", leaf, self._clock())

    def _set(self, chat: int, assignments: str, *values: object) -> None:
        changed = self._db.execute(
            f"UPDATE chats SET {assignments} WHERE id = ? AND deleted_at IS NULL",  # noqa: S608  our own text
            (*values, chat),
        )
        if not changed.rowcount:
            raise UnknownChat(chat=chat)

    # ── reading ──

    def _info(self, chat: int) -> ChatInfo:
        row = self._db.execute(
            f"SELECT {rows.INFO_COLUMNS} FROM chats WHERE id = ? AND deleted_at IS NULL",  # noqa: S608
            (chat,),
        ).fetchone()
        if row is None:
            raise UnknownChat(chat=chat)
        return rows.info(row)

    def _chat(self, chat: int, *, costs: bool = True) -> Chat:
        head, leaf = self._head(chat)
        return replace(head, messages=self._path(leaf, costs=costs))

    def _head(self, chat: int) -> tuple[Chat, int | None]:
        """A chat without its messages, and its active leaf."""
        info = self._info(chat)
        prompt, collections, leaf = self._db.execute(
            "SELECT system_prompt, collections, active_leaf FROM chats WHERE id = ?", (chat,)
        ).fetchone()
        return Chat(info, prompt, rows.names(collections), ()), leaf

    def _path(self, leaf: int | None, *, costs: bool = True) -> tuple[StoredMessage, ...]:
        """From the first message down to `leaf`."""
        columns = rows.MESSAGE_COLUMNS if costs else rows.COSTLESS_COLUMNS
        path = self._db.execute(
            f"""WITH RECURSIVE path (id, up, depth) AS (
                    SELECT id, parent, 0 FROM messages WHERE id = ? UNION ALL
                    SELECT m.id, m.parent, depth + 1 FROM messages m JOIN path ON m.id = path.up)
                SELECT {columns}
                FROM path JOIN messages m ON m.id = path.id ORDER BY depth DESC""",  # noqa: S608
            (leaf,),
        )
        return tuple(rows.message(row) for row in path)

    def _message(self, message: int) -> StoredMessage:
        row = self._db.execute(
            f"SELECT {rows.MESSAGE_COLUMNS} FROM messages m "  # noqa: S608
            "WHERE m.id = ? AND m.deleted_with IS NULL",
            (message,),
        ).fetchone()
        if row is None:
            raise UnknownMessage(message=message)
        return rows.message(row)
