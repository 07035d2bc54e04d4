"""How any core keeps and forgets secrets."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest

from desktop.core.contract import Core
from tests.fakes.core import FakeCore
from tests.fakes.house import PATIENCE_S, house
from tests.process.test_core_passwords import Memory


@pytest.fixture
def _memory() -> Iterator[None]:
    """The real keyring is the person's."""
    before = keyring.get_keyring()
    keyring.set_keyring(Memory())
    yield
    keyring.set_keyring(before)


@pytest.fixture(params=["fake", "real"])
def core(request: pytest.FixtureRequest, tmp_path: Path, _memory: None) -> Iterator[Core]:
    if request.param == "fake":
        fake = FakeCore()
        yield fake
        fake.close()
    else:
        with house(tmp_path) as real:
            yield real


def test_a_server_token_is_there_until_it_is_forgotten(core: Core) -> None:
    assert not core.has_server_token().result(PATIENCE_S)
    core.set_server_token("sesame").result(PATIENCE_S)
    assert core.has_server_token().result(PATIENCE_S)
    assert core.set_server_token("").result(PATIENCE_S)
    assert not core.has_server_token().result(PATIENCE_S)


def test_nothing_is_forgotten_where_no_password_is_known(core: Core) -> None:
    assert core.kept_passwords().result(PATIENCE_S) == ()
    assert core.forget_passwords().result(PATIENCE_S) == 0
