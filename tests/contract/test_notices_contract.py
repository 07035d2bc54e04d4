"""What any core tells of the parts that the program is made of."""

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


def test_every_part_has_a_version_and_ours_stands_first(core: Core) -> None:
    found = core.list_notices().result(PATIENCE_S)
    assert found[0].name.casefold() == "sobremesa"
    assert all(one.name and one.version for one in found)
    assert "chromadb" in {one.name for one in found}


def test_a_licence_is_read_by_the_parts_name_and_an_unknown_part_has_none(core: Core) -> None:
    assert "Permission is hereby granted" in core.read_notice("platformdirs").result(PATIENCE_S)
    assert core.read_notice("libx11-6").result(PATIENCE_S) == ""
