"""A library of any size, made from a seed: pages of invented words, vectors spread as a real model's are."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.random import Generator

from rag.embedding.embedder import Embedder, Floats, normalized
from rag.language import ENGLISH
from rag.protocol import PageRead
from rag.reading.files import FileState
from rag.search.ruler import UNRELATED
from rag.store.opening import DATABASE
from rag.store.values import NewPassage, digest_of
from rag.store.writer import LibraryWriter

SEED = 7
WORDS = 30_000
PASSAGE_WORDS = 130
PASSAGES_PER_PAGE = 3
PAGES_PER_DOCUMENT = 100
_COMMON_SHARE = 0.4  # of a text's words, as in prose
_PER_CLUSTER = 40  # passages about the same thing
_TOGETHER, _APART = 0.75, 0.55  # of a vector: what its cluster shares, and its own


def vocabulary(random: Generator) -> list[str]:
    """Invented words, the commonest first and shortest."""
    starts = np.array([*"bcdfglmnprstvz", "tr", "pl", "st", "gr"])
    vowels = np.array([*"aeiou"])
    words: dict[str, None] = {}
    while len(words) < WORDS:
        syllables = 2 + len(words) * 3 // WORDS
        words["".join(random.choice(starts) + random.choice(vowels) for _ in range(syllables + 1))] = None
    return list(words)


def _shares() -> Floats:
    """(words,): how common each word is (Zipf's law, in Mandelbrot's form)."""
    shares = 1 / (np.arange(WORDS) + 10.0)
    return np.asarray(shares / shares.sum())


def questions(count: int, seed: int = SEED) -> list[str]:
    """Of the library's own words, four to seven of them among common ones."""
    random = np.random.default_rng(seed)
    words = vocabulary(random)
    asked = np.random.default_rng(seed + 1)
    places = asked.choice(WORDS, (count, 7), p=_shares())
    lengths = asked.integers(4, 8, count)
    return [
        "What is the " + " of the ".join(words[place] for place in row[:length]) + " and how does it work?"
        for row, length in zip(places, lengths, strict=True)
    ]


def make(folder: Path, passages: int, embedder: Embedder, seed: int = SEED) -> int:
    """Fill library.db in `folder`; gives the number of pages. The vector index is built when it is opened."""
    random = np.random.default_rng(seed)
    words = np.array(vocabulary(random))
    common = np.array(sorted(ENGLISH))
    writer = LibraryWriter(folder / DATABASE)
    try:
        model = writer.model(embedder.fingerprint, embedder.dimensions)
        collection = writer.collection("default")
        vectors = _vectors(passages, embedder, random)
        pages = 0
        per_document = PASSAGES_PER_PAGE * PAGES_PER_DOCUMENT
        for first in range(0, passages, per_document):
            count = min(per_document, passages - first)
            pages += _document(
                writer, collection, model, f"/made/{first}.pdf", _texts(count, words, common, random),
                vectors[first : first + count],
            )  # fmt: skip
        writer.take_over(embedder.fingerprint, "")
        writer.set_fact("complete", str(model))
    finally:
        writer.close()
    return pages


def _texts(count: int, words: "np.ndarray", common: "np.ndarray", random: Generator) -> list[str]:  # type: ignore[type-arg]
    telling = words[random.choice(len(words), (count, PASSAGE_WORDS), p=_shares())]
    filling = common[random.integers(0, len(common), (count, PASSAGE_WORDS))]
    mixed = np.where(random.random((count, PASSAGE_WORDS)) < _COMMON_SHARE, filling, telling)
    return [" ".join(row).capitalize() + "." for row in mixed]


def _vectors(count: int, embedder: Embedder, random: Generator) -> Floats:
    """(count, dimensions), unit length: around what the model's texts have in common, in clusters."""
    real = embedder.embed(UNRELATED, "passage")
    middle = real.mean(axis=0)
    spread = float(np.linalg.norm(real - middle, axis=1).mean())

    def directions(rows: int) -> Floats:
        return normalized(random.standard_normal((rows, embedder.dimensions)).astype(np.float32))

    centres = directions(max(1, count // _PER_CLUSTER))
    shared = centres[random.integers(0, len(centres), count)]
    return normalized(middle + spread * (_TOGETHER * shared + _APART * directions(count)))


def _document(
    writer: LibraryWriter, collection: int, model: int, path: str, texts: list[str], vectors: Floats
) -> int:
    writer.queue(collection, [path])
    document = writer.document(collection, path)
    assert document is not None
    generation = writer.begin(document)
    cut = [_page(number, some) for number, some in enumerate(_by_page(texts), 1)]
    writer.add_pages(document.id, generation, cut)
    digests = [passage.digest for _, passages in cut for passage in passages]
    writer.store_vectors(
        model, ((digest, vector.tobytes()) for digest, vector in zip(digests, vectors, strict=True))
    )
    writer.finish(document, generation, path, FileState(1, 1.0, path), 0, "en")
    return len(cut)


def _by_page(texts: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(texts), PASSAGES_PER_PAGE):
        yield texts[first : first + PASSAGES_PER_PAGE]


def _page(number: int, texts: list[str]) -> tuple[PageRead, list[NewPassage]]:
    passages, start = [], 0
    for text in texts:
        passages.append(NewPassage(start, start + len(text), "", "en", digest_of("", text)))
        start += len(text) + 1
    return PageRead(number, "\n".join(texts), b"", "pdfium"), passages
