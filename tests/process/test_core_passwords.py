"""Encrypted PDFs through the real library and reader: asked for, refused, opened, never written down."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from pypdf import PdfWriter

from desktop.core.passwords import MARK, SERVICE, Passwords, Unlock
from desktop.core.places import Places
from desktop.core.services import Services, open_core
from desktop.core.settings import Settings
from desktop.core.workers.launches import Launches
from tests.conftest import TEST_DATA
from tests.fakes.house import PATIENCE_S, FakeLaunches, places_in

SECRET = "Ábrete, sésamo 7"  # noqa: S105


class RealDocuments(FakeLaunches):
    """Library and reader are the real ones."""

    library = Launches.library
    reader = Launches.reader


class Memory(KeyringBackend):
    """A keyring that forgets with its test."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.broken = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.broken:
            raise RuntimeError
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.broken:
            raise RuntimeError
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.broken:
            raise RuntimeError
        del self.entries[service, username]


@pytest.fixture
def system() -> Iterator[Memory]:
    before = keyring.get_keyring()
    made = Memory()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    path = tmp_path / "locked.pdf"
    writer = PdfWriter(clone_from=TEST_DATA / "museum.pdf")
    writer.encrypt(SECRET, algorithm="AES-256")
    writer.write(path)
    return path


def opened(places: Places) -> Services:
    return open_core(places, RealDocuments(places, Settings(places.settings_file)), others=())


def index(core: Services, path: Path, unlock: Unlock | None = None) -> str:
    """How it ended: a state, or an error's code."""
    (one,) = core.index((str(path),), "default", unlock).result(PATIENCE_S).documents
    return one.error.code if one.error else one.state


def everything_written(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.slow
def test_a_password_opens_a_document_for_the_session_and_stands_nowhere(
    tmp_path: Path, system: Memory, locked: Path
) -> None:
    places = places_in(tmp_path)
    core = opened(places)
    try:
        assert index(core, locked) == "document_encrypted"
        assert index(core, locked, Unlock("not it")) == "document_wrong_password"
        assert index(core, locked, Unlock(SECRET)) == "indexed"
        assert core.render_page(str(locked), 1, 100).result(PATIENCE_S).pages == 4
        assert core.read_file(str(locked)).result(PATIENCE_S).pages == 4
        (document,) = core.list_documents().result(PATIENCE_S)
        assert (document.state, document.pages) == ("indexed", 4)
        core.remove_documents((document.document,)).result(PATIENCE_S)
        core.erase_removed().result(PATIENCE_S)  # out of the trash it would come back unread
        assert index(core, locked) == "indexed", "it is remembered while the program runs"
    finally:
        core.close()
    written = everything_written(places.data)
    assert SECRET.encode() not in written
    assert SECRET.encode("utf-16-le") not in written
    assert system.entries == {}
    assert not (places.data / MARK).exists()


@pytest.mark.slow
def test_a_kept_password_opens_the_document_after_a_new_start(
    tmp_path: Path, system: Memory, locked: Path
) -> None:
    places = places_in(tmp_path)
    core = opened(places)
    try:
        assert core.can_keep_passwords().result(PATIENCE_S)
        assert index(core, locked, Unlock(SECRET, keep=True)) == "indexed"
        core.remove_documents((1,)).result(PATIENCE_S)
        core.erase_removed().result(PATIENCE_S)
    finally:
        core.close()
    assert {service for service, _ in system.entries} == {SERVICE}
    assert SECRET.encode() not in everything_written(places.data)
    core = opened(places)
    try:
        assert index(core, locked) == "indexed"
    finally:
        core.close()


def test_a_keyring_that_fails_leaves_the_password_for_the_session(tmp_path: Path, system: Memory) -> None:
    passwords = Passwords(tmp_path)
    system.broken = True
    assert not passwords.opened("/a.pdf", Unlock("x", keep=True))
    assert passwords.of("/a.pdf") == "x"
    assert Passwords(tmp_path).of("/a.pdf") is None
    assert not (tmp_path / MARK).exists()


def test_a_password_shows_in_no_representation() -> None:
    assert "x7y" not in repr(Unlock("x7y"))


def test_without_a_keyring_nothing_can_be_kept(tmp_path: Path) -> None:
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    try:
        assert not Passwords(tmp_path).can_keep()
    finally:
        keyring.set_keyring(before)


def test_a_kept_password_is_forgotten_in_the_keyring_too(tmp_path: Path, system: Memory) -> None:
    passwords = Passwords(tmp_path)
    for file in ("/a.pdf", "/b.pdf"):
        assert passwords.opened(file, Unlock("x", keep=True))
    passwords.opened("/c.pdf", Unlock("y"))
    assert passwords.files() == ("/a.pdf", "/b.pdf", "/c.pdf")
    assert passwords.forget(("/a.pdf", "/never.pdf")) == 1
    assert Passwords(tmp_path).files() == ("/b.pdf",)
    assert passwords.forget() == 2
    assert (passwords.files(), system.entries, (tmp_path / MARK).exists()) == ((), {}, False)
    assert passwords.of("/b.pdf") is None


def test_a_password_is_forgotten_though_the_keyring_fails(tmp_path: Path, system: Memory) -> None:
    passwords = Passwords(tmp_path)
    passwords.opened("/a.pdf", Unlock("x", keep=True))
    system.broken = True
    assert passwords.forget() == 1
    assert passwords.of("/a.pdf") is None
