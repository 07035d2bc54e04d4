"""When a question counts as not answered by the documents."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, cast

import pytest

from desktop.core.answers.lookup import LEAST_ACROSS, LEAST_CONFIDENCE, Asked, Lookup
from desktop.core.errors import Cancelled
from desktop.core.operations import Operation
from desktop.core.replies.jobs import EngineJobs
from desktop.core.settings import Settings
from desktop.core.workers.library import LibraryClient
from rag.protocol import CollectionInfo, Found, Hit, Search
from rag.search_values import Evidence

QUESTION = "How much does a ticket for the museum cost?"


class OneHit:
    """A library whose only passage has this evidence."""

    def __init__(self, evidence: Evidence, *collections: CollectionInfo) -> None:
        self._collections = collections
        self._hit = Hit(1, 1, "/m.pdf", "m", 3, 0, 5, "seven", "", 0.9, evidence)

    def search(self, request: Search, operation: Operation[Any]) -> Found:
        return Found((self._hit,))

    def collections(self) -> tuple[CollectionInfo, ...]:
        return self._collections


def no_model(_: Operation[Any]) -> AbstractContextManager[EngineJobs]:
    raise Cancelled


def found(folder: Path, evidence: Evidence, question: str = QUESTION, *, say: bool = True) -> int:
    settings = Settings(folder / "settings.json")
    settings.set("say_nothing_found", say)
    lookup = Lookup(cast("LibraryClient", OneHit(evidence)), settings, no_model)
    return len(lookup.find(Asked(question, ("default",)), Operation()).excerpts)


@pytest.mark.parametrize(
    ("language", "least"),
    [("same", LEAST_CONFIDENCE), ("unknown", LEAST_CONFIDENCE), ("other", LEAST_ACROSS)],
)
def test_below_the_floor_of_its_language_nothing_is_found(
    tmp_path: Path, language: str, least: float
) -> None:
    under = Evidence(language=language, confidence=least - 0.01)  # type: ignore[arg-type]
    above = Evidence(language=language, confidence=least + 0.01)  # type: ignore[arg-type]
    assert found(tmp_path, under) == 0
    assert found(tmp_path, above) == 1


def test_a_summary_the_setting_and_evidence_that_nobody_gave_let_it_pass(tmp_path: Path) -> None:
    under = Evidence(cosine=0.7, confidence=0.01)
    assert found(tmp_path, under, "What is this document about?") == 1
    assert found(tmp_path, under, say=False) == 1
    assert found(tmp_path, Evidence()) == 1


def test_while_documents_are_still_being_indexed_an_answer_says_from_how_many_it_is(tmp_path: Path) -> None:
    library = OneHit(
        Evidence(),
        CollectionInfo("museums", 3, 20, indexing=2),
        CollectionInfo("recipes", 9, 90, indexing=9),
        CollectionInfo("letters", 4, 30),
    )
    lookup = Lookup(cast("LibraryClient", library), Settings(tmp_path / "settings.json"), no_model)
    found = lookup.find(Asked(QUESTION, ("museums", "letters")), Operation())
    assert (found.read, found.documents, found.indexing) == (7, 9, 2)
    found = lookup.find(Asked(QUESTION, ("letters",)), Operation())
    assert (found.read, found.documents, found.indexing) == (0, 0, 0)
