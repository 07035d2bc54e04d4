"""Searching: by meaning and by words, fused, within a scope."""

from pathlib import Path

import pytest

from rag.embedding.embedder import Floats
from rag.errors import UnknownCollection, UnknownDocument
from rag.index import ChromaIndex, IndexFailed
from rag.language import content_words, guess_language
from rag.protocol import Search
from rag.search.fusion import fuse
from rag.search.searcher import Searcher
from rag.store.queries import Queries, Scope
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
    )
    made.distrusted = distrusted  # type: ignore[attr-defined]
    return made


def test_the_score_is_the_cosine_between_question_and_passage(shelf: Shelf) -> None:
    question = "Where does the albatross live?"
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
    hits = searcher(shelf).search(Search("albatross", 5, documents=(3,))).hits
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


def test_fusion_prefers_what_both_rankings_hold_and_weighs_words() -> None:
    assert fuse([1, 2, 3], [3, 9], {3: 1.0, 9: 1.0})[0] == 3
    assert fuse([1, 2], [9, 1], {9: 0.1, 1: 0.1}) == [1, 2, 9]
    assert fuse([], [4, 5], {4: 1.0, 5: 1.0}) == [4, 5]
