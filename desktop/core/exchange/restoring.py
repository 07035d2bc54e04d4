"""A backup's way back: checked to the last byte before anything is touched, then merged or put in place.

Merged, what is here wins. In place of what is here, that is put into a backup first; the chats change in one
transaction, so that the end of the program in the middle leaves the old ones or the new ones.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from desktop.core.chats.store import ChatStore
from desktop.core.chats.thread import StoreThread
from desktop.core.errors import Cancelled
from desktop.core.exchange.backup import info_of, staging
from desktop.core.exchange.backup_form import CHATS
from desktop.core.exchange.conversations import Conversation
from desktop.core.exchange.importing import BATCH_CHATS, BATCH_MESSAGES
from desktop.core.exchange.opened_backup import OpenedBackup, bring_up_to_date
from desktop.core.exchange.restoring_files import SmallFiles
from desktop.core.exchange.safety import SafetyCopies
from desktop.core.operations import Operation
from desktop.core.places import Places
from desktop.core.types.exchange import BackupInfo, BackupProgress, Restored


def looked_into(path: Path, operation: Operation[Any]) -> BackupInfo:
    """What a backup holds, when all of it is as it was written.

    Raises NotABackup, BackupDamaged, BackupTooNew, Cancelled.
    """
    with OpenedBackup(path) as opened:
        opened.check(operation, None)
        return info_of(opened.manifest, path, path.stat().st_size)


class Restore:
    """One restore. `run` blocks its thread."""

    def __init__(
        self,
        places: Places,
        store: StoreThread,
        safety: SafetyCopies,
        files: SmallFiles,
        operation: Operation[Restored],
        before_replacing: Callable[[], None] = lambda: None,
    ) -> None:
        self._places = places
        self._store = store
        self._safety = safety
        self._files = files
        self._operation = operation
        self._before_replacing = before_replacing

    def run(self, path: Path, *, replace: bool) -> Restored:
        """Raises what `looked_into` and making a backup raise, and what the store raises."""
        with staging(self._places) as folder:
            with OpenedBackup(path) as opened:
                opened.check(self._operation, folder)
                info = info_of(opened.manifest, path, path.stat().st_size)
            staged = folder / CHATS
            bring_up_to_date(staged, path, self._places.keyring.key)
            small = {name: folder / name for name in info.files if name != CHATS}
            if replace:
                kept_as = str(self._safety.make(self._operation))
                self._before_replacing()
                self._tell("restoring", 0.0)
                self._store.call(lambda chats: chats.replace_all(staged))
                self._files.take(small, replace=True)
                self._tell("restoring", 1.0, stoppable=False)
                return Restored(info, info.chats, 0, 0, info.prompts, kept_as)
            merged = self._merge(staged, info)
            self._files.take(small, replace=False)
            return merged

    def _merge(self, staged: Path, info: BackupInfo) -> Restored:
        source = ChatStore(staged, keyring=self._places.keyring)
        try:
            counts = {"added": 0, "updated": 0, "unchanged": 0}
            batch: list[Conversation] = []
            numbers = source.all_chats()
            for place, number in enumerate(numbers, 1):
                batch.append(source.outgoing(number))
                full = len(batch) >= BATCH_CHATS or sum(len(one.nodes) for one in batch) >= BATCH_MESSAGES
                if full or place == len(numbers):
                    taken, batch = batch, []
                    for absorbed in self._store.call(partial(ChatStore.absorb, conversations=taken)):
                        counts[absorbed.outcome] += 1
                    self._tell("restoring", place / len(numbers))
            prompts = self._merge_prompts(source)
        finally:
            source.close()
        return Restored(info, counts["added"], counts["updated"], counts["unchanged"], prompts)

    def _merge_prompts(self, source: ChatStore) -> int:
        prompts = source.prompts()
        come = [
            (prompt.info.key, prompt.info.folder, tuple(reversed(source.prompt_versions(prompt.info.key))))
            for prompt in prompts
        ]
        added, _present = self._store.call(lambda chats: chats.add_prompts(come))
        self._store.call(lambda chats: chats.add_drafts(prompts))
        hidden, defaults = source.hidden_prompts(), source.default_prompts()

        def choices(chats: ChatStore) -> None:
            for key in hidden - chats.hidden_prompts():
                chats.hide_prompt(key, True)
            here = chats.default_prompts()
            for model, key in defaults.items():
                if model not in here:
                    chats.set_default_prompt(model, key)

        self._store.call(choices)
        return len(added)

    def _tell(self, stage: Any, done: float, *, stoppable: bool = True) -> None:
        if stoppable and self._operation.cancelled:
            raise Cancelled
        self._operation.emit(BackupProgress(stage, done))
