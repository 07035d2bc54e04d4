"""Searching: by meaning and by words, fused, within a scope."""

import os
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from rag.embedding.embedder import Floats
from rag.errors import UnknownCollection, UnknownDocument
from rag.index import ChromaIndex, IndexFailed
from rag.language import content_words, guess_language
from rag.protocol import Filters, Found, Search
from rag.search.candidates import Weighed
from rag.search.fusion import fuse
from rag.search.ruler import Ruler
from rag.search.searcher import Searcher
from rag.search_tuning import Tuning
from rag.search_values import LanguageMatch, SearchTrace
from rag.store.queries import Queries
from rag.store.scope import Scope
from rag.store.search_queries import PassageRow
from tests.unit.rag.shelf import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path)
    shelf.index(
        shelf.write(
            [
                "The albatross is a large bird of the southern ocean.",
                "El albatros es un ave grande del océano del sur.",
                "A pelican has a large bill and lives near the coast.",
                "Nothing here but a list of numbers 17 18 19.",
            ]
        )
    )
    return shelf


class BrokenIndex:
    def nearest(self, *_: object) -> list[int]:
        raise IndexFailed("panic")


def searcher(shelf: Shelf, index: object = None) -> Searcher:
    def embed(question: str) -> tuple[str, Floats]:
        return shelf.embedder.fingerprint, shelf.embedder.embed((question,), "query")[0]

    distrusted: list[bool] = []
    made = Searcher(
        Queries(shelf.folder / "library.db"),
        embed,
        lambda _: index,  # type: ignore[arg-type, return-value]
        lambda _: distrusted.append(True),
        lambda texts: shelf.embedder.embed(texts, "passage"),
    )
    made.distrusted = distrusted  # type: ignore[attr-defined]
    return made


def test_the_score_is_the_cosine_between_question_and_passage(shelf: Shelf) -> None:
    question = "Where is the albatross found?"
    (hit, *_) = searcher(shelf).search(Search(question)).hits
    vectors = shelf.embedder.embed((question, hit.text), "query")
    assert hit.text.startswith("The albatross")
    assert hit.score == pytest.approx(float(vectors[0] @ vectors[1]), abs=1e-5)


def test_words_are_found_without_their_accents(shelf: Shelf) -> None:
    hits = searcher(shelf).search(Search("oceano", 2)).hits
    assert any("océano" in hit.text for hit in hits)


@pytest.mark.parametrize(
    "question", ["", "   ", '"', "a AND (b OR", "NEAR(x y", "col:x", "*", "¿?", "x" * 5000, "\x00"]
)
def test_no_question_is_an_error(question: str, shelf: Shelf) -> None:
    assert len(searcher(shelf).search(Search(question, 3)).hits) <= 3


def test_an_empty_library_is_not_asked_for_vectors(tmp_path: Path) -> None:
    empty = Shelf(tmp_path / "empty")
    assert searcher(empty).search(Search("anything")).hits == ()
    assert empty.embedder.calls == 0


def test_an_index_that_fails_is_distrusted_and_every_vector_compared(shelf: Shelf) -> None:
    broken = searcher(shelf, BrokenIndex())
    exact = searcher(shelf).search(Search("large bird", 4))
    assert broken.search(Search("large bird", 4)) == exact
    assert broken.distrusted == [True]  # type: ignore[attr-defined]


def test_scopes_by_name_and_number(shelf: Shelf) -> None:
    queries = Queries(shelf.folder / "library.db")
    assert queries.scope(("default",), (3,)) == Scope((1,), (3,))
    with pytest.raises(UnknownCollection):
        queries.scope(("none",), ())
    hits = searcher(shelf).search(Search("large bill", 5, documents=(3,))).hits
    assert [hit.document for hit in hits] == [3]
    with pytest.raises(UnknownDocument):
        queries.locate(1, 2, 0, 5)


def test_the_same_text_from_two_collections_is_one_hit(shelf: Shelf) -> None:
    shelf.index(shelf.folder / "files" / "doc0.txt", collection="again")
    hits = searcher(shelf).search(Search("albatross", 9)).hits
    assert sorted(hit.text for hit in hits) == sorted({hit.text for hit in hits})


def test_the_index_and_the_exact_search_agree(shelf: Shelf) -> None:
    writer = shelf.writer
    index = ChromaIndex(shelf.folder / "chroma", shelf.embedder.fingerprint)
    model = writer.known_model(shelf.embedder.fingerprint)
    assert model is not None
    index.add(writer.vectors_of(model, sorted(writer.seen_passages(model))))
    question = Search("a large bird near the ocean", 4)
    assert searcher(shelf, index).search(question) == searcher(shelf).search(question)


