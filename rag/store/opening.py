"""Open library.db, and say what went wrong in it. Knows no table."""

import time
from pathlib import Path

from rag.database import copy_open, open_database, translate
from rag.errors import DatabaseDamaged, RagError
from rag.sealing import Key
from rag.sqlite import sqlite3
from rag.store.schema import MIGRATIONS

DATABASE = "library.db"


def open_library(path: Path, key: Key | None = None) -> sqlite3.Connection:
    """A connection for the calling thread. Raises what rag.database.open_database raises."""
    try:
        return open_database(path, MIGRATIONS, key=key)
    except DatabaseDamaged as error:
        raise _of_library(error, path) from error


def identity(path: Path) -> tuple[int, int]:
    """Which file stands at `path`, whatever is written to it; (0, 0): none."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_dev, status.st_ino


def put_back(open_one: sqlite3.Connection, path: Path, key: Key | None = None) -> None:
    """Write what a connection still has of a file that was deleted to where it was. What stands there now is
    kept beside it. Raises sqlite3.Error or OSError."""
    draft = path.with_name(path.name + ".rescued")
    draft.unlink(missing_ok=True)
    copy_open(open_one, draft, key)
    for side in ("-wal", "-shm"):  # of another file by now
        path.with_name(path.name + side).unlink(missing_ok=True)
    if path.exists():
        path.replace(path.with_name(f"{path.name}.found-{time.time_ns()}"))
    draft.replace(path)


def problem_of(error: sqlite3.Error, path: Path) -> RagError:
    """An error of library.db as one of ours."""
    problem = translate(error, path)
    return _of_library(problem, path) if isinstance(problem, DatabaseDamaged) else problem


def _of_library(error: DatabaseDamaged, path: Path) -> DatabaseDamaged:
    """Nothing sets a library aside by itself; `folder` says what the person has to move away."""
    return DatabaseDamaged(error.detail, file=str(path), folder=str(path.parent))
