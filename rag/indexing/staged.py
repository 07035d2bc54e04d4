"""A vector index that is filled beside the one in use, some passages at a time. Takes nobody's place."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rag.index.chroma import ChromaIndex
from rag.indexing.space import check_space, index_bytes
from rag.store.values import PassageVector
from rag.store.writer import LibraryWriter

PASSAGES_PER_STEP = 1000
_PASSAGES_PER_READ = 500
_PASSAGES_PER_ADD = 250  # questions go in between; fewer take longer each


class StagedIndex:
    """Belongs to the indexing thread. `index` holds everything when `step` has said so."""

    def __init__(
        self,
        index: ChromaIndex,
        writer: LibraryWriter,
        model: int,
        folder: Path,
        give_way: Callable[[], None] = lambda: None,
    ) -> None:
        """`give_way` lets a question go first."""
        self._give_way = give_way
        self.index = index
        self._writer = writer
        self._model = model
        self._folder = folder
        self._missing: list[int] | None = None  # None: to be compared
        self._total = 0

    @property
    def progress(self) -> tuple[int, int]:
        """Passages that it holds, of all."""
        return self._total - len(self._missing or ()), self._total

    @property
    def complete(self) -> bool:
        return self._missing == []

    def changed(self) -> None:
        """The library has changed: what it holds is compared anew."""
        self._missing = None

    def step(self) -> bool:
        """Bring some passages in; whether it holds them all. Raises IndexFailed or DiskFull."""
        if self._missing is None:
            wanted, held = self._writer.seen_passages(self._model), self.index.ids()
            self.index.delete(held - wanted)
            self._missing, self._total = sorted(wanted - held), len(wanted)
        some = self._missing[:PASSAGES_PER_STEP]
        add_to(self.index, self._writer, self._model, some, self._folder, self._give_way)
        self._missing = self._missing[PASSAGES_PER_STEP:]
        return not self._missing


def add_to(
    index: ChromaIndex,
    writer: LibraryWriter,
    model: int,
    passages: Sequence[int],
    folder: Path,
    give_way: Callable[[], None] = lambda: None,
) -> None:
    """Bring these passages into an index, while there is room: a full disk has cost Chroma its vectors.

    Raises IndexFailed or DiskFull.
    """
    for first in range(0, len(passages), PASSAGES_PER_STEP):
        some = passages[first : first + PASSAGES_PER_STEP]
        vectors = list(vectors_of(writer, model, some))
        if vectors:
            check_space(folder, index_bytes(len(vectors), len(vectors[0].vector)))
            for portion in range(0, len(vectors), _PASSAGES_PER_ADD):
                give_way()
                index.add(vectors[portion : portion + _PASSAGES_PER_ADD])


def vectors_of(writer: LibraryWriter, model: int, passages: Sequence[int]) -> Iterator[PassageVector]:
    for first in range(0, len(passages), _PASSAGES_PER_READ):
        yield from writer.vectors_of(model, passages[first : first + _PASSAGES_PER_READ])
