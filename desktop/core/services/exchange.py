"""Imports, exports, backups and restores as the core offers them. Each runs on a thread of its own."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from desktop.core.chats.exchange import Absorbed
from desktop.core.chats.store import ChatStore
from desktop.core.chats.thread import StoreThread
from desktop.core.exchange.backup import make_backup
from desktop.core.exchange.conversations import Conversation
from desktop.core.exchange.exporting import Export
from desktop.core.exchange.importing import Import
from desktop.core.exchange.pdf_pages import print_pdf
from desktop.core.exchange.restoring import Restore, looked_into
from desktop.core.exchange.restoring_files import SmallFiles
from desktop.core.exchange.safety import SafetyCopies
from desktop.core.exchange.whole_files import WholeFiles
from desktop.core.models import ModelChoices
from desktop.core.operations import Operation, start
from desktop.core.places import Places
from desktop.core.replies.conversation import Conversations
from desktop.core.replies.kv_states import KvStates
from desktop.core.replies.presets import Presets
from desktop.core.settings import Settings
from desktop.core.types.exchange import (
    BackupInfo,
    Exported,
    ExportFormat,
    ExportWords,
    ImportReport,
    Restored,
)

DEFAULT_WORDS = ExportWords()


class ExchangeServices:
    """What `Services` inherits; described in `desktop.core.contract.exchange.ExchangeCore`."""

    places: Places
    _store: StoreThread
    _settings: Settings
    _presets: Presets
    _choices: ModelChoices
    _conversations: Conversations
    _states: KvStates
    _safety: SafetyCopies
    _tell_chats: Callable[[], None]
    set_setting: Callable[[str, object], Operation[None]]

    def import_chats(self, path: str) -> Operation[ImportReport]:
        def work(operation: Operation[ImportReport]) -> ImportReport:
            try:
                return Import(path, self._absorb, operation).run()
            finally:
                self._tell_chats()

        return start(work, "import chats")

    def export_chats(
        self, chats: tuple[int, ...], path: str, form: ExportFormat, words: ExportWords = DEFAULT_WORDS
    ) -> Operation[Exported]:
        def work(operation: Operation[Exported]) -> Exported:
            def pages(pieces: Iterable[bytes], file: Path) -> None:
                print_pdf(pieces, file, lambda: operation.cancelled)

            wanted = chats or self._store.call(ChatStore.all_chats)
            read = lambda chat: self._store.call(lambda s: s.outgoing(chat))  # noqa: E731
            files = WholeFiles(self.places.unfinished_dir)
            return Export(read, pages, words, files, operation).run(wanted, path, form)

        return start(work, "export chats")

    def back_up(self, path: str) -> Operation[BackupInfo]:
        return start(
            lambda operation: make_backup(self.places, Path(path).expanduser(), operation), "back up"
        )

    def look_into_backup(self, path: str) -> Operation[BackupInfo]:
        return start(lambda operation: looked_into(Path(path).expanduser(), operation), "look into backup")

    def restore_backup(self, path: str, *, replace: bool = False) -> Operation[Restored]:
        def work(operation: Operation[Restored]) -> Restored:
            files = SmallFiles(
                self._settings,
                self._presets,
                self._choices,
                lambda name, value: self.set_setting(name, value).result(),
            )
            restore = Restore(
                self.places, self._store, self._safety, files, operation, self._forget_what_was_said
            )
            try:
                return restore.run(Path(path).expanduser(), replace=replace)
            finally:
                self._tell_chats()

        return start(work, "restore backup")

    def _absorb(self, batch: Sequence[Conversation]) -> tuple[Absorbed, ...]:
        return self._store.call(lambda chats: chats.absorb(batch))

    def _forget_what_was_said(self) -> None:
        """Chats get other numbers: no reply may end in one of them, and no KV state stay for one."""
        for chat in self._store.call(ChatStore.all_chats):
            self._conversations.stop(chat)
            self._states.drop(chat)
