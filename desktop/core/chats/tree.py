"""How the tree of a chat's messages changes: branches, edits, copies, deletions. Nothing is overwritten.

A chat shows one path of its tree, down to its active leaf. packaging/decisions/0094 says why an edit that
is only saved takes a copy of what follows along.
"""

from desktop.core.chats import rows
from desktop.core.chats.base import reported
from desktop.core.chats.comparing import ComparingStore
from desktop.core.errors import UnknownMessage
from desktop.core.types import Chat, FilePart, Part, StoredMessage
from desktop.core.types.composing import ChatTree
from rag.database import transaction

_COPIED = "role, parts, state, model, stats, problem, created_at, pinned, edited, rating"
# what a chat is given before its first turn, and where it stands
_SET_UP = "system_prompt, prompt, collections, reply_values, folder"
# every message below and with the first `?`
_DOWN = """WITH RECURSIVE down (id) AS (
    VALUES (?) UNION ALL SELECT m.id FROM messages m JOIN down ON m.parent = down.id)
"""


class TreeStore(ComparingStore):
    """What `ChatStore` inherits of the tree. `Chat` is always the path that is shown afterwards."""

    @reported
    def tree(self, chat: int) -> tuple[StoredMessage, ...]:
        """Every message of every branch; parents come before their children."""
        self._info(chat)
        found = self._db.execute(
            f"SELECT {rows.MESSAGE_COLUMNS} FROM messages m "  # noqa: S608  our own text
            "WHERE m.chat = ? AND m.deleted_with IS NULL ORDER BY m.id",
            (chat,),
        )
        return tuple(rows.message(row) for row in found)

    @reported
    def outline(self, chat: int) -> ChatTree:
        """Every message of every branch by its first words, and the path that is shown."""
        self._info(chat)
        found = self._db.execute(
            f"SELECT {rows.NODE_COLUMNS} FROM messages m "  # noqa: S608  our own text
            "WHERE m.chat = ? AND m.deleted_with IS NULL AND m.role <> 'system' ORDER BY m.id",
            (chat,),
        )
        nodes = tuple(rows.node(row) for row in found)
        (leaf,) = self._db.execute("SELECT active_leaf FROM chats WHERE id = ?", (chat,)).fetchone()
        return ChatTree(chat, nodes, tuple(self._path_to(leaf)) if leaf is not None else ())

    @reported
    def activate(self, message: int) -> Chat:
        """Show the branch that leads through `message`, down to its newest end."""
        chat = self._message(message).chat
        self._set(chat, "active_leaf = ?", self._end(message))
        return self._chat(chat)

    @reported
    def edit(self, message: int, text: str, files: tuple[FilePart, ...] | None = None) -> Chat:
        """A sibling that says `text`, followed by copies of what follows `message`; it is shown.

        What follows is the path that is shown, or the newest where another one is. `files` None: the same.
        """
        old = self._message(message)
        following = self._following(old)
        with transaction(self._db):
            new = self._edited(old, rows.edited_parts(old.parts, text, files))
            leaf = self._copy(following, old.chat, new)
            self._activate(old.chat, leaf)
        return self._chat(old.chat)

    @reported
    def add_edited_turn(
        self, message: int, text: str, model: str = "", files: tuple[FilePart, ...] | None = None
    ) -> tuple[StoredMessage, StoredMessage]:
        """A sibling of a question that asks `text`, and an empty streaming reply to it: the leaf.

        The question's files stay with it, unless others are given; excerpts are looked for anew.
        """
        old = self._message(message)
        if old.role != "user":
            raise UnknownMessage(message=message)
        files = old.files if files is None else files
        with transaction(self._db):
            question = self._edited(old, rows.edited_parts(files, text))
            reply = self._insert(old.chat, question, "assistant", (), "streaming", model)
            self._activate(old.chat, reply)
        return self._message(question), self._message(reply)

    @reported
    def reopen(self, reply: int) -> tuple[StoredMessage, StoredMessage]:
        """Have a reply with text go on: (its question, the streaming reply), which is the leaf.

        One that something follows stays as it is, and a copy beside it goes on.
        """
        old = self._message(reply)
        if old.role != "assistant" or old.parent is None or not old.text:
            raise UnknownMessage(message=reply)
        with transaction(self._db):
            if self._end(reply) != reply:
                reply = self._copy([reply], old.chat, old.parent) or reply
            self._db.execute("UPDATE messages SET state = 'streaming', problem = NULL WHERE id = ?", (reply,))
            self._activate(old.chat, reply)
        return self._message(old.parent), self._message(reply)

    @reported
    def branch(self, message: int) -> Chat:
        """A new chat with copies of everything from the first message to `message`, set up as the old."""
        old = self._message(message)
        path = self._path_to(message)
        with transaction(self._db):
            chat = self._like(old.chat)
            self._activate(chat, self._copy(path, chat, None))
        return self._chat(chat)

    @reported
    def duplicate(self, chat: int) -> Chat:
        """A new chat with copies of every message of every branch, set up as the old, showing the same."""
        leaf = self._chat(chat).messages[-1:]
        found = self._db.execute(
            "SELECT id, parent FROM messages WHERE chat = ? AND deleted_with IS NULL ORDER BY id", (chat,)
        ).fetchall()
        with transaction(self._db):
            made = self._like(chat)
            copies: dict[int | None, int | None] = {None: None}
            for message, parent in found:
                copies[message] = self._copy([message], made, copies[parent])
            self._activate(made, copies[leaf[0].id] if leaf else None)
            self._set(made, "comparison = (SELECT comparison FROM chats WHERE id = ?)", chat)
            self._renumber_comparison(made, {old: new for old, new in copies.items() if old and new})
        return self._chat(made)

    @reported
    def delete_message(self, message: int) -> Chat:
        """Take it and what follows it, in every branch, out of sight; `restore_message` brings it back
        until the store closes."""
        old = self._message(message)
        path = [shown.id for shown in self._chat(old.chat).messages]
        with transaction(self._db):
            self._db.execute(
                f"{_DOWN} UPDATE messages SET deleted_with = ? "  # noqa: S608  our own text
                "WHERE deleted_with IS NULL AND id IN (SELECT id FROM down)",
                (message, message),
            )
            if message in path:
                others = [version for version in old.versions if version != message]
                leaf = self._end(others[-1]) if others else old.parent
                self._activate(old.chat, leaf)
        return self._chat(old.chat)

    @reported
    def restore_message(self, message: int) -> Chat:
        """Bring back what `delete_message` took, and show it.

        Any deletion of this run, in whatever order: where what it stood under was deleted later, that comes
        back too.
        """
        row = self._db.execute(
            "SELECT chat FROM messages WHERE id = ? AND deleted_with = id", (message,)
        ).fetchone()
        if row is None:
            raise UnknownMessage(message=message)
        with transaction(self._db):
            self._db.execute(
                "UPDATE messages SET deleted_with = NULL WHERE deleted_with IN ("
                "SELECT deleted_with FROM messages WHERE id IN (SELECT value FROM json_each(?)))",
                (rows.encode(self._path_to(message)),),
            )
            self._activate(row[0], self._end(message))
        return self._chat(row[0])

    @reported
    def chat_of(self, message: int) -> int:
        """Of a message that may be deleted."""
        row = self._db.execute("SELECT chat FROM messages WHERE id = ?", (message,)).fetchone()
        if row is None:
            raise UnknownMessage(message=message)
        return int(row[0])

    @reported
    def pin_message(self, message: int, pinned: bool) -> None:
        self._mark(message, "pinned", int(pinned))

    @reported
    def rate(self, reply: int, rating: int) -> None:
        """1: good, -1: bad, 0: neither."""
        if self._message(reply).role != "assistant":
            raise UnknownMessage(message=reply)
        self._mark(reply, "rating", max(-1, min(1, rating)))

    def _mark(self, message: int, column: str, value: int) -> None:
        self._message(message)
        with transaction(self._db):
            self._db.execute(f"UPDATE messages SET {column} = ? WHERE id = ?", (value, message))  # noqa: S608

    # ── going through the tree ──

    def _end(self, message: int) -> int:
        """The newest end of the branch through `message`."""
        found = self._db.execute(
            """WITH RECURSIVE down (id) AS (
                   VALUES (?) UNION ALL
                   SELECT (SELECT max(m.id) FROM messages m
                           WHERE m.parent = down.id AND m.deleted_with IS NULL)
                   FROM down WHERE down.id IS NOT NULL)
               SELECT max(id) FROM down""",
            (message,),
        )
        return int(found.fetchone()[0])

    def _path_to(self, message: int) -> list[int]:
        """From the first message to this one."""
        found = self._db.execute(
            """WITH RECURSIVE path (id, up, depth) AS (
                   SELECT id, parent, 0 FROM messages WHERE id = ? UNION ALL
                   SELECT m.id, m.parent, depth + 1 FROM messages m JOIN path ON m.id = path.up)
               SELECT id FROM path ORDER BY depth DESC""",
            (message,),
        )
        return [row[0] for row in found]

    def _following(self, message: StoredMessage) -> list[int]:
        shown = [kept.id for kept in self._chat(message.chat).messages]
        path = shown if message.id in shown else self._path_to(self._end(message.id))
        return path[path.index(message.id) + 1 :]

    # ── inside a transaction ──

    def _edited(self, old: StoredMessage, parts: tuple[Part, ...]) -> int:
        number = self._insert(old.chat, old.parent, old.role, parts, "complete", old.model)
        self._db.execute("UPDATE messages SET edited = 1, pinned = ? WHERE id = ?", (int(old.pinned), number))
        self._index(number, parts)
        return number

    def _copy(self, path: list[int], chat: int, parent: int | None) -> int | None:
        """Copies of these messages, one below the other, under `parent`. Gives the last one's number."""
        for message in path:
            cursor = self._db.execute(
                f"INSERT INTO messages (chat, parent, {_COPIED}) "  # noqa: S608  our own text
                f"SELECT ?, ?, {_COPIED} FROM messages WHERE id = ?",
                (chat, parent, message),
            )
            parent = int(cursor.lastrowid or 0)
            self._index(parent, self._message(message).parts)
            self._db.execute(
                "INSERT INTO token_details SELECT ?, details FROM token_details WHERE message = ?",
                (parent, message),
            )
        return parent

    def _like(self, chat: int) -> int:
        """A new chat without messages, set up as another and in its folder. Gives its number."""
        now = self._clock()
        cursor = self._db.execute(
            f"INSERT INTO chats ({_SET_UP}, created_at, updated_at) "  # noqa: S608  our own text
            f"SELECT {_SET_UP}, ?, ? FROM chats WHERE id = ?",
            (now, now, chat),
        )
        made = int(cursor.lastrowid or 0)
        self._title(made, self._other_title(self._info(chat).title), "person")
        return made

    def _other_title(self, title: str) -> str:
        """`title` with the first number from 2 on that no chat's title has."""
        if not title:
            return ""
        taken = {row[0] for row in self._db.execute("SELECT title FROM chats")}
        number = 2
        while f"{title} ({number})" in taken:
            number += 1
        return f"{title} ({number})"
