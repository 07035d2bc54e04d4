"""The file that holds the wrapped key: passphrases right and wrong, copies, damage, and no forging."""

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop.core.encryption import key_file
from desktop.core.encryption.errors import (
    KeyFileDamaged,
    KeyFileNewer,
    PassphraseNeeded,
    PassphraseShort,
    PassphraseWrong,
)
from desktop.core.encryption.key_file import KeyFile
from desktop.core.encryption.opening import begin, unlock
from desktop.core.places import Places
from rag.database import open_database
from rag.sealing import Key

PASSPHRASE, OTHER = "correct horse battery", "staple under the lamp"


@pytest.fixture(scope="module")
def key() -> Key:
    return Key(os.urandom(32))


@pytest.fixture(scope="module")
def file(key: Key) -> KeyFile:
    return key_file.wrapped(key, PASSPHRASE, "on")


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places(tmp_path / "data", tmp_path / "models")
    made.create()
    return made


def test_the_passphrase_gives_the_key_and_another_one_does_not(key: Key, file: KeyFile) -> None:
    assert key_file.unwrapped(file, PASSPHRASE).secret == key.secret
    with pytest.raises(PassphraseWrong):
        key_file.unwrapped(file, OTHER)


def test_what_is_written_holds_neither_key_nor_passphrase(places: Places, key: Key, file: KeyFile) -> None:
    key_file.write(places.data, file)
    for name in (key_file.NAME, key_file.COPY):
        content = (places.data / name).read_bytes()
        for secret in (key.secret, key.secret.hex().encode(), PASSPHRASE.encode()):
            assert secret not in content
        assert (places.data / name).stat().st_mode & 0o077 == 0


def test_accents_are_the_same_from_every_keyboard(key: Key) -> None:
    file = key_file.wrapped(key, "jardín de niños", "on")
    assert (
        key_file.unwrapped(file, "jardi\N{COMBINING ACUTE ACCENT}n de nin\N{COMBINING TILDE}os").mark
        == key.mark
    )


def test_a_short_passphrase_is_refused(key: Key) -> None:
    with pytest.raises(PassphraseShort):
        key_file.wrapped(key, "seven77", "on")


@pytest.mark.parametrize("damage", [b"", b"{", b'{"version": 1}', b"\xff\xfe not JSON at all"])
def test_a_damaged_file_is_replaced_by_its_copy_and_both_damaged_are_told(
    places: Places, file: KeyFile, damage: bytes
) -> None:
    key_file.write(places.data, file)
    (places.data / key_file.NAME).write_bytes(damage)
    found = key_file.read(places.data)
    assert found is not None
    assert found.wrapped == file.wrapped
    (places.data / key_file.COPY).write_bytes(damage)
    with pytest.raises(KeyFileDamaged):
        begin(places)


def test_one_wrong_character_is_damage_and_not_a_wrong_passphrase(places: Places, file: KeyFile) -> None:
    key_file.write(places.data, file)
    for name in (key_file.NAME, key_file.COPY):
        text = (places.data / name).read_text()
        (places.data / name).write_text(text.replace('"cost": 131072', '"cost": 131071'))
    with pytest.raises(KeyFileDamaged):
        unlock(places, PASSPHRASE)


def test_a_file_that_would_take_all_memory_is_refused(places: Places, file: KeyFile) -> None:
    key_file.write(places.data, replace(file, cost=1 << 30))
    with pytest.raises(KeyFileDamaged):
        unlock(places, PASSPHRASE)


def test_a_newer_file_is_refused_politely(places: Places, file: KeyFile) -> None:
    key_file.write(places.data, replace(file, version=2))
    with pytest.raises(KeyFileNewer):
        begin(places)


def test_nobody_without_the_key_can_ask_for_decryption(key: Key, file: KeyFile) -> None:
    assert key_file.state_of(key_file.in_state(file, key, "decrypting"), key) == "decrypting"
    assert key_file.state_of(replace(file, state="decrypting"), key) == "on"


def test_nothing_is_opened_before_the_passphrase(places: Places, key: Key, file: KeyFile) -> None:
    open_database(places.chats_file, [], key=key).close()
    key_file.write(places.data, file)
    with pytest.raises(PassphraseNeeded):
        begin(places)
    with pytest.raises(PassphraseWrong):
        unlock(places, OTHER)
    assert places.keyring.key is None
    unlock(places, PASSPHRASE)
    assert begin(places) is None
    assert places.keyring.key is not None


def test_a_removal_that_was_all_but_done_asks_nobody(places: Places, key: Key, file: KeyFile) -> None:
    open_database(places.chats_file, []).close()
    key_file.write(places.data, key_file.in_state(file, key, "decrypting"))
    assert begin(places) is None
    assert key_file.read(places.data) is None