def test_languages_are_told_apart_by_their_commonest_words() -> None:
    assert guess_language("How much does a ticket cost?") == "en"
    assert guess_language("¿Cuánto cuesta la entrada?") == "es"
    assert guess_language("Where is the museum and when does it open") == "en"
    assert guess_language("dónde está el museo y cuándo abre") == "es"
    assert guess_language("17 18 19") == ""


def test_the_commonest_words_are_not_looked_for_unless_there_is_nothing_else() -> None:
    assert content_words("How much does the ticket cost?") == ["ticket", "cost"]
    assert content_words("to be or not to be") == ["to", "be", "or", "not"]


E5 = Ruler(0.75)


def weighed(
    number: int, cosine: float | None, bm25: float = 0.0, language: LanguageMatch = "same"
) -> Weighed:
    row = PassageRow(number, 1, "f", "t", 1, 0, 1, "x", "", "en", bytes([number]), None)
    item = Weighed(row, language)
    item.cosine, item.bm25 = cosine, bm25
    return item


def order_of(*candidates: Weighed) -> list[int]:
    return [item.row.id for item in fuse(candidates, E5)]


def test_what_meaning_and_words_both_speak_for_comes_first() -> None:
    assert order_of(weighed(1, 0.84), weighed(2, 0.83), weighed(3, 0.82, 5.0), weighed(9, 0.7, 5.0))[0] == 3


def test_words_of_another_language_weigh_little() -> None:
    near, far = weighed(1, 0.84), (0.81, 5.0)
    assert order_of(near, weighed(2, *far, "same")) == [2, 1]
    assert order_of(near, weighed(2, *far, "other")) == [1, 2]


def test_what_is_not_embedded_yet_is_ranked_by_its_words() -> None:
    assert order_of(weighed(4, None, 5.0), weighed(5, None, 2.0)) == [4, 5]
    assert order_of(weighed(1, 0.8), weighed(2, 0.8, 1.0), weighed(4, None, 5.0))[0] == 4


def test_a_passage_like_the_good_ones_is_drawn_up_towards_them() -> None:
    def embedded(number: int, cosine: float, *direction: float) -> Weighed:
        item = weighed(number, cosine)
        vector = np.array(direction, dtype="<f4")
        item.row = item.row._replace(vector=(vector / np.linalg.norm(vector)).tobytes())
        return item

    good = [embedded(1, 0.9, 1, 0.3, 0), embedded(2, 0.9, 1, 0, 0.3)]
    like, unlike = embedded(4, 0.8, 1, 0, 0), [embedded(3, 0.81, 0, 1, 0), embedded(5, 0.7, 0, 0, 1)]
    order = fuse([like, *unlike, *good], E5)
    assert [item.row.id for item in order] == [1, 2, 4, 3, 5]
    assert [item.fused_rank for item in order] == [1, 2, 3, 4, 5]


def trace_of(found: Found) -> SearchTrace:
    assert found.trace is not None
    return found.trace


def test_a_trace_tells_every_candidate_and_its_fate(shelf: Shelf) -> None:
    found = searcher(shelf).search(Search("large bird", 1, trace=True))
    trace = trace_of(found)
    assert [one.passage for one in trace.candidates if one.fate == "kept"] == [found.hits[0].passage]
    assert len(trace.candidates) == trace.passages == 4
    assert {one.fate for one in trace.candidates[1:]} <= {"budget", "floor"}
    assert trace.words == ("large", "bird")
    assert trace.exact
    assert set(trace.took_ms) >= {"embedding", "meaning", "words", "reading", "choosing"}
    assert found.hits[0].evidence == trace.candidates[0].evidence
    assert searcher(shelf).search(Search("large bird", 1)).trace is None


def test_why_a_passage_was_not_found_is_told(shelf: Shelf) -> None:
    def fate(number: int, request: Search) -> str:
        about = trace_of(searcher(shelf).search(replace(request, trace=True, about=number))).about
        assert about is not None
        assert about.passage == number
        return about.fate

    question = Search("large bird", 1)
    assert fate(1, question) == "kept"
    assert fate(2, question) in ("budget", "floor")
    assert fate(2, replace(question, documents=(1,))) == "outside"
    assert fate(999, question) == "gone"


