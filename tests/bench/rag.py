"""Documents: reading, cutting, embedding, indexing, searching; how good it is and how it grows.

`--parts stages,quality,speed`. Real workers and the starter model. Texts that are not ours (quality) are
found by SOBREMESA_BENCH_TEXTS; sizes of the library that searches are timed in, by SOBREMESA_BENCH_PASSAGES
(1000,10000,100000). Pages come from a document made here of the museum guides' text, so that figures can be
compared between machines.
"""

import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from desktop.core.places import Places
from desktop.core.services import Services
from rag.embedding.embedder import Embedder
from rag.embedding.loading import load_embedder
from rag.passages import cut
from rag.protocol import PageRead
from rag.reading.reader import read
from rag.sqlite import sqlite3
from rag.store.values import embedded_text
from tests.bench import _rag_sets as sets
from tests.bench import _rag_synthetic as synthetic
from tests.bench._rag_house import MIB, MODEL, WAIT_S, folder_bytes, house, in_step, memory_bytes, wait_until
from tests.data.make_museum import MARGIN, MEASURE, pages
from tests.data.pdf_writer import Line, Page, wrapped, write

PARTS = ("stages", "quality", "speed")
DATA = Path(__file__).resolve().parents[1] / "data"
SIZES = "SOBREMESA_BENCH_PASSAGES"
PAGES_READ = 200
PAGES_INDEXED = 40
BOOKS = 3
LINES_OF_A_PAGE = 42
ROUNDS = 7
QUESTIONS = 200
NEXT_TO_NOTHING = 0.01  # in the figure's own unit: how it grows from there says nothing
Row = tuple[str, float, str]
T = TypeVar("T")


def rows(parts: tuple[str, ...] = PARTS) -> Iterator[Row]:
    """Name, value and unit of each figure."""
    for part in parts:
        yield from getattr(sys.modules[__name__], f"_{part}")()


# ── pages and passages per second ──


def _stages() -> Iterator[Row]:
    embedder = load_embedder(Places.of().models / MODEL)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        book = _book(folder / "read.pdf", PAGES_READ)
        texts, took = _timed(lambda: [event.text for event in read(book) if isinstance(event, PageRead)])
        yield "pages read", len(texts) / took, "pages/s"
        passages, took = _timed(lambda: [text[a:b] for text in texts for a, b, _ in cut(text)])
        yield "passages cut", len(passages) / took, "passages/s"
        yield from _indexing(folder, embedder)


def _indexing(folder: Path, embedder: Embedder) -> Iterator[Row]:
    """Batches of books beside the bare embedder on the texts that each gave, in turn; medians of each, for
    a machine has slow moments, and one that hits a single contender would be the result."""
    bare_speeds: list[float] = []
    speeds: list[float] = []
    pages: list[float] = []
    peak = 0
    known: set[bytes] = set()
    with house() as (core, places):
        for number in range(ROUNDS + 1):
            batch = folder / str(number)
            batch.mkdir()
            for book in range(BOOKS if number else 1):  # the first one starts processes and loads the model
                _report(batch / f"{book}.pdf", PAGES_INDEXED, seed=BOOKS * number + book)
            _, whole = _timed(lambda batch=batch: core.index((str(batch),), "default").result(WAIT_S))
            peak = max(peak, memory_bytes())
            texts = _new_texts(places.library_dir / "library.db", known)
            _, bare = _timed(lambda texts=texts: embedder.embed(texts, "passage"))
            if number:
                bare_speeds.append(len(texts) / bare)
                speeds.append(len(texts) / whole)
                pages.append(BOOKS * PAGES_INDEXED / whole)
    embedded, indexed = statistics.median(bare_speeds), statistics.median(speeds)
    yield "passages embedded, bare", embedded, "passages/s"
    yield "passages indexed", indexed, "passages/s"
    yield "pages indexed", statistics.median(pages), "pages/s"
    yield "indexing as a part of the bare embedder's speed", indexed / embedded, ""
    yield "memory of all processes after indexing", peak / MIB, "MiB"


def _new_texts(library: Path, known: set[bytes]) -> list[str]:
    """What the model was given since the last time, heading and all; `known` has the digests."""
    with closing(sqlite3.connect(library)) as db:
        rows = db.execute(
            "SELECT p.digest, t.heading, t.text FROM passages p JOIN passage_texts t ON t.id = p.id"
        ).fetchall()
    new = {digest: embedded_text(heading, text) for digest, heading, text in rows if digest not in known}
    known.update(new)
    return list(new.values())


def _book(path: Path, count: int, seed: int = 0) -> Path:
    """A PDF of `count` pages, each with a sentence of its own, so that no passage is another's copy."""
    made: list[Page] = []
    guides = [page for name in ("museum", "museo") for page in _guide(name)]
    for number in range(count):
        page = guides[number % len(guides)]
        lines = [
            Line(line.x, line.y, f"{line.text} {seed} {number}" if n % 6 == 1 else line.text, line.size)
            for n, line in enumerate(page.lines)
        ]
        made.append(Page(lines))
    return write(path, made, "A book of guides")


