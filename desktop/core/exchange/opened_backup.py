"""A backup that is read: its manifest, and every file compared with what was written. Changes nothing."""

import hashlib
import zipfile
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any, Final, Self

import msgspec

from desktop.core.chats.schema import MIGRATIONS
from desktop.core.errors import Cancelled, Reported
from desktop.core.exchange.backup import CHUNK_BYTES
from desktop.core.exchange.backup_form import CHATS, FORMAT, MANIFEST, VERSION, Manifest
from desktop.core.exchange.errors import BackupDamaged, BackupTooNew, NotABackup
from desktop.core.operations import Operation
from desktop.core.types.exchange import BackupProgress
from rag.checking import faults
from rag.converting import convert
from rag.database import open_database
from rag.errors import DatabaseKey, RagError
from rag.sealing import Key
from rag.sqlite import sqlite3

MOST_MANIFEST_BYTES: Final = 1 << 20
_FIRST = b"PK\x03\x04"
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError)


class OpenedBackup:
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


def bring_up_to_date(staged: Path, path: Path, key: Key | None = None) -> None:
    """Migrate the copy, look whether it is sound, and have it encrypted where the chats here are.

    Raises BackupDamaged.
    """
    try:
        with closing(open_database(staged, MIGRATIONS, key=key)) as db:
            found = faults(db)
            if found or db.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise BackupDamaged("".join(found), path=str(path), part=CHATS)
            db.execute("PRAGMA journal_mode = DELETE")
        if key is not None:
            convert(staged, key, sealed=True)
    except DatabaseKey as error:
        raise Reported.of(DatabaseKey(error.detail, file=str(path))) from error
    except (RagError, sqlite3.Error) as error:
        raise BackupDamaged(str(error), path=str(path), part=CHATS) from error
