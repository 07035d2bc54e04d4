"""The retrieval part of the fake core: two excerpts of a sample page for any question but "nothing"."""

from collections.abc import Callable
from typing import Any

from desktop.core.operations import Operation
from rag.protocol import Filters, Hit, SearchTrace
from rag.search_values import Candidate, Evidence, Fate
from tests.fakes.chats import folded
from tests.fakes.samples import excerpt
from tests.fakes.scoring import FakeScoring

FOUND = (excerpt(1), excerpt(2, 2, 3))


class FakeRetrieval(FakeScoring):
    """What FakeCore inherits."""

    _now: Callable[..., Operation[Any]]

    def search(
        self,
        query: str,
        k: int = 5,
        collections: tuple[str, ...] = (),
        documents: tuple[int, ...] = (),
        filters: Filters = Filters(),  # noqa: B008  a frozen value
    ) -> Operation[tuple[Hit, ...]]:
        def work() -> tuple[Hit, ...]:
            found = () if folded(query).strip() == "nothing" else FOUND
            return tuple(
                Hit(
                    e.passage, e.document, e.file, e.title, e.page, e.start, e.end, e.text, e.heading, e.score
                )
                for e in found[:k]
            )

        return self._now("search", work, query, k, collections, documents, filters)

    def trace_search(
        self,
        query: str,
        k: int = 5,
        collections: tuple[str, ...] = (),
        documents: tuple[int, ...] = (),
        filters: Filters = Filters(),  # noqa: B008  a frozen value
        about: int = 0,
    ) -> Operation[SearchTrace]:
        def work() -> SearchTrace:
            found = () if folded(query).strip() == "nothing" else FOUND
            candidates = tuple(_candidate(rank, k) for rank in range(1, len(found) + 1))
            explained = next((one for one in candidates if one.passage == about), None)
            gone = Candidate(about, 0, "", "", 0, 0, 0, "", "", Evidence(), "gone")
            return SearchTrace(
                query,
                tuple(query.lower().split()),
                "en",
                "fake",
                9,
                True,
                0.05,
                candidates,
                (explained or gone) if about else None,
            )

        return self._now("trace_search", work, query, k, collections, documents, filters, about)


def _candidate(rank: int, k: int) -> Candidate:
    e = FOUND[rank - 1]
    evidence = Evidence(e.score, rank, rank, 0.8 / rank, "same", 9.0 - rank, rank, None, 0.9 / rank)
    fate: Fate = "kept" if rank <= k else "budget"
    return Candidate(
        e.passage,
        e.document,
        e.file,
        e.title,
        e.page,
        e.start,
        e.end,
        e.heading,
        e.text[:40],
        evidence,
        fate,
    )
