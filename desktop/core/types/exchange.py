"""Values about chats that come in and go out, and about backups. Frozen; no behaviour beyond small reads."""

from typing import Literal

import msgspec

from desktop.core.exchange.conversations import Note, Origin
from desktop.core.types import Problem

ExportFormat = Literal["markdown", "json", "html", "pdf"]
ImportOutcome = Literal["added", "updated", "unchanged", "skipped"]


class ImportedChat(msgspec.Struct, frozen=True):
    """What became of one conversation. `messages`: how many are new; `problem`: why it was skipped."""

    title: str
    origin: Origin
    file: str  # the document it stood in, inside the folder or the archive
    outcome: ImportOutcome
    chat: int = 0
    messages: int = 0
    notes: tuple[Note, ...] = ()
    problem: Problem | None = None


class FileProblem(msgspec.Struct, frozen=True):
    """Something of a file that could not be read, without a conversation that it could be told with."""

    file: str
    problem: Problem


class ImportReport(msgspec.Struct, frozen=True):
    """What came, what did not, and why. `cancelled`: the person stopped it, and what had come stays."""

    path: str
    chats: tuple[ImportedChat, ...]
    problems: tuple[FileProblem, ...] = ()
    cancelled: bool = False

    def count(self, outcome: ImportOutcome) -> int:
        return sum(1 for chat in self.chats if chat.outcome == outcome)


class Exported(msgspec.Struct, frozen=True):
    """`path`: the file, or the folder with one file for each chat."""

    path: str
    chats: int
    size_bytes: int


class BackupInfo(msgspec.Struct, frozen=True):
    """What a backup holds. `files` by their names in it."""

    path: str
    created_at: float  # seconds since the epoch
    program: str
    chats: int
    messages: int
    prompts: int
    size_bytes: int
    files: tuple[str, ...] = ()


class Restored(msgspec.Struct, frozen=True):
    """What a restore did. `kept_as`: the backup that was made of what had been here; "" when merged."""

    backup: BackupInfo
    added: int
    updated: int
    unchanged: int
    prompts: int = 0
    kept_as: str = ""


class ImportingChats(msgspec.Struct, frozen=True, tag=True):
    """How far an import has come; `total_bytes` 0: nobody knows how much there is."""

    done_bytes: int
    total_bytes: int
    chats: int


class ExportingChats(msgspec.Struct, frozen=True, tag=True):
    done: int
    total: int


class BackupProgress(msgspec.Struct, frozen=True, tag=True):
    """0..1 of a stage of a backup or of a restore."""

    stage: Literal["copying", "packing", "checking", "keeping", "restoring"]
    done: float


ExchangeEvent = ImportingChats | ExportingChats | BackupProgress


class ExportWords(msgspec.Struct, frozen=True):
    """What an export for people says between the messages; desktop.words.exchange fills it in.

    `page` has {page}, `thought` has {seconds}, `versions` has {count}.
    """

    language: str = "en"
    you: str = "You"
    assistant: str = "Assistant"
    system: str = "System prompt"
    thoughts: str = "Thoughts"
    sources: str = "Sources"
    page: str = "page {page}"
    attached: str = "Attached file"
    contents: str = "Chats"
    untitled: str = "Chat without a title"
    stopped: str = "The reply was stopped here."
    examples: str = "Examples"
    found_afterwards: str = "found afterwards"
