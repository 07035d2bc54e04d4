"""Which files encryption concerns, and their way there and back. A kill leaves each of them whole.

What is left over by a kill is told by the files themselves, which say whether they are encrypted: the way
is gone again at the next start, and does what is still to be done.
"""

import contextlib
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from desktop.core.chats import leftovers
from desktop.core.errors import CoreError, Reported
from desktop.core.exchange.backup import backup_of, staging
from desktop.core.exchange.backup_form import CHATS
from desktop.core.exchange.opened_backup import OpenedBackup
from desktop.core.exchange.whole_files import WholeFiles
from desktop.core.operations import Operation
from desktop.core.places import Places
from rag.converting import convert, drop_parts
from rag.errors import DatabaseDamaged, DiskFull, LibraryInUse, RagError
from rag.lock import FolderLock
from rag.sealing import Form, Key, form_of

SPARE_BYTES: Final = 50_000_000  # what converting must leave free on the disk
_LIBRARY: Final = "library.db"
_LIBRARY_LOCK: Final = "library.lock"
_WORKER_LEAVES_S: Final = 10.0

log = logging.getLogger(__name__)


def main_files(places: Places) -> tuple[Path, Path]:
    return places.chats_file, places.library_dir / _LIBRARY


def any_sealed(places: Places) -> bool:
    """Whether a database in the data folder is encrypted."""
    return any(_form(file) is Form.SEALED for file in (*main_files(places), *_safety(places)))


def all_in(form: Form, places: Places) -> bool:
    """Whether both databases are of this form, as far as there are any."""
    return all(_form(file) in (form, Form.EMPTY) for file in main_files(places))


def check_room(places: Places) -> None:
    """Raises DiskFull where the largest file would not fit beside itself."""
    sizes = [file.stat().st_size for file in main_files(places) if file.exists()]
    if shutil.disk_usage(places.data).free < 1.2 * max(sizes, default=0) + SPARE_BYTES:
        raise DiskFull("no room to convert", folder=str(places.data))


def convert_all(
    places: Places, key: Key, *, sealed: bool, tell: Callable[[float], None] = lambda _done: None
) -> None:
    """Have everything encrypted, or plain. Nobody has the files open; `tell` hears 0..1.

    Raises CoreError where a database itself cannot be converted: it is as it was then, and the next start
    tries again. Safety copies that cannot go.
    """
    with _library_at_rest(places):
        clear_parts(places)
        _convert_main(places, key, sealed, tell)
        for file in _safety(places):
            _convert_copy(file, key, sealed=sealed)
        for file in sorted(places.safety_dir.glob("before-restore-*.zip")):
            _convert_backup(places, file, key, sealed=sealed)
        leftovers.give_up(places.chats_file)  # damaged files cannot be converted
        _delete(places.library_dir, f"{_LIBRARY}.damaged-*")
        if sealed:
            shutil.rmtree(places.library_dir / "chroma", ignore_errors=True)
    tell(1.0)


def _convert_main(places: Places, key: Key, sealed: bool, tell: Callable[[float], None]) -> None:
    weights = {file: max(1, _size(file)) for file in main_files(places)}
    total, done = sum(weights.values()), 0
    for file, weight in weights.items():

        def part(share: float, at: int = done, of: int = weight) -> None:
            tell((at + share * of) / total)

        try:
            convert(file, key, sealed=sealed, tell=part)
        except RagError as error:
            raise Reported.of(error) from error
        done += weight


def clear_parts(places: Places) -> None:
    for folder in (places.data, places.library_dir):
        drop_parts(folder)
    leftovers.sweep(places.chats_file)
    _delete(places.library_dir, f"{_LIBRARY}.rescued.part*")


def _delete(folder: Path, pattern: str) -> None:
    for file in folder.glob(pattern):
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)


def _safety(places: Places) -> list[Path]:
    chats = places.chats_file
    patterns = (f"{chats.name}.good", f"{chats.name}.version-*")
    found = [file for pattern in patterns for file in chats.parent.glob(pattern)]
    found += [
        *places.library_dir.glob(f"{_LIBRARY}.found-*"),
        *places.library_dir.glob(f"{_LIBRARY}.rescued"),
    ]
    return sorted(file for file in found if not file.name.endswith((".part", "-wal", "-shm", ".behind")))


def _convert_copy(file: Path, key: Key, *, sealed: bool) -> None:
    try:
        convert(file, key, sealed=sealed)
    except DiskFull as error:
        raise Reported.of(error) from error
    except RagError as error:
        log.warning("%s is given up: %s", file.name, error.code)
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)


def _convert_backup(places: Places, file: Path, key: Key, *, sealed: bool) -> None:
    """A backup that the program made by itself, before a restore; where that fails it goes."""
    operation: Operation[Any] = Operation()
    try:
        with staging(places) as folder:
            with OpenedBackup(file) as opened:
                opened.check(operation, folder)
                manifest = opened.manifest
            if not convert(folder / CHATS, key, sealed=sealed):
                return
            names = [CHATS, *(one.name for one in manifest.files if one.name != CHATS)]
            files = WholeFiles(places.unfinished_dir)
            backup_of({name: folder / name for name in names}, file, manifest.created_at, files, key=key)
    except (CoreError, RagError, OSError) as error:
        log.warning("%s is given up: %s", file.name, type(error).__name__)
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)


@contextlib.contextmanager
def _library_at_rest(places: Places) -> Iterator[None]:
    """A worker of a program that was killed leaves soon. Raises Reported."""
    until = time.monotonic() + _WORKER_LEAVES_S
    while True:
        try:
            lock = FolderLock(places.library_dir / _LIBRARY_LOCK)
            break
        except LibraryInUse as error:
            if time.monotonic() > until:
                raise Reported.of(error) from error
            time.sleep(0.1)
        except RagError as error:
            raise Reported.of(error) from error
    try:
        yield
    finally:
        lock.close()


def _form(file: Path) -> Form:
    try:
        return form_of(file)
    except OSError as error:
        raise Reported.of(DatabaseDamaged(str(error), file=str(file))) from error


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
