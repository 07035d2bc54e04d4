"""The documents part of the fake core: a list of values, indexing that a test drives, pages drawn by hand."""

from collections.abc import Callable, Iterator
from typing import Any

from desktop.core.errors import CoreError
from desktop.core.events import CoreEvent, DocumentsChanged, LibraryStatus
from desktop.core.operations import Operation
from desktop.core.operations import start as begin
from desktop.core.passwords import Unlock
from desktop.core.workers.search_models import SearchModelFile
from rag.protocol import DocumentInfo, IndexDone, Located, PageBitmap
from tests.fakes.collections import FakeCollections
from tests.fakes.jobs import FakeIndexing, play_indexing
from tests.fakes.page import PAGES
from tests.fakes.samples import MUSEUM, page_text, span_boxes

SEARCH_MODELS = (
    SearchModelFile("/models/embeddings/minilm", "minilm", "sentence-transformers", 90 << 20),
    SearchModelFile("/models/embeddings/e5-small", "e5-small", "onnx", 118 << 20, default=True),
    SearchModelFile("/models/embeddings/e5-small.gguf", "e5-small", "gguf", 74 << 20),
)


class FakeDocuments(FakeCollections):
    """What FakeCore inherits; the rest of it stands there."""

    automatic: bool
    has_keyring = True
    documents: list[DocumentInfo]
    indexings: list[FakeIndexing]
    painter: Callable[[int, int], PageBitmap]
    tell: Callable[[CoreEvent], None]
    _now: Callable[..., Operation[Any]]
    _note: Callable[..., None]
    _numbers: "Iterator[int]"

    def index(
        self, paths: tuple[str, ...], collection: str, unlock: Unlock | None = None
    ) -> Operation[IndexDone]:
        def ended(added: tuple[DocumentInfo, ...]) -> None:
            names = {info.file for info in added}
            self.documents = [info for info in self.documents if info.file not in names] + list(added)
            self.tell(DocumentsChanged())
            self.tell(LibraryStatus("ready"))

        indexing = FakeIndexing(paths, collection, lambda: next(self._numbers), ended, unlock=unlock)
        try:
            self._note("index", paths, collection)
        except CoreError as error:
            indexing.operation.fail(error)
            return indexing.operation
        self.indexings.append(indexing)
        self.tell(LibraryStatus("indexing"))
        if self.automatic:
            play_indexing(indexing)
        return indexing.operation

    def can_keep_passwords(self) -> Operation[bool]:
        return self._now("can_keep_passwords", lambda: self.has_keyring)

    def list_documents(self, collection: str | None = None) -> Operation[tuple[DocumentInfo, ...]]:
        def work() -> tuple[DocumentInfo, ...]:
            return tuple(info for info in self.documents if collection in (None, info.collection))

        return self._now("list_documents", work, collection)

    def list_search_models(self) -> Operation[tuple[SearchModelFile, ...]]:
        return self._now("list_search_models", lambda: SEARCH_MODELS)

    def locate(self, document: int, page: int, start: int, end: int) -> Operation[Located]:
        def work() -> Located:
            infos = [info for info in self.documents if info.document == document]
            file, title = (infos[0].file, infos[0].title) if infos else (MUSEUM, "Museum of the Sea")
            paged = file.endswith(".pdf")
            boxes = span_boxes(start, end) if paged else ()
            return Located(file, title, PAGES if paged else 1, page, page_text(), boxes)

        return self._now("locate", work, document, page, start, end)

    def render_page(self, file: str, page: int, width_px: int) -> Operation[PageBitmap]:
        def work(_: Operation[PageBitmap]) -> PageBitmap:
            self._note("render_page", file, page, width_px)
            return self.painter(page, width_px)

        return begin(work, "fake page")
