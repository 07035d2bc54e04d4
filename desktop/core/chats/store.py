"""The chats of a person: a tree of messages each, in chats.sqlite3. Knows no model and no window.

One thread owns a `ChatStore`; the core calls it on that thread. Messages: chats_turns, chats_tree; drafts:
chats_drafts. Temporary chats are in a store of their own, in memory: calls about them are handed on to it.
"""

import logging
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from desktop.core.chats import file as chats_file
from desktop.core.chats import leftovers as chats_leftovers
from desktop.core.chats import rows
from desktop.core.chats import temporary as chats_temporary
from desktop.core.chats.base import reported
from desktop.core.chats.comparing import ComparingStore
from desktop.core.chats.drafts import DraftStore
from desktop.core.chats.exchange import ExchangeStore
from desktop.core.chats.folders import FolderStore
from desktop.core.chats.good_copy import GoodCopy
from desktop.core.chats.prompts import PromptStore
from desktop.core.chats.search import SearchStore
from desktop.core.chats.tree import TreeStore
from desktop.core.chats.turns import TurnStore
from desktop.core.encryption.keyring import Keyring
from desktop.core.errors import Reported, UnknownChat
from desktop.core.types import Chat, ChatInfo, Param
from rag.database import IN_MEMORY, transaction
from rag.errors import DatabaseDamaged, RagError
from rag.sqlite import sqlite3

COPIED_AT_CLOSE_BYTES = 100_000_000  # about 0.3 s; the keeper copies a larger file now and then

log = logging.getLogger(__name__)

DAY_S = 86_400.0
KEPT_DAYS = 30


