"""The real core over a new data folder and the starter models, and what all its processes take."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil

from desktop.core.places import Places
from desktop.core.services import Services, open_core
from rag.database import open_for_reading
from rag.store.opening import DATABASE

TEXTS = "SOBREMESA_BENCH_TEXTS"  # names a folder with texts that are not ours
MODEL = "embeddings/multilingual-e5-small"
WAIT_S = 3600.0
MIB = 1 << 20


def shared(name: str) -> Path:
    """A folder of texts that the bench does not bring along."""
    path = Path(os.environ.get(TEXTS, "build/texts")) / name
    if not path.exists():
        raise SystemExit(f"{TEXTS} must name a folder with {name}")
    return path


@contextmanager
def house(prepare: Callable[[Path], object] = lambda _: None) -> Iterator[tuple[Services, Places]]:
    """`prepare` is given the library's folder before anything opens it."""
    with tempfile.TemporaryDirectory(prefix="bench-rag-") as folder:
        places = Places.of(Path(folder) / "data", Places.of().models)
        places.create()
        prepare(places.library_dir)
        core = open_core(places)
        try:
            yield core, places
        finally:
            core.close()


def memory_bytes() -> int:
    """Of this process and all it has started; what several share counts once."""
    total = 0
    this = psutil.Process()
    for process in (this, *this.children(recursive=True)):
        with suppress(psutil.Error):
            info = process.memory_full_info()
            total += getattr(info, "pss", None) or info.uss
    return total


def folder_bytes(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def in_step(library: Path) -> bool:
    """Whether the vector index holds all that library.db holds. Asks nobody: a search would hold it up."""
    with closing(open_for_reading(library / DATABASE)) as db:
        row = db.execute("SELECT value FROM facts WHERE name = 'index'").fetchone()
    return row is not None and row[0] == "in step"


def wait_until(done: Callable[[], bool], pause_s: float = 0.5) -> None:
    until = time.monotonic() + WAIT_S
    while not done():
        if time.monotonic() > until:
            raise SystemExit("it did not come to an end within an hour")
        time.sleep(pause_s)