def test_what_is_neither_near_nor_has_the_words_is_far(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.index(shelf.write(["Numbers 17 18."], "a"))  # the first passage of all
    shelf.index(shelf.write([f"The bird number {n} is a bird." for n in range(120)]))
    searching = searcher(shelf)
    trace = trace_of(searching.search(Search("bird", 1, trace=True, about=1)))
    assert trace.about is not None
    assert trace.about.fate == "far"
    assert trace.about.evidence.cosine is not None
    assert trace.about.evidence.words_share == 0


def test_pages_and_dates_keep_out_what_lies_outside(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    folder = shelf.write(["An old bird."], "old")
    os.utime(folder / "old0.txt", (1_000_000, 1_000_000))
    (folder / "new.html").write_text("<h1>One</h1><p>A new bird.</p>", "utf-8")
    shelf.index(folder)

    def found(**filters: float) -> set[str]:
        hits = searcher(shelf).search(Search("bird", 9, filters=Filters(**filters))).hits  # type: ignore[arg-type]
        return {Path(hit.file).name for hit in hits}

    assert found() == {"old0.txt", "new.html"}
    assert found(since=2_000_000) == {"new.html"}
    assert found(until=2_000_000) == {"old0.txt"}
    assert found(first_page=1, last_page=1) == {"old0.txt", "new.html"}
    assert found(first_page=2) == set()


class Unaware:
    """An index that knows nothing of pages and dates, and gives the nearest of all."""

    def __init__(self, order: list[int]) -> None:
        self.order = order

    def nearest(self, _vector: Floats, _scope: Scope, most: int) -> list[int]:
        return self.order[:most]


def test_an_index_that_does_not_know_a_filter_is_asked_for_more_or_left_aside(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.search.searcher.SMALL_SCOPE", 0)
    os.utime(shelf.folder / "files" / "doc0.txt", (1_000_000, 1_000_000))
    again = Shelf(shelf.folder / "again")
    again.index(shelf.folder / "files")
    request = Search("large bird", 4, filters=Filters(since=2_000_000), tuning=Tuning(floor=0.0))

    def found(index: Unaware | None) -> set[int]:
        return {hit.passage for hit in searcher(again, index).search(request).hits}

    assert found(None) == found(Unaware([1, 3, 2, 4])) == found(Unaware([1])) == {2, 3, 4}


def test_a_hit_that_was_cut_inside_a_sentence_shows_the_whole_sentence(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    long = "The heron, " + "which wades, " * 62 + "eats a zebrafish " + "and rests, " * 40 + "at dusk."
    shelf.index(shelf.write([long]))
    (hit,) = searcher(shelf).search(Search("zebrafish", 1)).hits
    page = Queries(shelf.folder / "library.db").locate(hit.document, hit.page, hit.start, hit.end).page_text
    assert hit.text == page[hit.start : hit.end] == long


def test_a_scope_that_leaves_nothing_out_asks_the_index_for_everything(shelf: Shelf) -> None:
    asked: list[Scope] = []

    class Recording:
        def nearest(self, _vector: Floats, scope: Scope, _most: int) -> list[int]:
            asked.append(scope)
            return [1, 2, 3, 4]

    assert searcher(shelf, Recording()).search(Search("pelican", 3, ("default",))).hits
    assert asked == [Scope()]
    assert searcher(shelf, Recording()).search(Search("pelican", 3, ("default",), (1,))).hits
    assert asked == [Scope()]  # a small part of the library is compared exactly


def test_a_wide_scope_is_looked_for_among_the_nearest_of_all_and_with_its_filter_where_too_few_are_in_it(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.search.searcher.SMALL_SCOPE", 0)
    monkeypatch.setattr("rag.search.searcher.CANDIDATES", 2)
    (shelf.folder / "files" / "doc9.txt").write_text("A heron.", "utf-8")
    shelf.index(shelf.folder / "files")
    asked: list[Scope] = []

    class Recording:
        def __init__(self, among_all: list[int]) -> None:
            self.among_all = among_all

        def nearest(self, _vector: Floats, scope: Scope, _most: int) -> list[int]:
            asked.append(scope)
            return self.among_all if scope.everything else [2, 1]

    def found(among_all: list[int]) -> list[Scope]:
        asked.clear()
        assert searcher(shelf, Recording(among_all)).search(Search("bird", 1, (), documents)).hits
        return list(asked)

    documents = tuple(range(1, 5))
    inside, outside = Scope(documents=documents), 5
    assert found([outside, 1, 2]) == [Scope()]
    assert found([outside, 1]) == [Scope(), inside]
