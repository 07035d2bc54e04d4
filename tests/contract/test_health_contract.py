"""How any core looks at its installation, and what it would tell others of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.contract import Core
from desktop.core.types.health import AREAS, LookingAt
from tests.fakes.core import FakeCore
from tests.fakes.house import PATIENCE_S, Heard, house


@pytest.fixture(params=["fake", "real"])
def core(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Core]:
    if request.param == "fake":
        fake = FakeCore()
        yield fake
        fake.close()
    else:
        with house(tmp_path) as real:
            yield real


def test_an_installation_that_is_well_says_so_for_every_area(core: Core) -> None:
    health = core.check_health().result(PATIENCE_S)
    assert health.troubles == ()
    assert [area for area in AREAS if any(one.area == area for one in health.findings)] == list(AREAS)


def test_the_diagnostics_are_texts_and_can_be_written_into_one_file(core: Core, tmp_path: Path) -> None:
    told = core.diagnostics().result(PATIENCE_S)
    assert {"about.txt", "health.txt"} <= {paper.name for paper in told}
    path = str(tmp_path / "bundle.zip")
    assert core.save_diagnostics(path).result(PATIENCE_S) == path


def test_the_area_that_is_looked_at_is_told(tmp_path: Path) -> None:
    with house(tmp_path) as real:
        operation = real.check_health()
        heard = Heard()
        operation.subscribe(heard)
        operation.result(PATIENCE_S)
        assert [event.area for event in heard.of(LookingAt)] == list(AREAS)
