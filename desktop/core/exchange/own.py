"""Our own JSON: chats whole, so that what is read back equals what was written. Touches no file.

packaging/chat-export.md describes it. A field that is missing has its default, so that older files and those
that a person wrote by hand are read too.
"""

import json
import time
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from desktop.core.exchange.conversations import OWN, Conversation, Node
from desktop.core.exchange.texts import list_of, mapping_of
from desktop.core.exchange.trees import Notes
from desktop.core.types import MessageState, Param, Part, Problem
from desktop.core.types.prompts import KeptPrompt
from engine.protocol import Role, Stats, TokenDetail

FORMAT: Final = "sobremesa-chats"
VERSION: Final = 1


class MessageRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message. `parent` is another one's `id`, null at the beginning; ids count within their chat."""

    id: int
    parent: int | None
    role: Role
    parts: tuple[Part, ...]
    created_at: float
    state: MessageState = "complete"
    model: str = ""
    stats: Stats | None = None
    problem: Problem | None = None
    pinned: bool = False
    edited: bool = False
    rating: int = 0
    tokens: tuple[TokenDetail, ...] = ()
    summary: str = ""


class ChatRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """A chat. `id` names it wherever it goes; `shown` is the end of the branch that was shown,
    `folder` the names of folders from the outermost one in."""

    id: str
    title: str
    created_at: float
    updated_at: float
    messages: tuple[MessageRecord, ...]
    shown: int | None = None
    system_prompt: str = ""
    collections: tuple[str, ...] = ()
    reply_values: dict[str, Param] = {}
    pinned: bool = False
    archived: bool = False
    titled_by: str = "person"
    folder: tuple[str, ...] = ()
    prompt: KeptPrompt = KeptPrompt()


class ChatsFile(msgspec.Struct, frozen=True):
    """The whole file. Times are seconds since the epoch, here and everywhere in it."""

    format: str
    version: int
    exported_at: float
    chats: tuple[ChatRecord, ...]


def written(chats: Iterable[Conversation], now_s: float | None = None) -> Iterator[bytes]:
    """The file, piece by piece."""
    head = {"format": FORMAT, "version": VERSION, "exported_at": time.time() if now_s is None else now_s}
    yield msgspec.json.encode(head)[:-1] + b',"chats":['
    first = True
    for chat in chats:
        yield (b"\n" if first else b",\n") + msgspec.json.encode(record_of(chat))
        first = False
    yield b"\n]}\n"


def record_of(chat: Conversation) -> ChatRecord:
    numbers = {node.key: number for number, node in enumerate(chat.nodes, 1)}
    messages = tuple(
        MessageRecord(
            numbers[node.key],
            None if node.parent is None else numbers[node.parent],
            node.role,
            node.parts,
            node.created_at,
            node.state,
            node.model,
            node.stats,
            node.problem,
            node.pinned,
            node.edited,
            node.rating,
            node.tokens,
            node.summary,
        )
        for node in chat.nodes
    )
    return ChatRecord(
        chat.uid,
        chat.title,
        chat.created_at,
        chat.updated_at,
        messages,
        None if chat.leaf is None else numbers.get(chat.leaf),
        chat.system_prompt,
        chat.collections,
        chat.reply_values,
        chat.pinned,
        chat.archived,
        chat.titled_by,
        chat.folder,
        chat.prompt,
    )


def recognises(value: dict[str, Any]) -> bool:
    """One of our chats, by the fields that every one has."""
    messages = value.get("messages")
    if not isinstance(messages, list) or not isinstance(value.get("id"), str) or "title" not in value:
        return False
    return all(isinstance(mapping_of(message).get("parts"), list) for message in messages[:3])


def conversation(value: dict[str, Any]) -> Conversation:
    """Raises msgspec.ValidationError when the chat itself is not as it should be; messages are left out."""
    value, notes = _storable(value), Notes()
    good: list[MessageRecord] = []
    for message in list_of(value.get("messages")):
        try:
            good.append(msgspec.convert(message, MessageRecord))
        except msgspec.ValidationError:
            notes.add("broken_messages")
    chat = msgspec.convert({**value, "messages": []}, ChatRecord)
    nodes = _ordered(good, notes)
    return Conversation(
        OWN,
        chat.id,
        chat.title,
        chat.created_at,
        chat.updated_at,
        tuple(nodes),
        str(chat.shown) if any(node.key == str(chat.shown) for node in nodes) else None,
        chat.system_prompt,
        chat.collections,
        chat.reply_values,
        chat.pinned,
        chat.archived,
        chat.titled_by,
        chat.folder,
        chat.prompt,
        notes.all(),
    )


def _ordered(records: list[MessageRecord], notes: Notes) -> list[Node]:
    """Parents before children, otherwise as they come, which is the order of versions."""
    known: dict[int, MessageRecord] = {}
    for record in records:
        if record.id in known:
            notes.add("doubled_messages")
        else:
            known[record.id] = record
    placed: set[int] = set()
    nodes: list[Node] = []
    for record in known.values():
        chain: list[MessageRecord] = []
        on_way: set[int] = set()
        at: MessageRecord | None = record
        while at is not None and at.id not in placed:
            if at.id in on_way:
                notes.add("circles")
                break
            on_way.add(at.id)
            chain.append(at)
            if at.parent is not None and at.parent not in known:
                notes.add("lost_parents")
            at = known.get(at.parent) if at.parent is not None else None
        for one in reversed(chain):
            nodes.append(_node(one, has_parent=one.parent in placed))
            placed.add(one.id)
    return nodes


def _node(record: MessageRecord, *, has_parent: bool) -> Node:
    return Node(
        str(record.id),
        str(record.parent) if has_parent else None,
        record.role,
        record.parts,
        record.created_at,
        record.model,
        "interrupted" if record.state == "streaming" else record.state,
        record.stats,
        record.problem,
        record.pinned,
        record.edited,
        max(-1, min(1, record.rating)),
        record.tokens,
        record.summary,
    )


def _storable(value: dict[str, Any]) -> dict[str, Any]:
    """Without halves of surrogate pairs, which neither SQLite nor JSON take."""
    try:
        msgspec.json.encode(value)
    except UnicodeEncodeError:
        raw = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return dict(json.loads(raw.decode("utf-8", "replace")))
    except (TypeError, ValueError, RecursionError, OverflowError):
        pass  # what is wrong will be said where it is converted
    return value
