"""A backup of everything a person made: chats, prompts, settings, presets, choices for models.

Not the models and not the documents: they are large, and can be had again. Writing goes on meanwhile.
"""

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from desktop.core.chats.schema import MIGRATIONS
from desktop.core.errors import Cancelled, Reported
from desktop.core.exchange.backup_form import CHATS, FORMAT, MANIFEST, VERSION, BackedUpFile, Manifest
from desktop.core.exchange.whole_files import WholeFiles
from desktop.core.operations import Operation
from desktop.core.places import Places
from desktop.core.types.exchange import BackupInfo, BackupProgress
from rag.converting import convert
from rag.database import copy_database, open_database
from rag.errors import RagError
from rag.sealing import Key

STAGING: Final = ".backup-"
CHUNK_BYTES: Final = 1 << 20
_PACKED_LEVEL: Final = 3


def small_files(places: Places) -> dict[str, Path]:
    """The files beside the chats, by their names in a backup."""
    return {
        "settings.json": places.settings_file,
        "presets.json": places.presets_file,
        "model_choices.json": places.model_choices_file,
    }


def make_backup(
    places: Places, target: Path, operation: Operation[Any], *, sealed: bool = False
) -> BackupInfo:
    """`sealed`: its chats stay encrypted where they are. A person's backup is plain: it is to be read on
    another machine, and when the passphrase is forgotten. Raises ExportNotWritten, Cancelled, Reported (a
    database error).
    """

    def tell(stage: Any, done: float) -> None:
        if operation.cancelled:
            raise Cancelled
        operation.emit(BackupProgress(stage, done))

    key = places.keyring.key
    with staging(places) as folder:
        copy = folder / CHATS
        try:
            copy_database(places.chats_file, copy, lambda done: tell("copying", done), key)
            if key is not None and not sealed:
                convert(copy, key, sealed=False)
        except RagError as error:
            raise Reported.of(error) from error
        sources = {CHATS: copy}
        for name, file in small_files(places).items():
            if file.is_file():
                sources[name] = folder / name
                shutil.copyfile(file, sources[name])
        return backup_of(sources, target, time.time(), WholeFiles(places.unfinished_dir), tell, key)


def backup_of(
    sources: dict[str, Path],
    target: Path,
    created_at: float,
    files: WholeFiles,
    tell: Callable[[Any, float], None] = lambda _stage, _done: None,
    key: Key | None = None,
) -> BackupInfo:
    """Pack files, by their names in the backup, into `target`. The chats' is nobody's but ours.

    Raises ExportNotWritten, and what `tell` raises.
    """
    manifest = _manifest(sources, created_at, key)
    size = files.put(target, lambda draft: _pack(draft, manifest, sources, tell))
    return info_of(manifest, target, size)


def info_of(manifest: Manifest, path: Path, size_bytes: int) -> BackupInfo:
    return BackupInfo(
        str(path),
        manifest.created_at,
        manifest.program,
        manifest.chats,
        manifest.messages,
        manifest.prompts,
        size_bytes,
        tuple(file.name for file in manifest.files),
    )


def clear_staging(places: Places, ours: str = "/") -> None:
    """Delete what a killed program left; `ours`: how the names begin that are in use."""
    for left in places.data.glob(f"{STAGING}*"):
        if not left.name.startswith(ours):
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def staging(places: Places) -> Iterator[Path]:
    """A private folder in the data folder, gone afterwards; what a killed one left goes first."""
    ours = f"{STAGING}{os.getpid()}-"
    clear_staging(places, ours)
    folder = Path(tempfile.mkdtemp(prefix=ours, dir=places.data))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _manifest(sources: dict[str, Path], created_at: float, key: Key | None) -> Manifest:
    with closing(open_database(sources[CHATS], MIGRATIONS, key=key)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
        (chats,) = db.execute("SELECT count(*) FROM chats WHERE deleted_at IS NULL").fetchone()
        (messages,) = db.execute("SELECT count(*) FROM messages WHERE deleted_with IS NULL").fetchone()
        (prompts,) = db.execute("SELECT count(*) FROM prompts WHERE deleted_at IS NULL").fetchone()
    files = tuple(BackedUpFile(name, path.stat().st_size, digest(path)) for name, path in sources.items())
    return Manifest(
        FORMAT, VERSION, program_version(), len(MIGRATIONS), created_at, chats, messages, prompts, files
    )


def _pack(
    draft: Path, manifest: Manifest, sources: dict[str, Path], tell: Callable[[Any, float], None]
) -> None:
    total = max(1, sum(file.size_bytes for file in manifest.files))
    done = 0
    kind = zipfile.ZIP_DEFLATED
    with draft.open("r+b") as stream:
        with zipfile.ZipFile(stream, "w", kind, compresslevel=_PACKED_LEVEL) as archive:
            archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2))
            for name, path in sources.items():
                with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as packed:
                    while chunk := source.read(CHUNK_BYTES):
                        packed.write(chunk)
                        done += len(chunk)
                        tell("packing", done / total)
        stream.flush()
        os.fsync(stream.fileno())


def digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def program_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    with contextlib.suppress(PackageNotFoundError):
        return version("sobremesa")
    return ""
