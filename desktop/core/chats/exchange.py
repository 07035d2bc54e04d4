"""Chats as whole trees, out of the database and into it. Reads and writes no file.

A chat that comes is known again by its `uid`. Of one that is here already, only what is missing is added:
what the person has is never changed by what comes.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, cast

import msgspec

from desktop.core.chats import rows
from desktop.core.chats.base import StoreBase, TitledBy, reported
from desktop.core.chats.folders import NAME_CHARACTERS
from desktop.core.exchange.conversations import OWN, Conversation, Node
from desktop.core.types import TextPart
from desktop.core.types.prompts import KeptPrompt
from rag.database import replace_contents, transaction

MOST_FOLDERS = 20  # one in the other

_kept = msgspec.json.Decoder(KeptPrompt)

Outcome = Literal["added", "updated", "unchanged"]


class Absorbed(msgspec.Struct, frozen=True):
    """What became of a conversation: its chat here, and how many of its messages are new."""

    outcome: Outcome
    chat: int
    messages: int


class ExchangeStore(StoreBase):
    """What `ChatStore` inherits of exchange."""

    @reported
    def outgoing(self, chat: int) -> Conversation:
        """The whole chat, every version of every message."""
        info = self._info(chat)
        prompt, collections, values, leaf, uid, kept, archived, titled_by, folder = self._db.execute(
            "SELECT system_prompt, collections, reply_values, active_leaf, uid, prompt, archived, titled_by, "
            "folder FROM chats WHERE id = ?",
            (chat,),
        ).fetchone()
        summaries = dict(
            self._db.execute(
                "SELECT s.message, s.text FROM summaries s JOIN messages m ON m.id = s.message "
                "WHERE m.chat = ?",
                (chat,),
            )
        )
        details = dict(
            self._db.execute(
                "SELECT d.message, d.details FROM token_details d JOIN messages m ON m.id = d.message "
                "WHERE m.chat = ?",
                (chat,),
            )
        )
        found = self._db.execute(
            f"SELECT {rows.MESSAGE_COLUMNS} FROM messages m "  # noqa: S608  our own text
            "WHERE m.chat = ? AND m.deleted_with IS NULL ORDER BY m.id",
            (chat,),
        )
        nodes = []
        for message in map(rows.message, found):
            number = message.id
            nodes.append(
                Node(
                    str(number),
                    None if message.parent is None else str(message.parent),
                    message.role,
                    message.parts,
                    message.created_at,
                    message.model,
                    "interrupted" if message.state == "streaming" else message.state,
                    message.stats,
                    message.problem,
                    message.pinned,
                    message.edited,
                    message.rating,
                    rows.unpacked(details[number]) if number in details else (),
                    summaries.get(number, ""),
                )
            )
        return Conversation(
            OWN,
            uid,
            info.title,
            info.created_at,
            info.updated_at,
            tuple(nodes),
            None if leaf is None else str(leaf),
            prompt,
            rows.names(collections),
            rows.values(values),
            info.pinned,
            bool(archived),
            titled_by,
            self._folder_names(folder),
            _kept.decode(kept),
        )

    @reported
    def all_chats(self) -> tuple[int, ...]:
        """The numbers of all stored chats, the last used first."""
        found = self._db.execute(
            "SELECT id FROM chats WHERE deleted_at IS NULL ORDER BY updated_at DESC, id DESC"
        )
        return tuple(row[0] for row in found)

    @reported
    def every_chat(self) -> tuple[int, ...]:
        """The numbers of all stored chats, those in the trash too."""
        return tuple(row[0] for row in self._db.execute("SELECT id FROM chats"))

    def absorb(self, conversations: Sequence[Conversation]) -> tuple[Absorbed, ...]:
        """Take them in, all of them or none."""
        return self._absorb_all(list(conversations))

    @reported
    def _absorb_all(self, conversations: list[Conversation]) -> tuple[Absorbed, ...]:
        with transaction(self._db):
            return tuple(self._absorb(conversation) for conversation in conversations)

    @reported
    def replace_all(self, source: Path) -> None:
        """Have the chats of another database of the same schema in place of these: all of them or none."""
        replace_contents(self._db, source, self._keyring.key)

    # ── inside a transaction ──

    def _absorb(self, come: Conversation) -> Absorbed:
        known = self._db.execute(
            "SELECT id, import_digest FROM chats WHERE uid = ? AND deleted_at IS NULL ORDER BY id LIMIT 1",
            (come.uid,),
        ).fetchone()
        digest = come.digest
        if known is None:
            chat, here = self._new_chat(come), {}
        elif known[1] == digest:
            return Absorbed("unchanged", known[0], 0)
        else:
            chat, here = known[0], self._known_nodes(known[0], come.nodes)
        added = self._add_missing(chat, come.nodes, here)
        self._db.execute("UPDATE chats SET import_digest = ? WHERE id = ?", (digest, chat))
        if known is None:
            leaf = here.get(come.leaf or "") or (here[come.nodes[-1].key] if come.nodes else None)
            self._db.execute("UPDATE chats SET active_leaf = ? WHERE id = ?", (leaf, chat))
            return Absorbed("added", chat, added)
        if not added:
            return Absorbed("unchanged", chat, 0)
        self._show_what_grew(chat, come, here)
        return Absorbed("updated", chat, added)

    def _new_chat(self, come: Conversation) -> int:
        now = self._clock()
        created_at = come.created_at or now
        cursor = self._db.execute(
            "INSERT INTO chats (uid, system_prompt, collections, reply_values, prompt, pinned, archived, "
            "folder, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                come.uid,
                rows.storable(come.system_prompt),
                rows.encode(come.collections),
                rows.encode(come.reply_values),
                rows.encode(come.prompt),
                int(come.pinned),
                int(come.archived),
                self._folder_of(come.folder),
                created_at,
                max(come.updated_at, created_at),
            ),
        )
        chat = int(cursor.lastrowid or 0)
        title, by = rows.storable(come.title), come.titled_by
        if not title:
            by = "question"
            asked = next((node for node in come.nodes if node.role == "user"), None)
            title = rows.title_of(rows.searchable(asked.parts)) if asked is not None else ""
        self._title(chat, title, cast("TitledBy", by) if by in ("question", "model") else "person")
        return chat

    def _folder_names(self, folder: int | None) -> tuple[str, ...]:
        """From the outermost folder in."""
        names: list[str] = []
        seen: set[int] = set()
        while folder is not None and folder not in seen:
            seen.add(folder)
            name, folder = self._db.execute(
                "SELECT name, parent FROM folders WHERE id = ?", (folder,)
            ).fetchone()
            names.insert(0, name)
        return tuple(names)

    def _folder_of(self, names: Sequence[str]) -> int | None:
        """The folder of these names, made where it is not there."""
        folder: int | None = None
        for name in names[:MOST_FOLDERS]:
            kept = rows.storable(" ".join(name.split()))[:NAME_CHARACTERS]
            if not kept:
                continue
            found = self._db.execute(
                "SELECT id FROM folders WHERE name = ? AND parent IS ? ORDER BY id LIMIT 1", (kept, folder)
            ).fetchone()
            if found is not None:
                folder = found[0]
                continue
            cursor = self._db.execute(
                "INSERT INTO folders (parent, name, created_at) VALUES (?, ?, ?)",
                (folder, kept, self._clock()),
            )
            folder = int(cursor.lastrowid or 0)
        return folder

    def _known_nodes(self, chat: int, nodes: Sequence[Node]) -> dict[str, int]:
        """By key, the messages of `nodes` that the chat has: in the same place, of the same time and words.

        One that has gone on since it was exported is the same.
        """
        children: dict[int | None, list[tuple[int, str, float, str]]] = {}
        for number, parent, role, created_at, parts in self._db.execute(
            "SELECT id, parent, role, created_at, parts FROM messages "
            "WHERE chat = ? AND deleted_with IS NULL ORDER BY id",
            (chat,),
        ):
            children.setdefault(parent, []).append((number, role, created_at, parts))
        here: dict[str, int] = {}
        for node in nodes:
            if node.parent is not None and node.parent not in here:
                continue  # what is above it is new, and so is it
            siblings = children.get(here[node.parent] if node.parent is not None else None, [])
            for place, (number, role, created_at, parts) in enumerate(siblings):
                if role == node.role and created_at == node.created_at and _says_it(parts, node):
                    here[node.key] = number
                    del siblings[place]
                    break
        return here

    def _add_missing(self, chat: int, nodes: Sequence[Node], here: dict[str, int]) -> int:
        """Insert what is not in `here`, and put its numbers there."""
        added = 0
        for node in nodes:
            if node.key not in here:
                here[node.key] = self._insert_node(chat, here.get(node.parent or ""), node)
                added += 1
        return added

    def _insert_node(self, chat: int, parent: int | None, node: Node) -> int:
        parts = rows.storable_parts(node.parts)
        created_at = node.created_at or self._clock()
        cursor = self._db.execute(
            "INSERT INTO messages (chat, parent, role, parts, state, model, stats, problem, created_at, "
            "pinned, edited, rating) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                chat,
                parent,
                node.role,
                rows.encode(parts),
                node.state,
                rows.storable(node.model),
                None if node.stats is None else rows.encode(node.stats),
                None if node.problem is None else rows.encode(node.problem),
                created_at,
                int(node.pinned),
                int(node.edited),
                node.rating,
            ),
        )
        number = int(cursor.lastrowid or 0)
        if text := rows.searchable(parts):
            self._db.execute("INSERT INTO message_words (rowid, text) VALUES (?, ?)", (number, text))
        if node.tokens:
            self._db.execute("INSERT INTO token_details VALUES (?, ?)", (number, rows.packed(node.tokens)))
        if node.summary:
            self._db.execute(
                "INSERT INTO summaries VALUES (?, ?, ?)", (number, rows.storable(node.summary), created_at)
            )
        return number

    def _show_what_grew(self, chat: int, come: Conversation, here: dict[str, int]) -> None:
        """Move to the end that came, where it goes on from what is shown."""
        shown = self._db.execute("SELECT active_leaf FROM chats WHERE id = ?", (chat,)).fetchone()[0]
        parents = {node.key: node.parent for node in come.nodes}
        at = come.leaf
        while at is not None and here.get(at) != shown:
            at = parents.get(at)
        leaf = here[come.leaf] if at is not None and come.leaf is not None else shown
        self._db.execute(
            "UPDATE chats SET active_leaf = ?, updated_at = max(updated_at, ?) WHERE id = ?",
            (leaf, come.updated_at, chat),
        )


def _says_it(column: str, node: Node) -> bool:
    """Whether a stored message is the one that comes: the same, or what it was before it went on."""
    coming = rows.storable_parts(node.parts)
    if column == rows.encode(coming):
        return True
    text = "".join(part.text for part in coming if isinstance(part, TextPart))
    kept = "".join(part.text for part in rows.parts(column) if isinstance(part, TextPart))
    return bool(text) and kept.startswith(text)
