"""The chats of a person: a tree of messages each, in chats.sqlite3. Knows no model and no window.

One thread owns a `ChatStore`; the core calls it on that thread.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import msgspec

from desktop.core import chats_file
from desktop.core import chats_rows as rows
from desktop.core.errors import Reported, UnknownChat, UnknownMessage
from desktop.core.types import (
    Chat,
    ChatInfo,
    ExcerptsPart,
    MessageState,
    Param,
    Part,
    Problem,
    StoredMessage,
    ThoughtsPart,
)
from engine.protocol import Role, Stats, TokenDetail
from rag.database import transaction, translate
from rag.errors import DatabaseDamaged, RagError

P = ParamSpec("P")
R = TypeVar("R")


def _reported(
    method: "Callable[Concatenate[ChatStore, P], R]",
) -> "Callable[Concatenate[ChatStore, P], R]":
    """Have what SQLite raises leave the store as the core's error."""

    @wraps(method)
    def guarded(self: "ChatStore", /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(self, *args, **kwargs)
        except sqlite3.Error as error:
            raise Reported.of(translate(error, self.path)) from error
        except msgspec.MsgspecError as error:
            raise Reported.of(DatabaseDamaged(str(error), file=str(self.path))) from error

    return guarded


class ChatStore:
    """All chats. Every method that changes something has it on disk when it returns.

    Every method raises `Reported` with a database error or disk_full, UnknownChat or UnknownMessage.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        """Open or create. A damaged file is moved aside, whole, and a new one started: see `problem`.

        Raises Reported: database_too_new, database_unreadable, database_locked, disk_full.
        """
        self.path = path
        self._clock = clock
        try:
            self._db, self.problem = chats_file.open_chats(path)
        except RagError as error:
            raise Reported.of(error) from error
        try:
            self._tidy()
        except BaseException:
            self._db.close()
            raise

    # ── chats ──

    @_reported
    def create_chat(self, system_prompt: str = "", collections: Iterable[str] = ()) -> Chat:
        now = self._clock()
        cursor = self._db.execute(
            "INSERT INTO chats (system_prompt, collections, created_at, updated_at) VALUES (?, ?, ?, ?)",
            (rows.storable(system_prompt), rows.encode(list(collections)), now, now),
        )
        return self._chat(int(cursor.lastrowid or 0))

    @_reported
    def chat(self, chat: int) -> Chat:
        """The chat with its path from the first message to the active leaf."""
        return self._chat(chat)

    @_reported
    def list_chats(self, query: str = "") -> tuple[ChatInfo, ...]:
        """Pinned chats first, then the last used. With a query, those that hold all its words.

        A word is found by its beginning, without regard to accents and case, in titles and messages.
        """
        condition, values = "deleted_at IS NULL", []
        if query.strip():
            words = rows.words_of(query)
            if not words:
                return ()
            for word in words:
                condition += """ AND id IN (
                    SELECT rowid FROM title_words WHERE title_words MATCH ? UNION ALL
                    SELECT chat FROM messages WHERE id IN (
                        SELECT rowid FROM message_words WHERE message_words MATCH ?))"""
                values += [word, word]
        found = self._db.execute(
            f"SELECT {rows.INFO_COLUMNS} FROM chats WHERE {condition} "  # noqa: S608  no value in it
            "ORDER BY pinned DESC, updated_at DESC, id DESC",
            values,
        )
        return tuple(rows.info(row) for row in found)

    @_reported
    def rename(self, chat: int, title: str) -> None:
        with transaction(self._db):
            self._title(chat, rows.storable(" ".join(title.split())))

    @_reported
    def pin(self, chat: int, pinned: bool) -> None:
        self._set(chat, "pinned = ?", int(pinned))

    @_reported
    def set_system_prompt(self, chat: int, text: str) -> None:
        self._set(chat, "system_prompt = ?, updated_at = ?", rows.storable(text), self._clock())

    @_reported
    def set_collections(self, chat: int, names: Iterable[str]) -> None:
        self._set(chat, "collections = ?, updated_at = ?", rows.encode(list(names)), self._clock())

    @_reported
    def reply_values(self, chat: int) -> dict[str, Param]:
        """The values that the chat's replies have of their own."""
        self._info(chat)
        found = self._db.execute("SELECT reply_values FROM chats WHERE id = ?", (chat,)).fetchone()
        return rows.values(found[0])

    @_reported
    def set_reply_values(self, chat: int, values: Mapping[str, Param]) -> None:
        self._set(chat, "reply_values = ?", rows.encode(dict(values)))

    @_reported
    def delete(self, chat: int) -> None:
        """Out of every list; `restore` brings it back until the store closes."""
        self._set(chat, "deleted_at = ?", self._clock())

    @_reported
    def restore(self, chat: int) -> None:
        changed = self._db.execute("UPDATE chats SET deleted_at = NULL WHERE id = ?", (chat,))
        if not changed.rowcount:
            raise UnknownChat(chat=chat)

    @_reported
    def purge(self) -> int:
        """Remove deleted chats for good, from the search index and the journal too. Gives their number."""
        return chats_file.purge(self._db)

    # ── messages ──

    @_reported
    def add_turn(
        self, chat: int, parts: Iterable[Part], model: str = ""
    ) -> tuple[StoredMessage, StoredMessage]:
        """A question after the active leaf, and an empty streaming reply to it, which becomes the leaf."""
        kept = rows.storable_parts(parts)
        with transaction(self._db):
            row = self._db.execute(
                "SELECT active_leaf, title FROM chats WHERE id = ? AND deleted_at IS NULL", (chat,)
            ).fetchone()
            if row is None:
                raise UnknownChat(chat=chat)
            question = self._insert(chat, row[0], "user", kept, "complete", "")
            reply = self._insert(chat, question, "assistant", (), "streaming", model)
            self._index(question, kept)
            if not row[1]:
                self._title(chat, rows.title_of(rows.searchable(kept)))
            self._activate(chat, reply)
        return self._message(question), self._message(reply)

    @_reported
    def add_reply(self, sibling: int, model: str = "") -> StoredMessage:
        """One more empty streaming reply to the question that `sibling` answers; it becomes the leaf."""
        old = self._message(sibling)
        with transaction(self._db):
            reply = self._insert(old.chat, old.parent, "assistant", (), "streaming", model)
            self._activate(old.chat, reply)
        return self._message(reply)

    @_reported
    def set_excerpts(self, question: int, excerpts: ExcerptsPart) -> StoredMessage:
        """Freeze what retrieval found into the turn that asked for it."""
        with transaction(self._db):
            parts = self._message(question).parts
            kept = (*(part for part in parts if not isinstance(part, ExcerptsPart)), excerpts)
            self._db.execute("UPDATE messages SET parts = ? WHERE id = ?", (rows.encode(kept), question))
        return self._message(question)

    @_reported
    def save_text(self, reply: int, text: str, thoughts: ThoughtsPart | None = None) -> None:
        """Keep what a streaming reply says so far. Not searchable until it is finished."""
        changed = self._db.execute(
            "UPDATE messages SET parts = ? WHERE id = ? AND state = 'streaming'",
            (rows.encode(rows.storable_parts(rows.reply_parts(text, thoughts))), reply),
        )
        if not changed.rowcount:
            raise UnknownMessage(message=reply)

    @_reported
    def finish(
        self,
        reply: int,
        text: str,
        state: MessageState,
        stats: Stats | None = None,
        problem: Problem | None = None,
        thoughts: ThoughtsPart | None = None,
        details: Sequence[TokenDetail] = (),
    ) -> StoredMessage:
        """End a streaming reply. A later call on the same reply replaces what the first one said."""
        parts = rows.storable_parts(rows.reply_parts(text, thoughts))
        with transaction(self._db):
            chat = self._message(reply).chat
            self._db.execute(
                "UPDATE messages SET parts = ?, state = ?, stats = ?, problem = ? WHERE id = ?",
                (
                    rows.encode(parts),
                    state,
                    None if stats is None else rows.encode(stats),
                    None if problem is None else rows.encode(problem),
                    reply,
                ),
            )
            self._index(reply, parts)
            if details:
                self._db.execute(
                    "INSERT OR REPLACE INTO token_details (message, details) VALUES (?, ?)",
                    (reply, rows.packed(details)),
                )
            self._db.execute("UPDATE chats SET updated_at = ? WHERE id = ?", (self._clock(), chat))
        return self._message(reply)

    @_reported
    def token_details(self, reply: int) -> tuple[TokenDetail, ...]:
        """What the tokens of a reply were drawn from; () when it was not asked for."""
        self._message(reply)
        row = self._db.execute("SELECT details FROM token_details WHERE message = ?", (reply,)).fetchone()
        return () if row is None else rows.unpacked(row[0])

    @_reported
    def message(self, message: int) -> StoredMessage:
        return self._message(message)

    @_reported
    def pin_message(self, message: int, pinned: bool) -> None:
        self._message(message)
        with transaction(self._db):
            self._db.execute("UPDATE messages SET pinned = ? WHERE id = ?", (int(pinned), message))

    @_reported
    def summary(self, messages: Iterable[int]) -> tuple[int, str] | None:
        """Of the summaries that end at one of these messages, the one that ends last: (message, text)."""
        return self._db.execute(  # type: ignore[no-any-return]
            """SELECT message, text FROM summaries
               WHERE message IN (SELECT value FROM json_each(?)) ORDER BY message DESC LIMIT 1""",
            (rows.encode(list(messages)),),
        ).fetchone()

    @_reported
    def keep_summary(self, message: int, text: str) -> None:
        """Of everything up to `message`. It goes with its chat."""
        with transaction(self._db):
            self._db.execute(
                "INSERT OR REPLACE INTO summaries VALUES (?, ?, ?)",
                (message, rows.storable(text), self._clock()),
            )

    @_reported
    def tree(self, chat: int) -> tuple[StoredMessage, ...]:
        """Every message of every branch; parents come before their children."""
        self._info(chat)
        found = self._db.execute(
            f"SELECT {rows.MESSAGE_COLUMNS} FROM messages WHERE chat = ? ORDER BY id",  # noqa: S608
            (chat,),
        )
        return tuple(rows.message(row) for row in found)

    @_reported
    def activate(self, message: int) -> Chat:
        """Show the branch that leads through `message`, down to its newest end."""
        chat = self._message(message).chat
        leaf = self._db.execute(
            """WITH RECURSIVE down (id) AS (
                   VALUES (?) UNION ALL
                   SELECT (SELECT max(m.id) FROM messages m WHERE m.parent = down.id) FROM down
                   WHERE down.id IS NOT NULL)
               SELECT max(id) FROM down""",
            (message,),
        ).fetchone()[0]
        self._set(chat, "active_leaf = ?", leaf)
        return self._chat(chat)

    def close(self) -> None:
        """Purge and close. Raises what `purge` does, and closes all the same."""
        try:
            self.purge()
        finally:
            self._db.close()

    @_reported
    def _tidy(self) -> None:
        chats_file.tidy(self._db)
        chats_file.purge(self._db)

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

    def _title(self, chat: int, title: str) -> None:
        self._set(chat, "title = ?", title)
        self._db.execute("DELETE FROM title_words WHERE rowid = ?", (chat,))
        self._db.execute("INSERT INTO title_words (rowid, text) VALUES (?, ?)", (chat, title))

    def _activate(self, chat: int, leaf: int) -> None:
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

    def _chat(self, chat: int) -> Chat:
        info = self._info(chat)
        prompt, collections, leaf = self._db.execute(
            "SELECT system_prompt, collections, active_leaf FROM chats WHERE id = ?", (chat,)
        ).fetchone()
        path = self._db.execute(
            f"""WITH RECURSIVE path (id, up, depth) AS (
                    SELECT id, parent, 0 FROM messages WHERE id = ? UNION ALL
                    SELECT m.id, m.parent, depth + 1 FROM messages m JOIN path ON m.id = path.up)
                SELECT {", ".join("m." + name for name in rows.MESSAGE_COLUMNS.split(", "))}
                FROM path JOIN messages m ON m.id = path.id ORDER BY depth DESC""",  # noqa: S608
            (leaf,),
        )
        return Chat(info, prompt, rows.names(collections), tuple(rows.message(row) for row in path))

    def _message(self, message: int) -> StoredMessage:
        row = self._db.execute(
            f"SELECT {rows.MESSAGE_COLUMNS} FROM messages WHERE id = ?",  # noqa: S608
            (message,),
        ).fetchone()
        if row is None:
            raise UnknownMessage(message=message)
        return rows.message(row)
