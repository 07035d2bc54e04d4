"""Open library.db, and say what went wrong in it. Knows no table."""

import sqlite3
from pathlib import Path

from rag.database import open_database, translate
from rag.errors import DatabaseDamaged, RagError
from rag.store.schema import MIGRATIONS

DATABASE = "library.db"


def open_library(path: Path) -> sqlite3.Connection:
    """A connection for the calling thread. Raises what rag.database.open_database raises."""
    try:
        return open_database(path, MIGRATIONS)
    except DatabaseDamaged as error:
        raise _of_library(error, path) from error


def problem_of(error: sqlite3.Error, path: Path) -> RagError:
    """An error of library.db as one of ours."""
    problem = translate(error, path)
    return _of_library(problem, path) if isinstance(problem, DatabaseDamaged) else problem


def _of_library(error: DatabaseDamaged, path: Path) -> DatabaseDamaged:
    """Nothing sets a library aside by itself; `folder` says what the person has to move away."""
    return DatabaseDamaged(error.detail, file=str(path), folder=str(path.parent))
