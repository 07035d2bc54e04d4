"""How any core looks after its library: checks, rebuilt indexes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.contract import Core
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


def test_a_library_is_checked_and_its_index_made_anew(core: Core) -> None:
    core.index(("/documents/museum.pdf",), "default").result(PATIENCE_S)
    checked = core.check_library(thorough=True).result(PATIENCE_S)
    assert (checked.faults, checked.thorough, checked.passages == checked.indexed > 0) == ((), True, True)
    assert core.rebuild_library().result(PATIENCE_S).passages == checked.passages
