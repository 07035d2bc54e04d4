"""What a reranker makes of an order, and how a search goes on without one."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from rag.embedding.embedder import Floats
from rag.errors import Cancelled, Forwarded, RerankerDamaged, RerankerError, RerankerSlow
from rag.protocol import Search
from rag.search import reranking
from rag.search.reranking import RerankerPort, Scores
from rag.search.searcher import Searcher
from rag.search_tuning import Reranked, RerankTexts, Tuning
from rag.search_values import SearchTrace
from rag.store.queries import Queries
from tests.unit.rag.shelf import Shelf

BIRDS = ("The albatross eats squid.", "A heron eats fish.", "The albatross and the heron are birds.")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path)
    for number, text in enumerate(BIRDS):
        shelf.index(shelf.write([text], f"bird{number}"))
    return shelf


def searching(shelf: Shelf, scores: Scores | None) -> Searcher:
    def embed(question: str) -> tuple[str, Floats]:
        return shelf.embedder.fingerprint, shelf.embedder.embed((question,), "query")[0]

    return Searcher(
        Queries(shelf.folder / "library.db"),
        embed,
        lambda _: None,
        lambda _: None,
        lambda texts: shelf.embedder.embed(texts, "passage"),
        scores,
    )


def found(shelf: Shelf, scores: Scores | None, *, rerank: bool = True) -> tuple[list[str], SearchTrace]:
    asked = Search("albatross heron", 3, trace=True, tuning=Tuning(rerank=rerank))
    answer = searching(shelf, scores).search(asked)
    assert answer.trace is not None
    return [hit.text for hit in answer.hits], answer.trace


def by_length(_question: str, texts: Sequence[str]) -> tuple[list[float], str]:
    """A reranker that likes short texts."""
    return [-float(len(text)) for text in texts], "short-first"


def test_what_was_found_stands_in_the_order_of_the_reranker(shelf: Shelf) -> None:
    texts, trace = found(shelf, by_length)
    assert texts == sorted(BIRDS, key=len)
    assert (trace.reranker, trace.reranker_problem) == ("short-first", None)
    assert [one.evidence.reranked for one in trace.candidates] == [-float(len(text)) for text in texts]


def test_it_is_not_asked_where_nobody_wants_it(shelf: Shelf) -> None:
    def never(*_: object) -> tuple[list[float], str]:
        raise AssertionError

    texts, trace = found(shelf, never, rerank=False)
    assert texts[0] == BIRDS[2]
    assert trace.reranker == ""


def test_without_it_the_search_keeps_its_own_order_and_says_why(shelf: Shelf) -> None:
    def broken(*_: object) -> tuple[list[float], str]:
        raise Forwarded(RerankerDamaged(path="/models/r").info())

    plain, _ = found(shelf, None, rerank=False)
    texts, trace = found(shelf, broken)
    assert texts == plain
    assert trace.reranker_problem == RerankerDamaged(path="/models/r").info()
    assert all(one.evidence.reranked is None for one in trace.candidates)


def test_a_search_that_is_taken_back_while_it_waits_ends(shelf: Shelf) -> None:
    def leaving(*_: object) -> tuple[list[float], str]:
        raise Forwarded(Cancelled().info())

    with pytest.raises(Forwarded):
        found(shelf, leaving)


def port_that_answers(make: "type[Reranked] | object") -> RerankerPort:
    port: RerankerPort

    def send(request: RerankTexts) -> None:
        port.answer(make(request))  # type: ignore[operator]

    port = RerankerPort(send)
    return port


def test_the_port_hands_scores_and_errors_on_as_they_came() -> None:
    port = port_that_answers(lambda request: Reranked(request.call, (1.0, 2.0), "r"))
    assert port.scores("q", ["a", "b"]) == ([1.0, 2.0], "r")
    with pytest.raises(RerankerError):
        port.scores("q", ["a"])
    error = RerankerDamaged(path="/r").info()
    with pytest.raises(Forwarded) as refusal:
        port_that_answers(lambda request: Reranked(request.call, error=error)).scores("q", ["a"])
    assert refusal.value.info() == error


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = RerankerPort(lambda _: None)
    with pytest.raises(Cancelled):
        silent.scores("q", ["a"], lambda: True)
    monkeypatch.setattr(reranking, "LONGEST_WAIT_S", 0.0)
    with pytest.raises(RerankerSlow):
        silent.scores("q", ["a"])
