"""The core's methods that find passages: each asks the library's process."""

from desktop.core.answers.tuning import tuning_of
from desktop.core.errors import Unexpected
from desktop.core.operations import Operation, start
from desktop.core.services.scoring import ScoringServices
from desktop.core.settings import Settings
from desktop.core.workers.library import LibraryClient
from rag.protocol import Filters, Hit, Search, SearchTrace


class RetrievalServices(ScoringServices):
    """What `Services` inherits. Its methods are described in `desktop.core.contract.retrieval`."""

    _library: LibraryClient
    _settings: Settings

    def search(
        self,
        query: str,
        k: int = 5,
        collections: tuple[str, ...] = (),
        documents: tuple[int, ...] = (),
        filters: Filters = Filters(),  # noqa: B008  a frozen value
    ) -> Operation[tuple[Hit, ...]]:
        request = Search(query, k, collections, documents, filters, tuning=tuning_of(self._settings.value))
        return start(lambda operation: self._library.search(request, operation).hits, "search")

    def trace_search(
        self,
        query: str,
        k: int = 5,
        collections: tuple[str, ...] = (),
        documents: tuple[int, ...] = (),
        filters: Filters = Filters(),  # noqa: B008  a frozen value
        about: int = 0,
    ) -> Operation[SearchTrace]:
        tuning = tuning_of(self._settings.value)
        request = Search(query, k, collections, documents, filters, trace=True, about=about, tuning=tuning)

        def work(operation: Operation[SearchTrace]) -> SearchTrace:
            trace = self._library.search(request, operation).trace
            if trace is None:
                raise Unexpected("the library told no trace")
            return trace

        return start(work, "trace a search")
