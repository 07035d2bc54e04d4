"""How any core encrypts chats and library, changes the passphrase, and makes all plain again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.contract import Core
from desktop.core.errors import CoreError
from tests.fakes.core import FakeCore
from tests.fakes.house import PATIENCE_S, house

OLD, NEW = "correct horse battery", "staple under the lamp"


@pytest.fixture(params=["fake", "real"])
def core(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Core]:
    if request.param == "fake":
        fake = FakeCore()
        yield fake
        fake.close()
    else:
        with house(tmp_path) as real:
            yield real


def code_of(operation: object) -> str:
    with pytest.raises(CoreError) as refused:
        operation.result(PATIENCE_S)  # type: ignore[attr-defined]
    return refused.value.problem().code


def test_it_is_off_at_first_and_nothing_can_be_changed_or_removed(core: Core) -> None:
    assert core.encryption().result(PATIENCE_S).state == "off"
    assert code_of(core.change_passphrase(OLD, NEW)) == "encryption_differs"
    assert code_of(core.decrypt(OLD)) == "encryption_differs"


def test_a_short_passphrase_encrypts_nothing(core: Core) -> None:
    assert code_of(core.encrypt("seven77")) == "passphrase_short"
    assert core.encryption().result(PATIENCE_S).state == "off"


@pytest.mark.slow
def test_the_chats_are_there_before_and_after_each_step(core: Core) -> None:
    chat = core.create_chat().result(PATIENCE_S).info.id
    assert core.encrypt(OLD).result(60.0).state == "on"
    assert code_of(core.encrypt(OLD)) == "encryption_differs"
    assert core.open_chat(chat).result(PATIENCE_S).info.id == chat
    assert code_of(core.change_passphrase(NEW, NEW)) == "passphrase_wrong"
    assert code_of(core.change_passphrase(OLD, "seven77")) == "passphrase_short"
    assert core.change_passphrase(OLD, NEW).result(PATIENCE_S).state == "on"
    assert code_of(core.decrypt(OLD)) == "passphrase_wrong"
    assert core.decrypt(NEW).result(60.0).state == "off"
    assert core.open_chat(chat).result(PATIENCE_S).info.id == chat