def _report(path: Path, count: int, seed: int) -> Path:
    """A PDF of `count` pages as full as a report's: the guides' text without breaks, no paragraph twice."""
    text = "".join((DATA / f"{name}.source.md").read_text("utf-8") for name in ("museum", "museo"))
    found = (" ".join(block.split()) for block in text.replace("\n---\n", "").split("\n\n"))
    blocks = itertools.cycle(block for block in found if len(block) > 60)
    made: list[Page] = []
    for number in range(count):
        lines: list[Line] = []
        while len(lines) < LINES_OF_A_PAGE:
            words = f"{next(blocks)} Entry {seed}-{number}-{len(lines)}."
            lines += [Line(MARGIN, 0, line) for line in wrapped(words, 11, MEASURE)]
        made.append(Page([Line(MARGIN, 60 + 15 * n, line.text) for n, line in enumerate(lines)]))
    return write(path, made, "A report")


def _guide(name: str) -> list[Page]:
    return pages((DATA / f"{name}.source.md").read_text("utf-8"))[2]


# ── what is found ──


def _quality() -> Iterator[Row]:
    for one in sets.sets():
        yield from _measured(one)


def _measured(one: sets.Set) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as name, house() as (core, _):
        folder = sets.written(one.texts, Path(name) / "texts")
        core.index((str(folder),), "default").result(WAIT_S)
        found = {asked.question: _hits(core, asked.question) for asked in one.asked}
    score = sets.score(one.asked, lambda question: found[question])
    yield f"{one.name}: recall@5", score.recall, _beside(one.name, 0)
    yield f"{one.name}: nDCG@10", score.ndcg, _beside(one.name, 1)
    yield f"{one.name}: MRR", score.mrr, ""
    if one.name == "Cranfield":
        graded = sets.score(sets.cranfield(sets.graded).asked, lambda question: found[question])
        yield f"{one.name}: nDCG@10, graded", graded.ndcg, ""


def _hits(core: Services, question: str) -> list[str]:
    return [Path(hit.file).stem for hit in core.search(question, sets.HITS).result(WAIT_S)]


def _beside(name: str, which: int) -> str:
    """The figures of others, in the place of a unit."""
    others = zip(sets.BASELINE_NAMES, sets.BASELINES[name], strict=True)
    return "| " + ", ".join(f"{other} {figures[which]:.3f}" for other, figures in others if figures)


# ── how long a search takes, and how the library grows ──


def _speed() -> Iterator[Row]:
    embedder = load_embedder(Places.of().models / MODEL)
    before: dict[str, float] = {}
    for size in (int(text) for text in os.environ.get(SIZES, "1000,10000,100000").split(",")):
        figures = dict(_at(size, embedder))
        for name, value in figures.items():
            yield f"{size} passages: {name}", value, name.rsplit(", ", 1)[-1]
            if before.get(name, 0) > NEXT_TO_NOTHING:
                grown = f"{size} passages: {name.rsplit(', ', 1)[0]}, times the size before"
                yield grown, value / before[name], "x"
        before = figures


def _at(size: int, embedder: Embedder) -> Iterator[tuple[str, float]]:
    """Name and unit, value."""
    made = {"pages": 0}

    def fill(folder: Path) -> None:
        made["pages"] = synthetic.make(folder, size, embedder)

    with house(fill) as (core, places):
        asked = synthetic.questions(QUESTIONS)
        core.search(asked[0], 1).result(WAIT_S)  # starts the library, which builds the index
        _, took = _timed(lambda: wait_until(lambda: in_step(places.library_dir)))
        core.search(asked[0], 1).result(WAIT_S)
        yield "vector index built, s", took
        times: dict[str, list[float]] = {"whole": []}
        for question in asked:
            _, taken = _timed(lambda question=question: core.search(question).result(WAIT_S))
            times["whole"].append(1000 * taken)
        for question in asked[:: max(1, QUESTIONS // 40)]:
            for stage, ms in core.trace_search(question).result(WAIT_S).took_ms.items():
                times.setdefault(stage, []).append(ms)
        for stage, taken_ms in times.items():
            yield f"search p50: {stage}, ms", statistics.median(taken_ms)
        yield "search p95: whole, ms", statistics.quantiles(times["whole"], n=20)[-1]
        yield "memory of all processes, MiB", memory_bytes() / MIB
        by_pages = 1000 / made["pages"] / MIB
        chroma = folder_bytes(places.library_dir / "chroma")
        yield "library.db per 1,000 pages, MiB", (folder_bytes(places.library_dir) - chroma) * by_pages
        yield "vector index per 1,000 pages, MiB", chroma * by_pages


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    begun = time.perf_counter()
    result = work()
    return result, time.perf_counter() - begun
