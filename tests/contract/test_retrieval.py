"""What every core tells about a search: hits with evidence, and a trace of how it came to them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.contract import Core
from rag.protocol import Filters
from tests.fakes.core import FakeCore
from tests.fakes.house import PATIENCE_S, house


@pytest.fixture(params=["fake", "real"])
def core(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Core]:
    if request.param == "fake":
        fake = FakeCore()
        yield fake
        fake.close()
    else:
        with house(tmp_path) as real:
            yield real


def test_a_trace_holds_the_hits_of_the_same_search_and_their_evidence(core: Core) -> None:
    filters = Filters(first_page=2, last_page=9, since=1.0)
    hits = core.search("ticket", 1, filters=filters).result(PATIENCE_S)
    trace = core.trace_search("ticket", 1, filters=filters).result(PATIENCE_S)
    kept = [one for one in trace.candidates if one.fate == "kept"]
    assert [one.passage for one in kept] == [hit.passage for hit in hits]
    assert kept[0].evidence.fused_rank == 1
    assert kept[0].evidence.confidence >= trace.floor
    assert trace.about is None


def test_a_passage_is_explained_whether_it_was_found_or_not(core: Core) -> None:
    (hit,) = core.search("ticket", 1).result(PATIENCE_S)
    found = core.trace_search("ticket", 1, about=hit.passage).result(PATIENCE_S).about
    assert found is not None
    assert (found.passage, found.fate) == (hit.passage, "kept")
    other = core.trace_search("ticket", 1, about=99_999).result(PATIENCE_S).about
    assert other is not None
    assert other.fate == "gone"
