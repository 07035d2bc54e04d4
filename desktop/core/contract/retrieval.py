"""What may be asked of the core about finding passages, and about why one was found or not."""

from typing import Protocol

from desktop.core.contract.scoring import ScoringCore
from desktop.core.operations import Operation
from rag.protocol import Filters, Hit, SearchTrace


class RetrievalCore(ScoringCore, Protocol):
    """The part of `desktop.core.contract.Core` for searching the library."""

    def search(
        self,
        query: str,
        k: int = 5,
        collections: tuple[str, ...] = (),
        documents: tuple[int, ...] = (),
        filters: Filters = Filters(),  # noqa: B008  a frozen value
    ) -> Operation[tuple[Hit, ...]]:
        """The `k` best places for a question, best first, each with its evidence; fewer where no more is
        relevant. Empty collections, documents and filters mean everything. Ends in UnknownCollection."""
        ...

    def trace_search(
        self,
        query: str,
        k: int = 5,
        collections: tuple[str, ...] = (),
        documents: tuple[int, ...] = (),
        filters: Filters = Filters(),  # noqa: B008  a frozen value
        about: int = 0,
    ) -> Operation[SearchTrace]:
        """The same search, told in full: every passage that was looked at, and why it was kept or cut.

        `about` is the number of a passage to explain, whether it was looked at or not; 0: none.
        """
        ...
