"""What may be asked of the core about chats that come in and go out, and about backups."""

from typing import Protocol

from desktop.core.operations import Operation
from desktop.core.types.exchange import (
    BackupInfo,
    Exported,
    ExportFormat,
    ExportWords,
    ImportReport,
    Restored,
)

DEFAULT_WORDS = ExportWords()


class ExchangeCore(Protocol):
    """The part of `desktop.core.contract.Core` that moves chats between files and the store."""

    def import_chats(self, path: str) -> Operation[ImportReport]:
        """Take in the conversations of a file, a folder or a zip, each whole or not at all.

        ChatGPT, Claude, Open WebUI, LM Studio, Jan, and our own JSON are known by their shape. What is here
        already is not added again. Emits ImportingChats. Cancelling ends in a result too. Ends in
        import_unreadable, import_protected, no_chats_found, is_backup.
        """
        ...

    def export_chats(
        self, chats: tuple[int, ...], path: str, form: ExportFormat, words: ExportWords = DEFAULT_WORDS
    ) -> Operation[Exported]:
        """Write chats into one file, or one each where `path` is a folder; (): all of them.

        All of it or nothing. `words` stand between the messages. Emits ExportingChats. Ends in
        export_not_written, nothing_to_export, pdf_not_made.
        """
        ...

    def back_up(self, path: str) -> Operation[BackupInfo]:
        """Write chats, prompts, settings, presets and choices for models into one file.

        Not the models and not the documents. Writing goes on meanwhile. Emits BackupProgress.
        """
        ...

    def look_into_backup(self, path: str) -> Operation[BackupInfo]:
        """What a backup holds, checked to the last byte.

        Ends in not_a_backup, backup_damaged, backup_too_new.
        """
        ...

    def restore_backup(self, path: str, *, replace: bool = False) -> Operation[Restored]:
        """Bring back what a backup holds, after `look_into_backup`'s checks. Emits BackupProgress.

        What is here wins, and what is missing comes; `replace`: all of it is as in the backup, and what was
        here is put into a backup first. Cancelling, or the end of the program, loses nothing.
        """
        ...
