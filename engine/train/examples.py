"""Rows to learn from, out of CSV, JSON and JSONL: conversations, labels, plain text. Tokenizes nothing.

Every row that cannot be used is named with its number and the reason; the others stand.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from engine.protocol import Message, Role
from engine.train.errors import NoUsableRows, TextUnreadable
from engine.train.texts import decode

Kind = Literal["conversation", "label", "text"]
Reason = Literal["not_an_object", "no_columns", "empty", "unknown_role", "no_answer", "not_text"]

# columns by what the field calls them, the first that is there counts
ASKED: Final = ("instruction", "prompt", "question", "query", "pregunta", "instrucción")
BESIDE: Final = ("input", "context", "entrada", "contexto")
ANSWERED: Final = ("output", "response", "completion", "answer", "chosen", "respuesta", "salida")
TURNS: Final = ("messages", "conversations", "conversation")
TEXT: Final = ("text", "sentence", "message", "texto", "frase", "mensaje")
LABEL: Final = ("label", "category", "class", "sentiment", "etiqueta", "categoría", "clase")
SPEAKERS: Final[dict[str, Role]] = {
    "system": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
}
LABEL_CHARACTERS: Final = 80


class Row(msgspec.Struct, frozen=True):
    """One example. `number` counts from 1 in its file. Of a conversation `messages`, of a label `text` and
    `label`, of plain text `text`. `given`: numbers of answers that are there and are not learnt."""

    number: int
    kind: Kind
    messages: tuple[Message, ...] = ()
    text: str = ""
    label: str = ""
    given: tuple[int, ...] = ()

    @property
    def words(self) -> str:
        """All that is said in it."""
        return "\n".join([*(message.content for message in self.messages), self.text, self.label])


class BadRow(msgspec.Struct, frozen=True):
    number: int
    reason: Reason


class Rows(msgspec.Struct, frozen=True):
    """What a file holds. `repeated`: rows that say what one before said; `labels`: how often each comes."""

    rows: tuple[Row, ...]
    bad: tuple[BadRow, ...] = ()
    repeated: tuple[int, ...] = ()
    labels: dict[str, int] = {}
    columns: tuple[str, ...] = ()

    @property
    def kinds(self) -> dict[str, int]:
        return dict(Counter(row.kind for row in self.rows))


def read_rows(path: Path) -> Rows:
    """The rows of a .csv, .tsv, .json or .jsonl file. Raises TextUnreadable, NoUsableRows."""
    try:
        text = decode(path.read_bytes())
    except (OSError, ValueError) as error:
        raise TextUnreadable(str(error), path=str(path)) from error
    records = list(_records(path, text))
    found = check_rows(records)
    if not found.rows:
        reasons = Counter(bad.reason for bad in found.bad)
        first = reasons.most_common(1)[0][0] if reasons else "empty"
        raise NoUsableRows(path=str(path), reason=first, columns=", ".join(found.columns) or "—")
    return found


def check_rows(records: Iterable[Any]) -> Rows:
    """Sort records into rows and what cannot be used."""
    rows: list[Row] = []
    bad: list[BadRow] = []
    repeated: list[int] = []
    seen: set[str] = set()
    columns: dict[str, None] = {}
    for number, record in enumerate(records, 1):
        if isinstance(record, Mapping):
            columns |= dict.fromkeys(str(key) for key in record)
        made = row_of(number, record)
        if isinstance(made, BadRow):
            bad.append(made)
            continue
        if made.words in seen:
            repeated.append(number)
            continue
        seen.add(made.words)
        rows.append(made)
    labels = Counter(row.label for row in rows if row.kind == "label")
    return Rows(tuple(rows), tuple(bad), tuple(repeated), dict(labels.most_common()), tuple(columns))


def row_of(number: int, record: Any) -> Row | BadRow:
    """One record as a row, or why it is none."""
    if isinstance(record, str):
        return Row(number, "text", text=record) if record.strip() else BadRow(number, "empty")
    if not isinstance(record, Mapping):
        return BadRow(number, "not_an_object")
    fields = {str(key).strip().lower(): value for key, value in record.items()}
    turns = _first(fields, TURNS)
    if turns is not None:
        return _conversation(number, turns)
    asked, answered = _first(fields, ASKED), _first(fields, ANSWERED)
    if asked is not None and answered is not None:
        return _pair(number, asked, _first(fields, BESIDE), answered)
    text, label = _first(fields, TEXT), _first(fields, LABEL)
    if text is not None and label is not None:
        return _labelled(number, text, label)
    if text is not None:
        return _plain(number, text)
    return BadRow(number, "no_columns")


def _pair(number: int, asked: Any, beside: Any, answered: Any) -> Row | BadRow:
    if not all(isinstance(value, str | None) for value in (asked, beside, answered)):
        return BadRow(number, "not_text")
    question = "\n\n".join(part.strip() for part in (asked, beside or "") if part.strip())
    if not question or not answered.strip():
        return BadRow(number, "empty")
    return Row(number, "conversation", (Message("user", question), Message("assistant", answered.strip())))


def _conversation(number: int, turns: Any) -> Row | BadRow:
    if not isinstance(turns, list):
        return BadRow(number, "not_an_object")
    messages: list[Message] = []
    given: list[int] = []
    for turn in turns:
        if not isinstance(turn, Mapping):
            return BadRow(number, "not_an_object")
        role = turn.get("role", turn.get("from"))
        content = turn.get("content", turn.get("value"))
        role = SPEAKERS.get(str(role).lower())
        if role is None:
            return BadRow(number, "unknown_role")
        if not isinstance(content, str):
            return BadRow(number, "not_text")
        if role == "assistant" and turn.get("weight", 1) == 0:
            given.append(len(messages))
        messages.append(Message(role, content.strip()))
    learnt = (one for place, one in enumerate(messages) if one.role == "assistant" and place not in given)
    if not any(message.content for message in learnt):
        return BadRow(number, "no_answer")
    return Row(number, "conversation", tuple(messages), given=tuple(given))


def _labelled(number: int, text: Any, label: Any) -> Row | BadRow:
    if not isinstance(text, str) or isinstance(label, dict | list | None):
        return BadRow(number, "not_text")
    name = str(label).strip()
    if not text.strip() or not name or len(name) > LABEL_CHARACTERS:
        return BadRow(number, "empty")
    return Row(number, "label", text=text.strip(), label=name)


def _plain(number: int, text: Any) -> Row | BadRow:
    if not isinstance(text, str):
        return BadRow(number, "not_text")
    return Row(number, "text", text=text.strip()) if text.strip() else BadRow(number, "empty")


def _first(fields: Mapping[str, Any], names: Iterable[str]) -> Any:
    """The first of these columns with something in it; "" where none has; None where none is there."""
    there = [fields[name] for name in names if name in fields]
    return next((value for value in there if value not in (None, "")), "" if there else None)


def _records(path: Path, text: str) -> Iterable[Any]:
    match path.suffix.lower():
        case ".csv" | ".tsv":
            yield from _table(text, path)
        case ".jsonl" | ".ndjson":
            for line in text.splitlines():
                if line.strip():
                    try:
                        yield json.loads(line)
                    except ValueError:
                        yield None  # told as a row that is no object
        case _:
            try:
                found = json.loads(text)
            except ValueError as error:
                raise TextUnreadable(str(error), path=str(path)) from error
            if isinstance(found, Mapping):  # {"data": [...]}: the list inside
                found = next((value for value in found.values() if isinstance(value, list)), [found])
            yield from found if isinstance(found, list) else [found]


def _table(text: str, path: Path) -> Iterable[Any]:
    head = text[:4096]
    try:
        dialect: Any = csv.Sniffer().sniff(head, ",;\t|")
    except csv.Error:
        dialect = csv.excel_tab if path.suffix.lower() == ".tsv" else csv.excel
    dialect.doublequote = True
    csv.field_size_limit(1 << 24)
    yield from csv.DictReader(io.StringIO(text), dialect=dialect)
