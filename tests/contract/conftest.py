"""What the contract tests share: the fake core and the real one, and how a problem is read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.core.contract import Core
from desktop.core.errors import CoreError
from desktop.core.operations import Operation
from tests.fakes.core import FakeCore
from tests.fakes.house import PATIENCE_S, house
from tests.fakes.replies import Script


@pytest.fixture
def script() -> Script:
    """What the fake core answers. A module that needs something else has a fixture of this name."""
    return Script()


@pytest.fixture(params=["fake", "real"])
def core(request: pytest.FixtureRequest, tmp_path: Path, script: Script) -> Iterator[Core]:
    if request.param == "fake":
        fake = FakeCore(script=script)
        yield fake
        fake.close()
    else:
        with house(tmp_path) as real:
            yield real


def code_of(operation: Operation[Any]) -> str:
    """The code of the problem that an operation ends in."""
    with pytest.raises(CoreError) as failed:
        operation.result(PATIENCE_S)
    return failed.value.problem().code
