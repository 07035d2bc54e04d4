"""Follow folders: whatever changes below them is looked at, and what is new or gone is told to the indexing.

The system says at once when something changes (through watchfiles), which is worth a look and no more: on
network drives it says nothing, and it may miss things. So every folder is looked through every minute as
well, and only what such a look finds counts. A folder that hangs holds up no other: each has its own thread.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from rag.errors import ErrorInfo, FolderEmptied, FolderGone, FolderUnreadable, RagError
from rag.indexing.indexer import PIPELINE_VERSION
from rag.indexing.walk import walk
from rag.sealing import Key
from rag.store.folders import FolderRow, KnownFile
from rag.store.queries import Queries

LOOK_EVERY_S = 60.0
_REST_FACTOR = 20.0  # a look that took long is followed by a longer rest
_TICK_S = 2.0
_SETTLE_S = 0.4  # programs write files in several steps
_FEW = 3  # files that a person may well have deleted; more, all at once, may be a drive that went

log = logging.getLogger(__name__)


class Looked(NamedTuple):
    """What a look at a folder found. `missing`: documents whose files are gone."""

    folder: FolderRow
    changed: tuple[str, ...]
    missing: tuple[int, ...]
    problem: ErrorInfo | None


class Watcher:
    """`found` takes what each look found, on a thread of its own."""

    def __init__(self, database: Path, found: Callable[[Looked], None], key: Key | None = None) -> None:
        self._database = database
        self._key = key
        self._found = found
        self._wake = threading.Event()
        self._closed = False
        self._lock = threading.Lock()
        self._due: dict[int, float] = {}  # folder -> time.monotonic of its next look
        self._looking: set[int] = set()
        self._again: set[int] = set()  # to be looked at once more, as something changed during a look
        self._there: set[str] = set()  # folders that could be found at the last tick
        self._listening: tuple[tuple[str, ...], threading.Event] | None = None
        self._thread = threading.Thread(target=self._run, name="watching", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closed = True
        self._wake.set()
        if self._listening is not None:
            self._listening[1].set()

    def look(self, folders: tuple[int, ...] = ()) -> None:
        """Look now; no numbers: at all of them."""
        with self._lock:
            for folder in folders or tuple(self._due):
                self._due[folder] = 0.0
                if folder in self._looking:
                    self._again.add(folder)
        self._wake.set()

    # ── the watching thread ──

    def _run(self) -> None:
        while not self._closed:
            try:
                with closing(Queries(self._database, self._key)) as queries:
                    self._watch(queries)
            except Exception:  # the library refuses to be read: later it may do better
                log.exception("watched folders cannot be listed")
                self._wake.wait(LOOK_EVERY_S)
                self._wake.clear()

    def _watch(self, queries: Queries) -> None:
        while not self._closed:
            followed = queries.followed()
            there = {row.path for row in followed if os.path.isdir(row.path)}  # noqa: PTH112
            self._listen(tuple(sorted(there)))
            now = time.monotonic()
            with self._lock:  # a folder that went or came back is looked at without waiting for its turn
                self._due |= {
                    row.id: 0.0 for row in followed if (row.path in there) != (row.path in self._there)
                }
            self._there = there
            for row in followed:
                with self._lock:
                    due = self._due.setdefault(row.id, 0.0) <= now and row.id not in self._looking
                    if due:
                        self._looking.add(row.id)
                if due:
                    threading.Thread(target=self._look, args=(row,), name="looking", daemon=True).start()
            self._wake.wait(_TICK_S if followed else None)
            self._wake.clear()

    def _listen(self, paths: tuple[str, ...]) -> None:
        """Have the system tell of changes below these folders."""
        if self._listening is not None and self._listening[0] == paths:
            return
        if self._listening is not None:
            self._listening[1].set()
        stop = threading.Event()
        self._listening = (paths, stop)
        if paths:
            threading.Thread(target=self._heed, args=(paths, stop), name="heeding", daemon=True).start()

    def _heed(self, paths: tuple[str, ...], stop: threading.Event) -> None:
        import watchfiles

        try:
            for changes in watchfiles.watch(
                *paths, stop_event=stop, raise_interrupt=False, ignore_permission_denied=True
            ):
                self._touched({path for path in paths if any(_below(name, path) for _, name in changes)})
        except Exception as error:  # noqa: BLE001  too many folders for the system, or a drive that went
            log.warning("changes are not told by the system, looks every minute go on: %s", error)

    def _touched(self, paths: set[str]) -> None:
        with closing(Queries(self._database, self._key)) as queries:
            touched = tuple(row.id for row in queries.followed() if row.path in paths)
        if touched:
            time.sleep(_SETTLE_S)
            self.look(touched)

    # ── a look, on a thread of its own ──

    def _look(self, row: FolderRow) -> None:
        began = time.monotonic()
        try:
            with closing(Queries(self._database, self._key)) as queries:
                looked = look_at(row, queries.known_files(row))
            if not self._closed:
                self._found(looked)
        except Exception:  # the next look may do better
            log.exception("a watched folder could not be looked through")
        took = time.monotonic() - began
        with self._lock:
            self._looking.discard(row.id)
            rest = 0.0 if row.id in self._again else max(LOOK_EVERY_S, _REST_FACTOR * took)
            self._again.discard(row.id)
            self._due[row.id] = began + took + rest
        if not rest:
            self._wake.set()


def look_at(folder: FolderRow, known: dict[str, KnownFile]) -> Looked:
    """Compare what is below a folder with what the library knows of it."""
    try:
        entries = os.listdir(folder.path)  # noqa: PTH208 - only whether there are any
    except (FileNotFoundError, NotADirectoryError) as error:
        return _not_now(folder, FolderGone(str(error), folder=folder.path))
    except OSError as error:
        return _not_now(folder, FolderUnreadable(str(error), folder=folder.path))
    there = {path: file for path, file in known.items() if file.there and file.seen}
    if not entries and len(there) > _FEW:
        return _not_now(folder, FolderEmptied(folder=folder.path))
    changed: list[str] = []
    found: set[str] = set()
    closed: list[str] = []  # folders that may not be looked into: what is below them is not gone
    for item in walk((folder.path,)):
        if isinstance(item, tuple):
            closed.append(str(item[0]))
            continue
        found.add(str(item))
        if _is_new(item, known.get(str(item))):
            changed.append(str(item))
    if not os.path.isdir(folder.path):  # noqa: PTH112  it went while we looked
        return _not_now(folder, FolderGone(folder=folder.path))
    closed = [path for path in closed if path != folder.path]
    missing = tuple(
        file.document
        for path, file in known.items()
        if file.there and not file.kept and path not in found and not any(_below(path, f) for f in closed)
    )
    return Looked(folder, tuple(changed), missing, None)


def _is_new(path: Path, known: KnownFile | None) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False  # it went meanwhile, or may not be looked at
    if known is None:
        return True
    if not known.wanted:
        return False
    same = (known.size_bytes, known.modified_at) == (status.st_size, status.st_mtime)
    finished = known.failed or (known.seen and known.version == PIPELINE_VERSION)
    return not (known.there and same and finished)


def _not_now(folder: FolderRow, problem: RagError) -> Looked:
    return Looked(folder, (), (), problem.info())


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
