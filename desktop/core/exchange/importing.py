"""An import from its first byte to its report. Knows no window; the store does its part on its own thread."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

from desktop.core.chats.exchange import Absorbed
from desktop.core.errors import Cancelled, CoreError, Reported, Unexpected
from desktop.core.exchange import jan, jsonstream, own, shapes
from desktop.core.exchange.backup_form import FORMAT as BACKUP_FORMAT
from desktop.core.exchange.conversations import Conversation
from desktop.core.exchange.errors import (
    ChatEmpty,
    ChatUnreadable,
    ImportBroken,
    ImportCut,
    ImportTooLarge,
    ImportTooNew,
    IsBackup,
    NoChatsFound,
)
from desktop.core.exchange.sources import Document, Unusable, documents
from desktop.core.exchange.texts import key_of, line_of
from desktop.core.operations import Operation
from desktop.core.types.exchange import FileProblem, ImportedChat, ImportingChats, ImportReport

# what one turn on the store's thread takes at most, as other work goes between; a long chat is one turn
BATCH_MESSAGES: Final = 300
LEAST_MESSAGES: Final = 20
TURN_S: Final = 0.05  # what a turn is to take; on a busy machine it gets fewer messages
BATCH_CHATS: Final = 50
TELL_EVERY_S: Final = 0.2
MOST_PROBLEMS: Final = 200


class Taker(Protocol):
    """Where conversations go: all of a batch or none. Raises CoreError."""

    def __call__(self, batch: Sequence[Conversation]) -> tuple[Absorbed, ...]: ...


class Import:
    """One import. `run` blocks its thread."""

    def __init__(self, path: str, take: Taker, operation: Operation[ImportReport]) -> None:
        self._path = Path(path).expanduser()
        self._take = take
        self._operation = operation
        self._total_bytes = 0
        self._done_bytes = 0
        self._told_at = 0.0
        self._waiting: list[tuple[Conversation, str]] = []
        self._waiting_messages = 0
        self._most_messages = BATCH_MESSAGES
        self._chats: list[ImportedChat] = []
        self._problems: list[FileProblem] = []
        self._seen: set[str] = set()
        self._group = ""
        self._threads: dict[str, dict[str, Any]] = {}
        self._thread_messages: dict[str, list[dict[str, Any]]] = {}
        self._file = ""

    def run(self) -> ImportReport:
        """Raises what keeps all of it from coming, and what the store raises."""
        cancelled = False
        try:
            for found in documents(self._path):
                if isinstance(found, Unusable):
                    self._note(found.name, found.error)
                else:
                    self._read(found)
            self._end_group()
            self._flush()
        except Cancelled:
            cancelled = True
            self._waiting = []
        if not self._chats and not cancelled:
            if self._problems:
                raise Reported(self._problems[0].problem)
            raise NoChatsFound(path=str(self._path))
        return ImportReport(str(self._path), tuple(self._chats), tuple(self._problems), cancelled)

    # ── reading ──

    def _read(self, document: Document) -> None:
        if document.group != self._group:
            self._end_group()
            self._group = document.group
        self._file = document.name
        self._total_bytes = max(self._total_bytes, self._done_bytes + document.size_bytes)
        understood = strange = 0
        with document.open() as stream:
            counted: Any = _Counted(stream, self._count)
            for piece in jsonstream.pieces(counted, shapes.is_conversation):
                if isinstance(piece, jsonstream.Entry):
                    known = isinstance(piece.value, dict) and self._object(piece.value)
                    understood, strange = understood + known, strange + (not known)
                else:
                    self._piece(piece)
        if understood and strange:  # beside chats; a list without any is another file of the same export
            self._note(self._file, ImportBroken(path=self._file))

    def _piece(self, piece: jsonstream.Head | jsonstream.Whole | jsonstream.Broken) -> None:
        match piece:
            case jsonstream.Head(fields) | jsonstream.Whole(fields):
                self._check_format(fields)
                self._object(fields)
            case jsonstream.Broken("cut"):
                self._note(self._file, ImportCut(path=self._file))
            case jsonstream.Broken("too_large"):
                self._note(self._file, ImportTooLarge(path=self._file))
            case jsonstream.Broken("malformed"):
                self._note(self._file, ImportBroken(path=self._file))
            case _:  # empty, or no JSON at all: one of many files that are no chats
                pass

    def _check_format(self, fields: dict[str, Any]) -> None:
        if fields.get("format") == BACKUP_FORMAT:
            raise IsBackup(path=str(self._path))
        version = fields.get("version")
        if fields.get("format") == own.FORMAT and isinstance(version, int) and version > own.VERSION:
            raise ImportTooNew(path=str(self._path), found=version, known=own.VERSION)

    def _object(self, value: dict[str, Any]) -> bool:
        """Whether it is something of a chat."""
        if shapes.is_conversation(value):
            self._conversation(value, lambda: shapes.read(value))
        elif jan.is_message(value):
            self._thread_messages.setdefault(key_of(value.get("thread_id")), []).append(value)
        elif jan.is_thread(value):
            self._threads[key_of(value.get("id"))] = value
        else:
            return False
        return True

    def _end_group(self) -> None:
        """Threads of Jan stand in two files of one folder."""
        for key, thread in self._threads.items():
            messages = self._thread_messages.pop(key, [])
            self._conversation(thread, partial(shapes.settled, thread, jan.conversation, messages))
        for messages in self._thread_messages.values():
            self._conversation({}, partial(shapes.settled, {}, jan.conversation, messages))
        self._threads, self._thread_messages = {}, {}

    def _conversation(self, value: dict[str, Any], read: Callable[[], Conversation | None]) -> None:
        try:
            found = read()
        except shapes.NotAsExpected as error:
            title = line_of(value.get("title")) or line_of(value.get("name"))
            self._skip(title, "sobremesa", ChatUnreadable(str(error)))
            return
        if found is None or found.uid in self._seen:
            return
        self._seen.add(found.uid)
        if not found.nodes:
            self._skip(found.title, found.origin, ChatEmpty(), found)
            return
        self._waiting.append((found, self._file))
        self._waiting_messages += len(found.nodes)
        if self._waiting_messages >= self._most_messages or len(self._waiting) >= BATCH_CHATS:
            self._flush()

    # ── storing ──

    def _flush(self) -> None:
        batch, self._waiting, self._waiting_messages = self._waiting, [], 0
        if not batch:
            return
        if self._operation.cancelled:
            raise Cancelled
        began = time.monotonic()
        try:
            taken = self._take([conversation for conversation, _ in batch])
            self._pace(time.monotonic() - began)
        except (ValueError, ArithmeticError, Unexpected):
            if len(batch) > 1:  # a number or a text in one of them cannot be stored: find out which
                for one in batch:
                    self._waiting = [one]
                    self._flush()
                return
            self._file = batch[0][1]
            self._skip(batch[0][0].title, batch[0][0].origin, ChatUnreadable("not storable"), batch[0][0])
            return
        for (conversation, file), absorbed in zip(batch, taken, strict=True):
            self._chats.append(
                ImportedChat(
                    conversation.title,
                    conversation.origin,
                    file,
                    absorbed.outcome,
                    absorbed.chat,
                    absorbed.messages,
                    conversation.notes,
                )
            )
        self._tell()

    def _pace(self, spent_s: float) -> None:
        """Half as much where a turn took too long, a little more where it did not."""
        if spent_s > TURN_S:
            self._most_messages = max(LEAST_MESSAGES, self._most_messages // 2)
        else:
            self._most_messages = min(BATCH_MESSAGES, self._most_messages + LEAST_MESSAGES)

    def _skip(self, title: str, origin: Any, error: CoreError, of: Conversation | None = None) -> None:
        notes = () if of is None else of.notes
        self._chats.append(
            ImportedChat(title, origin, self._file, "skipped", notes=notes, problem=error.problem())
        )

    def _note(self, file: str, error: CoreError) -> None:
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append(FileProblem(file, error.problem()))

    def _count(self, size: int) -> None:
        if self._operation.cancelled:
            raise Cancelled
        self._done_bytes += size
        self._tell()

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._told_at >= TELL_EVERY_S:
            self._told_at = now
            self._operation.emit(ImportingChats(self._done_bytes, self._total_bytes, len(self._chats)))


class _Counted:
    """A stream that says how much was read of it."""

    def __init__(self, stream: BinaryIO, count: Callable[[int], None]) -> None:
        self._stream = stream
        self._count = count

    def read(self, size: int = -1) -> bytes:
        raw = self._stream.read(size)
        self._count(len(raw))
        return raw
