"""Between rows of chats.sqlite3 and the core's values. Runs no statement."""

import re
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import astuple, replace

from desktop.core.types import (
    ChatInfo,
    FilePart,
    Param,
    Part,
    Problem,
    StoredMessage,
    TextPart,
    ThoughtsPart,
)
from desktop.core.types.composing import TreeNode
from engine.protocol import Sampling, Stats, Templating, TokenDetail
from rag.sqlite import sqlite3

# of `messages m`; a first message's siblings are looked for in its chat: the index has all under NULL
MESSAGE_COLUMNS = """m.id, m.chat, m.parent, m.role, m.parts, m.state, m.created_at, m.model, m.stats,
    m.problem, m.pinned, m.edited, m.rating,
    CASE WHEN m.parent IS NULL THEN (
        SELECT json_group_array(s.id) FROM messages s
        WHERE s.chat = m.chat AND +s.parent IS NULL AND s.deleted_with IS NULL
    ) ELSE (
        SELECT json_group_array(s.id) FROM messages s WHERE s.parent = m.parent AND s.deleted_with IS NULL
    ) END"""
COSTLESS_COLUMNS = MESSAGE_COLUMNS.replace("m.stats", "NULL")
# of `messages m`, for the map of a chat: the first words without decoding the rest, which may be long
NODE_COLUMNS = """m.id, m.parent, m.role, m.state, m.created_at, m.model, m.edited, m.pinned, m.rating,
    coalesce((SELECT substr(trim(json_extract(p.value, '$.text')), 1, 200) FROM json_each(m.parts) p
              WHERE json_extract(p.value, '$.type') = 'text' AND trim(json_extract(p.value, '$.text')) <> ''
              LIMIT 1),
             (SELECT group_concat(json_extract(p.value, '$.name'), ', ') FROM json_each(m.parts) p
              WHERE json_extract(p.value, '$.type') = 'file'), '')"""
NODE_CHARACTERS = 100
INFO_COLUMNS = "id, title, created_at, updated_at, pinned, folder, archived, deleted_at"
TITLE_CHARACTERS = 60

_PLAIN = Templating()
_parts = msgspec.json.Decoder(tuple[Part, ...])
_stats = msgspec.json.Decoder(Stats)
_problem = msgspec.json.Decoder(Problem)
_values = msgspec.json.Decoder(dict[str, Param])
_details = msgspec.msgpack.Decoder(tuple[TokenDetail, ...])
_numbers = msgspec.json.Decoder(tuple[int, ...])
_files = msgspec.json.Decoder(tuple[FilePart, ...])
_names = msgspec.json.Decoder(tuple[str, ...])


def message(row: "sqlite3.Row | tuple[object, ...]") -> StoredMessage:
    """A row of MESSAGE_COLUMNS. Raises msgspec.DecodeError when its JSON is damaged."""
    number, chat, parent, role, content, state, created_at, *others = row
    model, made_with, failed, pinned, edited, rating, siblings = others
    versions = sorted(_numbers.decode(str(siblings)))
    return msgspec.convert(
        {
            "id": number,
            "chat": chat,
            "parent": parent,
            "role": role,
            "parts": parts(str(content)),
            "state": state,
            "created_at": created_at,
            "model": model,
            "stats": None if made_with is None else stats(str(made_with)),
            "problem": None if failed is None else problem(str(failed)),
            "pinned": bool(pinned),
            "edited": bool(edited),
            "rating": rating,
            "versions": versions if len(versions) > 1 else (),
        },
        StoredMessage,
    )


def node(row: "sqlite3.Row | tuple[object, ...]") -> TreeNode:
    """A row of NODE_COLUMNS."""
    number, parent, role, state, created_at, model, edited, pinned, rating, words = row
    return msgspec.convert(
        {
            "id": number,
            "parent": parent,
            "role": role,
            "state": state,
            "words": " ".join(str(words).split())[:NODE_CHARACTERS],
            "created_at": created_at,
            "model": model,
            "edited": bool(edited),
            "pinned": bool(pinned),
            "rating": rating,
        },
        TreeNode,
    )


def info(row: "sqlite3.Row | tuple[object, ...]") -> ChatInfo:
    """A row of INFO_COLUMNS."""
    number, title, created_at, updated_at, pinned, folder, archived, deleted_at = row
    if not isinstance(number, int) or not isinstance(title, str):
        raise msgspec.DecodeError("a chat without a number or a title")
    # built as it is, not converted: a list of thousands is read at every change
    return ChatInfo(
        number,
        title,
        _seconds(created_at),
        _seconds(updated_at),
        bool(pinned),
        number < 0,
        folder if isinstance(folder, int) else 0,
        bool(archived),
        _seconds(deleted_at),
    )


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def encode(value: object) -> str:
    """Any of the values above as the JSON that a column holds."""
    return msgspec.json.encode(value).decode()


def parts(column: str) -> tuple[Part, ...]:
    return _parts.decode(column)


