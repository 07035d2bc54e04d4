"""Commands about chats, as values, and how each is carried out. Prints nothing.

A chat is named by its number or by its title; of several with that title the last used counts.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, assert_never

import msgspec

from desktop.core.errors import UnknownChat
from desktop.core.operations import Operation
from desktop.core.types import Chat, ChatInfo
from desktop.core.types.chats import Found
from desktop.core.types.exchange import (
    BackupInfo,
    Exported,
    ExportFormat,
    ExportWords,
    ImportReport,
    Restored,
)

if TYPE_CHECKING:
    from desktop.core.contract import Core

Wait = Callable[[Operation[Any]], Any]


class ListChats(msgspec.Struct, frozen=True, tag=True):
    """ChatsListed. `archived`: those of the archive instead."""

    archived: bool = False


class SearchChats(msgspec.Struct, frozen=True, tag=True):
    """ChatsFound."""

    query: str


class ShowChat(msgspec.Struct, frozen=True, tag=True):
    """ChatShown."""

    chat: str


class ExportChats(msgspec.Struct, frozen=True, tag=True):
    """Emits ExportingChats; ChatsExported. The path is absolute; no chats: all of them."""

    path: str
    form: ExportFormat
    chats: tuple[str, ...] = ()
    words: ExportWords = ExportWords()


class ImportChats(msgspec.Struct, frozen=True, tag=True):
    """Emits ImportingChats; ChatsImported. The path is absolute."""

    path: str


class BackUp(msgspec.Struct, frozen=True, tag=True):
    """Emits BackupProgress; BackedUp. The path is absolute."""

    path: str


class RestoreBackup(msgspec.Struct, frozen=True, tag=True):
    """Emits BackupProgress; BackupRestored. With `look_only`: BackedUp. The path is absolute."""

    path: str
    replace: bool = False
    look_only: bool = False


ChatsCommand = ListChats | SearchChats | ShowChat | ExportChats | ImportChats | BackUp | RestoreBackup


class ChatsListed(msgspec.Struct, frozen=True, tag=True):
    """`folders`: the names of the folders that they are in, by number."""

    chats: tuple[ChatInfo, ...]
    folders: dict[int, str] = {}


class ChatsFound(msgspec.Struct, frozen=True, tag=True):
    found: Found


class ChatShown(msgspec.Struct, frozen=True, tag=True):
    chat: Chat


class ChatsExported(msgspec.Struct, frozen=True, tag=True):
    exported: Exported


class ChatsImported(msgspec.Struct, frozen=True, tag=True):
    report: ImportReport


class BackedUp(msgspec.Struct, frozen=True, tag=True):
    backup: BackupInfo


class BackupRestored(msgspec.Struct, frozen=True, tag=True):
    restored: Restored


ChatsResult = ChatsListed | ChatsFound | ChatShown | ChatsExported | ChatsImported | BackedUp | BackupRestored


def run_chats(core: "Core", command: ChatsCommand, wait: Wait) -> ChatsResult:
    """Carry out `command`; `wait` gives an operation's result. Raises CoreError."""
    match command:
        case ListChats(archived):
            everything: tuple[ChatInfo, ...] = wait(core.search_chats(""))
            return ChatsListed(tuple(chat for chat in everything if chat.archived == archived))
        case SearchChats(query):
            return ChatsFound(wait(core.find_in_chats(query)))
        case ShowChat(name):
            return ChatShown(wait(core.open_chat(_named(core, name, wait))))
        case ExportChats(path, form, names, words):
            numbers = tuple(dict.fromkeys(_named(core, name, wait) for name in names))
            return ChatsExported(wait(core.export_chats(numbers, path, form, words)))
        case ImportChats(path):
            return ChatsImported(wait(core.import_chats(path)))
        case BackUp(path):
            return BackedUp(wait(core.back_up(path)))
        case RestoreBackup(path, replace, look_only):
            if look_only:
                return BackedUp(wait(core.look_into_backup(path)))
            return BackupRestored(wait(core.restore_backup(path, replace=replace)))
        case _:
            assert_never(command)


def _named(core: "Core", name: str, wait: Wait) -> int:
    """Raises UnknownChat."""
    everything: tuple[ChatInfo, ...] = wait(core.search_chats(""))
    wanted = " ".join(name.split()).casefold()
    for chat in everything:
        if wanted == str(chat.id):
            return chat.id
    for chat in sorted(everything, key=lambda one: one.updated_at, reverse=True):
        if " ".join(chat.title.split()).casefold() == wanted:
            return chat.id
    raise UnknownChat(chat=name)
