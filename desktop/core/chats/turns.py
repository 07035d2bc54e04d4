"""Turns in the chats' database: asked, written, finished, and what is kept beside them.

How the tree of a chat changes otherwise stands in desktop.core.chats.tree.
"""

from array import array
from collections.abc import Iterable, Sequence

from desktop.core.chats import rows
from desktop.core.chats.base import StoreBase, reported
from desktop.core.errors import UnknownChat, UnknownMessage
from desktop.core.types import Chat, ExcerptsPart, MessageState, Part, Problem, StoredMessage, ThoughtsPart
from engine.protocol import Stats, TokenDetail
from rag.database import transaction


class TurnStore(StoreBase):
    """What `ChatStore` inherits of turns."""

    @reported
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
                self._title(chat, rows.title_of(rows.asked(kept)), "question")
            self._activate(chat, reply)
        return self._message(question), self._message(reply)

    @reported
    def add_reply(self, sibling: int, model: str = "") -> StoredMessage:
        """One more empty streaming reply to the question that `sibling` answers; it becomes the leaf."""
        old = self._message(sibling)
        with transaction(self._db):
            reply = self._insert(old.chat, old.parent, "assistant", (), "streaming", model)
            self._activate(old.chat, reply)
        return self._message(reply)

    @reported
    def set_excerpts(self, question: int, excerpts: ExcerptsPart) -> StoredMessage:
        """Freeze what retrieval found into the turn that asked for it."""
        with transaction(self._db):
            parts = self._message(question).parts
            kept = (*(part for part in parts if not isinstance(part, ExcerptsPart)), excerpts)
            self._db.execute("UPDATE messages SET parts = ? WHERE id = ?", (rows.encode(kept), question))
        return self._message(question)

    @reported
    def save_text(self, reply: int, text: str, thoughts: ThoughtsPart | None = None) -> None:
        """Keep what a streaming reply says so far. Not searchable until it is finished."""
        changed = self._db.execute(
            "UPDATE messages SET parts = ? WHERE id = ? AND state = 'streaming'",
            (rows.encode(rows.storable_parts(rows.reply_parts(text, thoughts))), reply),
        )
        if not changed.rowcount:
            raise UnknownMessage(message=reply)

    @reported
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

    @reported
    def token_details(self, reply: int) -> tuple[TokenDetail, ...]:
        """What the tokens of a reply were drawn from; () when it was not asked for."""
        self._message(reply)
        row = self._db.execute("SELECT details FROM token_details WHERE message = ?", (reply,)).fetchone()
        return () if row is None else rows.unpacked(row[0])

    @reported
    def message(self, message: int) -> StoredMessage:
        return self._message(message)

    # ── a path that is read a part at a time ──

    @reported
    def head(self, chat: int) -> tuple[Chat, "array[int]"]:
        """A chat without its messages, and the numbers of those, from the first to the active leaf."""
        head, leaf = self._head(chat)
        found = self._db.execute(
            """WITH RECURSIVE path (id, up, depth) AS (
                   SELECT id, parent, 0 FROM messages WHERE id = ? UNION ALL
                   SELECT m.id, m.parent, depth + 1 FROM messages m JOIN path ON m.id = path.up)
               SELECT id FROM path ORDER BY depth DESC""",
            (leaf,),
        )
        return head, array("q", (row[0] for row in found))

    @reported
    def some(self, chat: int, numbers: Iterable[int]) -> tuple[StoredMessage, ...]:
        """These messages of a chat in this order, without what they cost; those that are gone left out."""
        found = self._db.execute(
            # CROSS: one look-up for each number; the planner would go through the chat for each of them
            f"""SELECT {rows.COSTLESS_COLUMNS} FROM json_each(?) n CROSS JOIN messages m ON m.id = n.value
                WHERE m.chat = ? ORDER BY n.key""",  # noqa: S608  our own text
            (rows.encode(list(numbers)), chat),
        )
        return tuple(rows.message(row) for row in found)

    # ── summaries ──

    def summary(self, messages: Iterable[int]) -> tuple[int, str] | None:
        """Of the summaries that end at one of these messages, the one that ends last: (message, text).

        They are all of one chat.
        """
        numbers = list(messages)
        return self._summary(numbers[0], numbers) if numbers else None

    @reported
    def _summary(self, _first: int, numbers: list[int]) -> tuple[int, str] | None:
        return self._db.execute(  # type: ignore[no-any-return]
            """SELECT message, text FROM summaries
               WHERE message IN (SELECT value FROM json_each(?)) ORDER BY message DESC LIMIT 1""",
            (rows.encode(numbers),),
        ).fetchone()

    @reported
    def keep_summary(self, message: int, text: str) -> None:
        """Of everything up to `message`. It goes with its chat."""
        with transaction(self._db):
            self._db.execute(
                "INSERT OR REPLACE INTO summaries VALUES (?, ?, ?)",
                (message, rows.storable(text), self._clock()),
            )
