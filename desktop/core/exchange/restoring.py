"""A backup's way back: checked to the last byte before anything is touched, then merged or put in place.

Merged, what is here wins. In place of what is here, that is put into a backup first; the chats change in one
transaction, so that the end of the program in the middle leaves the old ones or the new ones.
"""

import hashlib
import sqlite3
import time
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

import msgspec

from desktop.core.chats.schema import MIGRATIONS
from desktop.core.chats.store import ChatStore
from desktop.core.chats.thread import StoreThread
from desktop.core.errors import Cancelled
from desktop.core.exchange.backup import CHUNK_BYTES, info_of, make_backup, staging
from desktop.core.exchange.backup_form import CHATS, FORMAT, MANIFEST, VERSION, Manifest
from desktop.core.exchange.conversations import Conversation
from desktop.core.exchange.errors import BackupDamaged, BackupTooNew, NotABackup
from desktop.core.exchange.importing import BATCH_CHATS, BATCH_MESSAGES
from desktop.core.exchange.restoring_files import SmallFiles
from desktop.core.operations import Operation
from desktop.core.places import Places
from desktop.core.types.exchange import BackupInfo, BackupProgress, Restored
from rag.database import open_database
from rag.errors import RagError

MOST_MANIFEST_BYTES: Final = 1 << 20
_FIRST = b"PK\x03\x04"
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError)


def looked_into(path: Path, operation: Operation[Any]) -> BackupInfo:
    """What a backup holds, when all of it is as it was written.

    Raises NotABackup, BackupDamaged, BackupTooNew, Cancelled.
    """
    with _Opened(path) as opened:
        opened.check(operation, None)
        return info_of(opened.manifest, path, path.stat().st_size)


class Restore:
    """One restore. `run` blocks its thread."""

    def __init__(
        self,
        places: Places,
        store: StoreThread,
        files: SmallFiles,
        operation: Operation[Restored],
        before_replacing: Callable[[], None] = lambda: None,
    ) -> None:
        self._places = places
        self._store = store
        self._files = files
        self._operation = operation
        self._before_replacing = before_replacing

    def run(self, path: Path, *, replace: bool) -> Restored:
        """Raises what `looked_into` and making a backup raise, and what the store raises."""
        with staging(self._places) as folder:
            with _Opened(path) as opened:
                opened.check(self._operation, folder)
                info = info_of(opened.manifest, path, path.stat().st_size)
            staged = folder / CHATS
            _bring_up_to_date(staged, path)
            small = {name: folder / name for name in info.files if name != CHATS}
            if replace:
                kept_as = self._keep_present()
                self._before_replacing()
                self._tell("restoring", 0.0)
                self._store.call(lambda chats: chats.replace_all(staged))
                self._files.take(small, replace=True)
                self._tell("restoring", 1.0, stoppable=False)
                return Restored(info, info.chats, 0, 0, info.prompts, kept_as)
            merged = self._merge(staged, info)
            self._files.take(small, replace=False)
            return merged

    def _keep_present(self) -> str:
        folder = self._places.data / "backups"
        folder.mkdir(mode=0o700, exist_ok=True)
        file = folder / f"before-restore-{time.strftime('%Y%m%d-%H%M%S')}.zip"
        make_backup(self._places, file, self._operation)
        return str(file)

    def _merge(self, staged: Path, info: BackupInfo) -> Restored:
        source = ChatStore(staged)
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


class _Opened:
    """A backup whose manifest was read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with path.open("rb") as stream:
                first = stream.read(64)
            ours = first.startswith(_FIRST) and MANIFEST.encode() in first
            try:
                self._archive = zipfile.ZipFile(path)
            except _ZIP_ERRORS as error:
                if ours:  # its directory, which stands last, is missing
                    raise BackupDamaged(str(error), path=str(path), part=path.name) from error
                raise NotABackup(str(error), path=str(path)) from error
        except (OSError, ValueError) as error:
            raise NotABackup(str(error), path=str(path)) from error
        try:
            self.manifest = self._manifest()
        except BaseException:
            self._archive.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def _manifest(self) -> Manifest:
        try:
            entry = self._archive.getinfo(MANIFEST)
            if entry.file_size > MOST_MANIFEST_BYTES:
                raise NotABackup(path=str(self._path))
            raw = self._archive.read(entry)
            loose = msgspec.json.decode(raw, type=dict[str, Any])
        except KeyError as error:
            raise NotABackup(path=str(self._path)) from error
        except (*_ZIP_ERRORS, msgspec.DecodeError, OSError, UnicodeDecodeError) as error:
            raise BackupDamaged(str(error), path=str(self._path), part=MANIFEST) from error
        if loose.get("format") != FORMAT:
            raise NotABackup(path=str(self._path))
        for name, known in (("version", VERSION), ("schema", len(MIGRATIONS))):
            found = loose.get(name)
            if isinstance(found, int) and found > known:
                raise BackupTooNew(path=str(self._path), found=found, known=known)
        try:
            manifest = msgspec.json.decode(raw, type=Manifest)
        except msgspec.DecodeError as error:
            raise BackupDamaged(str(error), path=str(self._path), part=MANIFEST) from error
        names = [file.name for file in manifest.files]
        if CHATS not in names or any(Path(name).name != name or name.startswith(".") for name in names):
            raise BackupDamaged("names", path=str(self._path), part=MANIFEST)
        return manifest

    def check(self, operation: Operation[Any], into: Path | None) -> None:
        """Read every file and compare it with the manifest; with `into`, write it there on the way."""
        total = max(1, sum(file.size_bytes for file in self.manifest.files))
        done = 0
        for file in self.manifest.files:
            summed, size = hashlib.sha256(), 0
            target = None if into is None else (into / file.name).open("wb")
            try:
                with self._archive.open(file.name) as source:
                    while size <= file.size_bytes and (chunk := source.read(CHUNK_BYTES)):
                        if operation.cancelled:
                            raise Cancelled
                        summed.update(chunk)
                        size += len(chunk)
                        done += len(chunk)
                        if target is not None:
                            target.write(chunk)
                        operation.emit(BackupProgress("checking", min(1.0, done / total)))
            except KeyError as error:
                raise BackupDamaged(path=str(self._path), part=file.name) from error
            except _ZIP_ERRORS as error:
                raise BackupDamaged(str(error), path=str(self._path), part=file.name) from error
            finally:
                if target is not None:
                    target.close()
            if size != file.size_bytes or summed.hexdigest() != file.sha256:
                raise BackupDamaged("checksum", path=str(self._path), part=file.name)


def _bring_up_to_date(staged: Path, path: Path) -> None:
    """Migrate the copy, and look whether it is sound. Raises BackupDamaged."""
    try:
        with closing(open_database(staged, MIGRATIONS)) as db:
            found = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
            if found != "ok" or db.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise BackupDamaged(found, path=str(path), part=CHATS)
            db.execute("PRAGMA journal_mode = DELETE")
    except (RagError, sqlite3.Error) as error:
        raise BackupDamaged(str(error), path=str(path), part=CHATS) from error
