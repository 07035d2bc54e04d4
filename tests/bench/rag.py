"""Rows of the bench about documents: reading, embedding, indexing, searching. Needs the starter models.

Pages come from a document made here of the museum guides' text, so that figures can be compared between
machines. One warm-up, then the median of the repetitions where a row repeats.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from desktop.core.places import Places
from rag.embedding.embedder import Embedder
from rag.embedding.loading import load_embedder
from rag.passages import cut
from rag.protocol import Found, IndexDone, IndexPaths, PageRead, Search
from rag.reading.reader import read
from tests.data.make_museum import pages
from tests.data.pdf_writer import Page, write
from tests.fakes.library import Library

DATA = Path(__file__).resolve().parents[1] / "data"
PAGES = 200
PASSAGES = 48
INDEXED_PAGES = 24
QUESTIONS = (
    "How much does a ticket cost?",
    "¿Cuánto cuesta la entrada?",
    "When was the great balance made?",
    "¿Dónde se dejan las bicicletas?",
)
REPEATS = 5


def rows() -> Iterator[tuple[str, float, str]]:
    """Name, value and unit of each figure."""
    embedder = load_embedder(Places.of().models / "embeddings/multilingual-e5-small")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield "pages read", _reading(folder), "pages/s"
        yield "passages embedded", _embedding(embedder), "passages/s"
        with Library(folder / "data", embedder) as library:
            yield "pages indexed", _indexing(library, folder), "pages/s"
            yield "search latency", _searching(library), "ms"


def _book(path: Path, count: int) -> Path:
    """A PDF of `count` pages, each with a sentence of its own, so that no passage is another's copy."""
    made: list[Page] = []
    guides = [page for name in ("museum", "museo") for page in _guide(name)]
    for number in range(count):
        page = guides[number % len(guides)]
        lines = list(page.lines)
        lines[1] = type(lines[1])(lines[1].x, lines[1].y, f"{lines[1].text} {number}", lines[1].size)
        made.append(Page(lines))
    return write(path, made, "A book of guides")


def _guide(name: str) -> list[Page]:
    return pages((DATA / f"{name}.source.md").read_text("utf-8"))[2]


def _reading(folder: Path) -> float:
    path = _book(folder / "reading.pdf", PAGES)
    list(read(path))
    begun = time.perf_counter()
    count = sum(isinstance(event, PageRead) for event in read(path))
    return count / (time.perf_counter() - begun)


def _embedding(embedder: Embedder) -> float:
    texts = []
    for name in ("museum.pdf", "museo.pdf"):
        for event in read(DATA / name):
            if isinstance(event, PageRead):
                texts += [event.text[span.start : span.end] for span in cut(event.text)]
    whole = [" ".join((texts * 2)[n : n + 2])[:900] for n in range(len(texts))]
    passages = (whole * PASSAGES)[:PASSAGES]
    embedder.embed(passages[:4], "passage")
    begun = time.perf_counter()
    embedder.embed(passages, "passage")
    return len(passages) / (time.perf_counter() - begun)


def _indexing(library: Library, folder: Path) -> float:
    path = _book(folder / "indexing.pdf", INDEXED_PAGES)
    begun = time.perf_counter()
    library.ask(IndexPaths((str(path),)), IndexDone)
    return INDEXED_PAGES / (time.perf_counter() - begun)


def _searching(library: Library) -> float:
    for question in QUESTIONS:
        library.ask(Search(question), Found)
    taken = []
    for _ in range(REPEATS):
        for question in QUESTIONS:
            begun = time.perf_counter()
            library.ask(Search(question), Found)
            taken.append(1000 * (time.perf_counter() - begun))
    return statistics.median(taken)
