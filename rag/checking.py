"""Whether a database contradicts itself, but for its search indexes, which can be made anew. Knows no table.

Since SQLite 3.44 a check of the whole file reads every FTS5 index too, and takes as long as that takes; so
the tables are checked one by one, those that such an index is made of among them.
"""

from rag.sqlite import sqlite3


def faults(connection: sqlite3.Connection, most: int = 1, *, thorough: bool = False) -> list[str]:
    """What SQLite finds wrong, at most so many; [] for a sound database. `thorough`: indexes are compared
    with their tables. Raises sqlite3.Error where even that cannot be read.
    """
    check = "integrity_check" if thorough else "quick_check"
    found: list[str] = []
    for table in _tables(connection):
        lines = connection.execute(f"PRAGMA main.{check}({table})").fetchall()
        found += [str(row[0]) for row in lines if row[0] != "ok"]
        if len(found) >= most:
            break
    return found[:most]


def is_damage(error: sqlite3.Error) -> bool:
    """Whether a statement met damage: in a table, or in a search index alone (SQLite's codes beyond the low
    byte say which; not every build of it tells them).
    """
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("PRAGMA main.table_list").fetchall()
    return sorted('"' + row[1].replace('"', '""') + '"' for row in rows if row[2] in ("table", "shadow"))
