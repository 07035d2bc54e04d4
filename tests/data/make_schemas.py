"""Keep a file of the present schema for all versions to come: `python -m tests.data.make_schemas`.

Run once after a migration was added. Files that are there already are what people have on their disks: they
are never written anew. Each is a whole database, packed.
"""

import gzip
import sys
import tempfile
from pathlib import Path

from desktop.core.chats.schema import MIGRATIONS as CHATS
from rag.database import open_database
from rag.store.schema import MIGRATIONS as LIBRARY
from tests.unit.rag.test_schema import left_by_the_first_version
from tests.unit.stores.test_migrations import write

FOLDER = Path(__file__).parent / "schemas"


def chats_file(version: int) -> Path:
    return FOLDER / f"chats-{version:02}.sqlite3.gz"


def library_file(version: int) -> Path:
    return FOLDER / f"library-{version:02}.db.gz"


def unpack(kept: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(gzip.decompress(kept.read_bytes()))


def _keep(made: Path, kept: Path) -> None:
    # the last connection that closes has written its journal into the file
    assert not made.with_name(f"{made.name}-wal").exists()
    kept.write_bytes(gzip.compress(made.read_bytes(), mtime=0))


def main() -> int:
    """Write what is missing."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for version in range(1, len(CHATS) + 1):
            if not chats_file(version).exists():
                made = Path(folder) / f"chats-{version}"
                write(made, version)
                _keep(made, chats_file(version))
        for version in range(1, len(LIBRARY) + 1):
            if not library_file(version).exists():
                made = Path(folder) / f"library-{version}"
                left_by_the_first_version(made)
                open_database(made, LIBRARY[:version]).close()
                _keep(made, library_file(version))
    return 0


if __name__ == "__main__":
    sys.exit(main())