class ChatStore(
    TurnStore,
    TreeStore,
    ComparingStore,
    FolderStore,
    SearchStore,
    DraftStore,
    PromptStore,
    ExchangeStore,
):
    """All chats. Every method that changes something has it on disk when it returns.

    Every method raises `Reported` with a database error or disk_full, UnknownChat or UnknownMessage.
    """

    _temporary: "TemporaryStore | None" = None

    def __init__(
        self,
        path: Path,
        clock: Callable[[], float] = time.time,
        trash_days: Callable[[], int] = lambda: KEPT_DAYS,
        leaving: Callable[[Sequence[str]], None] = lambda _names: None,
        keyring: Keyring | None = None,
    ) -> None:
        """Open or create. A damaged file is moved aside, whole, and a new one started: see `problem`.

        `trash_days`: how long a deleted chat can be restored; 0: until the store closes. `leaving` is told
        the `uid`s of chats that are about to be deleted for good, on the store's thread.
        Raises Reported: database_too_new, database_unreadable, database_locked, disk_full.
        """
        self.path = path
        self._clock = clock
        self._trash_days = trash_days
        self._leaving = leaving
        self._keyring = keyring or Keyring()
        chats_leftovers.sweep(path)
        self.copy = GoodCopy(path, self._keyring)
        self._copy_outdated = self.copy.outdated  # by a program that was killed
        try:
            self._open()
        except Reported as error:
            if error.problem().code != DatabaseDamaged.code:
                raise
            self._open()  # a large file, which nobody read before: now it is rescued

    def _open(self) -> None:
        try:
            self._db, self.problem = chats_file.open_chats(self.path, self._keyring.key)
        except RagError as error:
            raise Reported.of(error) from error
        try:
            self._tidy()
        except BaseException:
            self._db.close()
            raise

    def converted(self, convert: Callable[[], None]) -> None:
        """Have the files encrypted or made plain, by `convert`, while nobody has them open.

        Raises what that raises; then what is there is opened as it is.
        """
        with self.copy.at_rest():
            self._db.close()
            try:
                convert()
            finally:
                self._reopen()

    @reported
    def _reopen(self) -> None:
        self._db, self.problem = chats_file.open_chats(self.path, self._keyring.key)

    # ── chats ──

    @reported
    def create_chat(
        self, system_prompt: str = "", collections: Iterable[str] = (), *, temporary: bool = False
    ) -> Chat:
        """`temporary`: in memory alone. It works like any other, and is listed and found nowhere."""
        if temporary:
            self._temporary = self._temporary or TemporaryStore(self._clock)
            return self._temporary.create_chat(system_prompt, collections)
        now = self._clock()
        cursor = self._db.execute(
            "INSERT INTO chats (system_prompt, collections, created_at, updated_at) VALUES (?, ?, ?, ?)",
            (rows.storable(system_prompt), rows.encode(list(collections)), now, now),
        )
        return self._chat(int(cursor.lastrowid or 0))

    @reported
    def chat(self, chat: int, *, costs: bool = True) -> Chat:
        """The chat with its path from the first message to the active leaf.

        `costs` False: without what its replies cost, which takes most of the reading.
        """
        return self._chat(chat, costs=costs)

    @reported
    def list_chats(self, query: str = "") -> tuple[ChatInfo, ...]:
        """Pinned chats first, then the last used. With a query, those that hold all its words.

        A word is found by its beginning, without regard to accents and case, in titles and messages; a
        single letter by its beginning in titles alone.
        """
        condition, values = "deleted_at IS NULL", []
        if query.strip():
            in_titles, in_messages = rows.words_of(query), rows.words_of(query, 2)
            if not in_titles:
                return ()
            for titled, said in zip(in_titles, in_messages, strict=True):
                condition += """ AND id IN (
                    SELECT rowid FROM title_words WHERE title_words MATCH ? UNION ALL
                    SELECT m.chat FROM message_words w CROSS JOIN messages m INDEXED BY messages_found
                        ON m.id = w.rowid
                    WHERE w.message_words MATCH ? AND m.deleted_with IS NULL)"""
                values += [titled, said]
        found = self._db.execute(
            f"SELECT {rows.INFO_COLUMNS} FROM chats WHERE {condition} "  # noqa: S608  no value in it
            "ORDER BY pinned DESC, updated_at DESC, id DESC",
            values,
        )
        return tuple(rows.info(row) for row in found)

    def temporary_chats(self) -> tuple[ChatInfo, ...]:
        """Those that are in memory alone, the last used first. `list_chats` gives none of them."""
        return () if self._temporary is None else self._temporary.list_chats()

    def keep(self, chat: int) -> Chat:
        """A stored chat in place of a temporary one, with its messages in the same tree under new numbers.

        What was deleted in it stays behind. Raises UnknownChat for a chat that is not temporary.
        """
        if chat >= 0 or self._temporary is None:
            raise UnknownChat(chat=chat)
        return self._adopt(self._temporary, chat)

    @reported
    def _adopt(self, temporary: "TemporaryStore", chat: int) -> Chat:
        temporary.chat(chat)
        with transaction(self._db):
            number, numbers = temporary.copy_into(self._db, chat)
            self._renumber_comparison(number, numbers)
            for message, column in self._db.execute(
                "SELECT id, parts FROM messages WHERE chat = ?", (number,)
            ).fetchall():
                self._index(message, rows.parts(column))
            self._title(number, self._info(number).title, self._titled_by(number))
        temporary.forget(chat)
        return self._chat(number)

    @reported
    def rename(self, chat: int, title: str) -> None:
        with transaction(self._db):
            self._title(chat, rows.storable(" ".join(title.split())), "person")

    @reported
    def pin(self, chat: int, pinned: bool) -> None:
        self._set(chat, "pinned = ?", int(pinned))

    @reported
    def set_system_prompt(self, chat: int, text: str) -> None:
        """The text alone; what else the chat's prompt has stays."""
        _before, kept = self.kept_prompt(chat)
        self.keep_prompt(chat, text, replace(kept, own=True))

    @reported
    def set_collections(self, chat: int, names: Iterable[str]) -> None:
        self._set(chat, "collections = ?, updated_at = ?", rows.encode(list(names)), self._clock())

    @reported
    def rename_collection(self, name: str, new_name: str) -> None:
        """Wherever chats draw from it, those in the trash too."""
        if self._temporary is not None:
            self._temporary.rename_collection(name, new_name)
        like = f"%{rows.encode([name])[1:-1]}%"
        found = self._db.execute("SELECT id, collections FROM chats WHERE collections LIKE ?", (like,))
        for chat, kept in found.fetchall():
            names = [new_name if one == name else one for one in rows.names(kept)]
            self._db.execute("UPDATE chats SET collections = ? WHERE id = ?", (rows.encode(names), chat))

    @reported
    def reply_values(self, chat: int) -> dict[str, Param]:
        """The values that the chat's replies have of their own."""
        self._info(chat)
        found = self._db.execute("SELECT reply_values FROM chats WHERE id = ?", (chat,)).fetchone()
        return rows.values(found[0])

    @reported
    def set_reply_values(self, chat: int, values: Mapping[str, Param]) -> None:
        self._set(chat, "reply_values = ?", rows.encode(dict(values)))

    @reported
    def wants_title(self, chat: int) -> bool:
        """Whether its title is still the beginning of its question."""
        return bool(self._info(chat).title) and self._titled_by(chat) == "question"

    @reported
    def take_title(self, chat: int, title: str) -> bool:
        """A title that the model made, in place of the question's; "": the question's stays for good.

        False where the chat has another one by now: a person's own is not replaced.
        """
        with transaction(self._db):
            if not self.wants_title(chat):
                return False
            kept = rows.storable(" ".join(title.split())) or self._info(chat).title
            self._title(chat, kept, "model")
        return True

    @reported
    def _erase(self, chats: Sequence[int]) -> None:
        for chat in chats:
            if self._db.execute("SELECT 1 FROM chats WHERE id = ?", (chat,)).fetchone() is None:
                raise UnknownChat(chat=chat)
        self._let_go(chats)
        with self.copy.in_step(self._db):
            chats_file.erase(self._db, chats)

    def erase(self, chats: Iterable[int]) -> None:
        """Remove chats for good, wherever they are: no word of them stays in any file."""
        numbers = list(chats)
        self._erase([chat for chat in numbers if chat >= 0])
        for chat in numbers:
            if chat < 0 and self._temporary is not None:
                self._temporary.forget(chat)

    def replace_all(self, source: Path) -> None:
        """As there; the copies of what was here before go with it."""
        self.copy.stop()
        super().replace_all(source)
        self.copy.drop()
        self._emptied_journal()

    @reported
    def _emptied_journal(self) -> None:
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @reported
    def purge(self) -> int:
        """Remove for good what was deleted and cannot be restored any more: from the search index, the
        journal and the good copy too. Gives the number of chats.
        """
        days, now = self._trash_days(), self._clock()
        gone = chats_file.trashed_before(self._db, now - days * DAY_S if days > 0 else math.inf)
        chats_leftovers.age_out(self.path, now)
        self._let_go(gone)
        with self.copy.in_step(self._db):
            return chats_file.purge(self._db, gone)

    def _let_go(self, chats: Sequence[int]) -> None:
        """Before chats are removed for good: a kill in between leaves them here, and in no other file."""
        if chats:
            chats_leftovers.give_up(self.path)
            self._leaving(chats_file.names_of(self._db, chats))

    def close(self) -> None:
        """Purge, copy what is new where that is soon done, and close.

        Raises what `purge` does, and closes all the same.
        """
        if self._temporary is not None:
            self._temporary.close()
        try:
            self.purge()
            self._copy_at_close()
        finally:
            self._db.close()

    @reported
    def _tidy(self) -> None:
        chats_file.tidy(self._db)
        if self.problem is None:  # what was just set aside is still there when the person reads of it
            self.purge()

    def _copy_at_close(self) -> None:
        """The copy that a damaged file is mended from."""
        changed = self._copy_outdated or self._db.total_changes > 0 or not self.copy.path.exists()
        if not changed or self.path.stat().st_size > COPIED_AT_CLOSE_BYTES:
            return
        self._emptied_journal()  # what closing writes would make the copy seem outdated
        try:
            self.copy.make()
        except RagError as error:  # nobody is left to be told: the next start looks at the file itself
            log.warning("no copy of the chats: %s", error)
            chats_file.suspect(self.path)


class TemporaryStore(ChatStore):
    """Chats that are in memory alone. Opened by the store that hands them on; never purged."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.path = Path(IN_MEMORY)
        self.problem = None
        self._clock = clock
        self._trash_days = lambda: 0
        self._db = chats_temporary.open_temporary()

    def copy_into(self, target: sqlite3.Connection, chat: int) -> tuple[int, dict[int, int]]:
        return chats_temporary.copy_chat(self._db, target, chat)

    def forget(self, chat: int) -> None:
        """Take a chat out of the memory for good."""
        chats_temporary.forget(self._db, chat)

    def close(self) -> None:
        self._db.close()
