"""Imports, exports, backups and restores, as the fake core offers them: what they end in is given to it.

core.import_report = ImportReport(...)      # what the next import ends in
core.held_exchanges.add("import_chats")               # it does not end: core.exchanges[-1].emit(...)
"""

from collections.abc import Callable
from typing import Any

from desktop.core.errors import UnknownChat
from desktop.core.exchange.conversations import Note
from desktop.core.exchange.errors import ChatEmpty, ImportCut
from desktop.core.operations import Operation
from desktop.core.types.exchange import (
    BackupInfo,
    Exported,
    ExportFormat,
    ExportWords,
    FileProblem,
    ImportedChat,
    ImportReport,
    Restored,
)
from tests.fakes.chats import FakeChats

REPORT = ImportReport(
    "/home/ana/Descargas/chatgpt-export.zip",
    (
        ImportedChat("How photosynthesis works", "chatgpt", "conversations.json", "added", 1, 10),
        ImportedChat(
            "Un viaje a Sevilla",
            "chatgpt",
            "conversations.json",
            "added",
            2,
            24,
            (Note("images", 2), Note("files", 1, ("itinerario.pdf",))),
        ),
        ImportedChat("Recetas de otoño", "chatgpt", "conversations.json", "unchanged", 3, 0),
        ImportedChat(
            "Nueva conversación", "chatgpt", "conversations.json", "skipped", problem=ChatEmpty().problem()
        ),
    ),
    (FileProblem("conversations.json", ImportCut(path="conversations.json").problem()),),
)
BACKUP = BackupInfo(
    "/home/ana/sobremesa-2026-11-22.zip",
    1_795_000_000.0,
    "0.1.0",
    128,
    2_301,
    14,
    8_400_000,
    ("chats.sqlite3", "settings.json", "presets.json"),
)


class FakeExchange:
    """What `FakeCore` inherits."""

    chats: FakeChats
    import_report: ImportReport = REPORT
    backup_info: BackupInfo = BACKUP
    held_exchanges: set[str]
    exchanges: list[Operation[Any]]
    _now: Callable[..., Operation[Any]]
    _change_chats: Callable[..., Operation[Any]]

    def _exchange(self, name: str, work: Callable[[], Any], *arguments: object) -> Operation[Any]:
        made = self._change_chats(name, work, *arguments)
        if name in self.held_exchanges and made.error() is None:
            made = Operation()
        self.exchanges.append(made)
        return made

    def import_chats(self, path: str) -> Operation[ImportReport]:
        return self._exchange("import_chats", lambda: self.import_report, path)

    def export_chats(
        self,
        chats: tuple[int, ...],
        path: str,
        form: ExportFormat,
        words: ExportWords = ExportWords(),  # noqa: B008  a frozen value
    ) -> Operation[Exported]:
        def work() -> Exported:
            known = {info.id for info in self.chats.infos()}
            for chat in chats:
                if chat not in known:
                    raise UnknownChat(chat=chat)
            return Exported(path, len(chats) or len(known), 12_345)

        return self._exchange("export_chats", work, chats, path, form)

    def back_up(self, path: str) -> Operation[BackupInfo]:
        return self._exchange("back_up", lambda: self.backup_info, path)

    def look_into_backup(self, path: str) -> Operation[BackupInfo]:
        return self._exchange("look_into_backup", lambda: self.backup_info, path)

    def restore_backup(self, path: str, *, replace: bool = False) -> Operation[Restored]:
        def work() -> Restored:
            info = self.backup_info
            if replace:
                kept = "/home/ana/.local/share/sobremesa/data/backups/before-restore-20261122.zip"
                return Restored(info, info.chats, 0, 0, info.prompts, kept)
            return Restored(info, 3, 1, info.chats - 4, 2)

        return self._exchange("restore_backup", work, path, replace)