def files(column: str) -> tuple[FilePart, ...]:
    return _files.decode(column)


def stats(column: str) -> Stats:
    """What a reply cost. Numbers and words that other replies have too are the same objects: of a long chat
    this takes a fifth of the room, and an open one is kept whole."""
    found = _stats.decode(column)
    record = found.record
    if record is None:
        return found
    sampling = Sampling(*[_same(value) for value in astuple(record.sampling)])
    templating = _PLAIN if record.templating == _PLAIN else record.templating
    values = {name: _same(getattr(record, name)) for name in ("runtime", "model", "context_tokens")}
    return replace(found, record=replace(record, sampling=sampling, templating=templating, **values))


@lru_cache(maxsize=256, typed=True)  # what differs from reply to reply would stay as long as the rest
def _same(value: Any) -> Any:
    """The object that stood for this value before."""
    return value


def problem(column: str) -> Problem:
    return _problem.decode(column)


def names(column: str) -> tuple[str, ...]:
    return _names.decode(column)


def values(column: str) -> dict[str, Param]:
    """Reply values by their names; whoever uses them leaves out those that are unknown."""
    return _values.decode(column)


def packed(details: Sequence[TokenDetail]) -> bytes:
    """Token details as their column holds them."""
    return zlib.compress(msgspec.msgpack.encode(details))


def unpacked(column: bytes) -> tuple[TokenDetail, ...]:
    """Raises msgspec.DecodeError when it is damaged."""
    try:
        return _details.decode(zlib.decompress(column))
    except zlib.error as error:
        raise msgspec.DecodeError(str(error)) from error


def storable(text: str) -> str:
    """Text that SQLite and JSON take: half of a surrogate pair, from a paste or an import, is replaced."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def storable_parts(given: Iterable[Part]) -> tuple[Part, ...]:
    """The parts with every text storable."""
    clean: list[Part] = []
    for part in given:
        if isinstance(part, TextPart):
            clean.append(TextPart(storable(part.text)))
        elif isinstance(part, ThoughtsPart):
            clean.append(ThoughtsPart(storable(part.text), part.seconds))
        elif isinstance(part, FilePart):
            name, path = storable(part.name), storable(part.path)
            clean.append(msgspec.structs.replace(part, name=name, text=storable(part.text), path=path))
        else:
            clean.append(part)
    return tuple(clean)


def reply_parts(text: str, thoughts: ThoughtsPart | None) -> tuple[Part, ...]:
    """The parts of a model's reply, in the order in which it wrote them."""
    thought = () if thoughts is None else (thoughts,)
    return (*thought, TextPart(text)) if text else thought


def edited_parts(
    given: Iterable[Part], text: str, files: "tuple[FilePart, ...] | None" = None
) -> tuple[Part, ...]:
    """The parts with `text` in place of what was written, and with `files`, where these are others.

    Excerpts and thoughts stay.
    """
    others = tuple(part for part in given if not isinstance(part, TextPart))
    if files is not None:
        others = (*files, *(part for part in others if not isinstance(part, FilePart)))
    written = (TextPart(text),) if text else ()
    if any(isinstance(part, ThoughtsPart) for part in others):
        return storable_parts((*others, *written))
    return storable_parts((*written, *others))


def searchable(given: Iterable[Part]) -> str:
    """What full-text search finds a message by. Not the excerpts: they are the library's to find;
    not what a model thought before it answered."""
    texts: list[str] = []
    for part in given:
        if isinstance(part, TextPart):
            texts.append(part.text)
        elif isinstance(part, FilePart):
            texts += [part.name, part.text]
    return "\n".join(texts)


def asked(given: Iterable[Part]) -> str:
    """What a chat is called by: what the person wrote, else what the first file is called."""
    given = tuple(given)
    written = "".join(part.text for part in given if isinstance(part, TextPart))
    named = next((part.name for part in given if isinstance(part, FilePart)), "")
    return written if written.strip() else named


def title_of(text: str) -> str:
    """A chat's title from its first question: one line, cut at a word's border."""
    line = " ".join(text.split())
    if len(line) <= TITLE_CHARACTERS:
        return line
    head = line[: TITLE_CHARACTERS - 1]
    if not line[len(head)].isspace() and " " in head:
        head = head.rsplit(" ", 1)[0]
    return head.rstrip(" ,;:.-–—(¿¡") + "…"


def words_of(query: str, shortest: int = 1) -> list[str]:
    """FTS5 expressions, one for each word of the query, each matching from the word's beginning on.

    A word of fewer than `shortest` characters matches whole words alone: half of all messages have a word
    that begins with the first letter that somebody types, and finding all of them takes its time.

    Quoted, because a person's "and", "*" or quotation mark is no operator.
    https://www.sqlite.org/fts5.html#full_text_query_syntax
    """
    words = re.findall(r"[^\W_]+", query)
    return [f'"{word}"*' if len(word) >= shortest else f'"{word}"' for word in words]
