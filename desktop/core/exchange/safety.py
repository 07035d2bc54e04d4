"""The backups that the program makes by itself, before a restore puts something else in place of everything.

They are its own, not the person's: they go after a while, and a chat that is deleted for good is taken out of
them. A backup that a person made is theirs, and is never touched. packaging/decisions/0133
"""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import msgspec

from desktop.core.chats import file as chats_file
from desktop.core.chats.leftovers import KEPT_S
from desktop.core.chats.schema import MIGRATIONS
from desktop.core.errors import CoreError
from desktop.core.exchange.backup import backup_of, make_backup, staging
from desktop.core.exchange.backup_form import CHATS
from desktop.core.exchange.opened_backup import OpenedBackup, bring_up_to_date
from desktop.core.exchange.whole_files import WholeFiles
from desktop.core.operations import Operation
from desktop.core.places import Places
from desktop.core.private_files import write_private
from rag.database import open_database
from rag.errors import RagError
from rag.sealing import Key

_NAMED: Final = "before-restore-*.zip"
_LEAVING: Final = "leaving.json"  # names of chats that are still to be taken out

log = logging.getLogger(__name__)


class SafetyCopies:
    """May be used from any thread; one at a time works on the files."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._folder = places.safety_dir
        self._leaving = self._folder / _LEAVING
        self._noting = threading.Lock()
        self._working = threading.Lock()

    def make(self, operation: Operation[Any]) -> Path:
        """Put all that is here into a new one. Raises what `make_backup` raises."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        file = self._folder / f"before-restore-{time.strftime('%Y%m%d-%H%M%S')}.zip"
        with self._working:
            make_backup(self._places, file, operation, sealed=True)
        return file

    @contextlib.contextmanager
    def at_rest(self) -> Iterator[None]:
        """Nobody reads or writes the copies inside."""
        with self._working:
            yield

    def note(self, names: Sequence[str]) -> None:
        """The chats of these `uid`s are about to be deleted for good: remembered, also beyond a kill, until
        `follow` has taken them out. Where that cannot be written the copies go whole: the wish to go back
        comes after the wish to delete."""
        if not names or not self._files():
            return
        with self._noting:
            try:
                write_private(self._leaving, msgspec.json.encode(sorted({*self._noted(), *names})))
            except CoreError as error:
                log.warning("the copies before a restore are given up: %s", error)
                for file in self._files():
                    _delete(file)

    def follow(self) -> None:
        """Take out what was noted, and delete what is too old. Blocks: a large copy takes a while."""
        with self._working:
            for file in self._files():
                with contextlib.suppress(OSError):
                    if file.stat().st_mtime < time.time() - KEPT_S:
                        _delete(file)
            with self._noting:
                names = self._noted()
            for file in self._files() if names else ():
                self._take_out(file, names)
            with self._noting:
                if set(self._noted()) <= set(names):  # else there is more to do, and these do no harm
                    _delete(self._leaving)

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(_NAMED))

    def _noted(self) -> list[str]:
        try:
            return msgspec.json.decode(self._leaving.read_bytes(), type=list[str])
        except FileNotFoundError:
            return []
        except (OSError, msgspec.DecodeError) as error:  # nobody knows what is in it: see `note`
            log.warning("the copies before a restore are given up: %s", error)
            for file in self._files():
                _delete(file)
            return []

    def _take_out(self, file: Path, names: Sequence[str]) -> None:
        """Write the copy anew without these chats; where that fails it goes whole."""
        operation: Operation[Any] = Operation()
        try:
            made_at = file.stat().st_mtime
            with staging(self._places) as folder:
                with OpenedBackup(file) as opened:
                    opened.check(operation, folder)
                    small = [one.name for one in opened.manifest.files if one.name != CHATS]
                bring_up_to_date(folder / CHATS, file, self._places.keyring.key)
                if not _removed(folder / CHATS, names, self._places.keyring.key):
                    return
                backup_of(
                    {name: folder / name for name in (CHATS, *small)},
                    file,
                    opened.manifest.created_at,
                    WholeFiles(self._places.unfinished_dir),
                    key=self._places.keyring.key,
                )
            os.utime(file, (made_at, made_at))  # it is as old as it was
        except (CoreError, RagError, OSError) as error:
            log.warning("%s is given up: %s", file.name, error)
            _delete(file)


def _removed(database: Path, names: Sequence[str], key: Key | None) -> int:
    with closing(open_database(database, MIGRATIONS, key=key)) as db:
        found = db.execute(
            "SELECT id FROM chats WHERE uid IN (SELECT value FROM json_each(?))",
            (msgspec.json.encode(list(names)).decode(),),
        )
        chats = [row[0] for row in found]
        count = chats_file.erase(db, chats)
        db.execute("PRAGMA journal_mode = DELETE")
    return count


def _delete(file: Path) -> None:
    with contextlib.suppress(OSError):
        file.unlink(missing_ok=True)
