"""Encryption with the real core, its library process, and the command line: from plain to plain again."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.core.encryption.errors import PassphraseNeeded, PassphraseWrong
from desktop.core.encryption.opening import unlock
from desktop.core.errors import CoreError
from desktop.core.places import Places
from desktop.core.services import Services, open_core
from desktop.core.settings import Settings
from rag.sealing import Form, form_of
from tests.conftest import TEST_DATA
from tests.fakes.house import PATIENCE_S, places_in
from tests.process.test_core_passwords import RealDocuments

OLD, NEW = "correct horse battery", "staple under the lamp"
MUSEUM = str(TEST_DATA / "museum.pdf")
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def opened(places: Places, passphrase: str = "") -> Services:
    again = Places.of(places.data, places.models)
    if passphrase:
        unlock(again, passphrase)
    core = open_core(again, RealDocuments(again, Settings(again.settings_file)), others=())
    core.set_setting("model_titles", False).result(PATIENCE_S)
    return core


def said(core: Services, text: str) -> int:
    """A chat that was asked something, and its reply."""
    chat = core.create_chat().result(PATIENCE_S).info.id
    core.send(chat, text).result(60.0)
    return chat


def holding(folder: Path, *texts: bytes) -> list[str]:
    return sorted(
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and any(text in file.read_bytes() for text in texts)
    )


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return places_in(tmp_path)


def test_a_person_encrypts_works_on_changes_the_passphrase_and_makes_all_plain_again(
    places: Places, tmp_path: Path
) -> None:
    core = opened(places)
    try:
        said(core, "Where does the capybara sleep?")
        (indexed,) = core.index((MUSEUM,), "default").result(120.0).documents
        assert indexed.state == "indexed"
        before = [hit.text for hit in core.search("salt boats of the Esperanza").result(60.0)]
        assert holding(places.data, b"capybara")
        core.encrypt(OLD).result(60.0)
        assert core.encryption().result(PATIENCE_S).state == "on"
        # the same core goes on: chats, library, search
        said(core, "And what does the capybara eat?")
        assert [hit.text for hit in core.search("salt boats of the Esperanza").result(60.0)] == before
        assert not (places.library_dir / "chroma").exists()
        assert not list(places.kv_dir.iterdir())
        assert all(
            one.level == "fine"
            for one in core.check_health().result(60.0).findings
            if one.area in ("chats", "library")
        )
    finally:
        core.close()
    assert holding(places.data, b"capybara", b"Esperanza") == []
    with pytest.raises(PassphraseNeeded):
        opened(places)
    with pytest.raises(PassphraseWrong):
        opened(places, NEW)
    core = opened(places, OLD)
    try:
        with pytest.raises(CoreError):
            core.change_passphrase(NEW, OLD).result(PATIENCE_S)
        bytes_before = places.chats_file.read_bytes()
        core.change_passphrase(OLD, NEW).result(PATIENCE_S)
        assert places.chats_file.read_bytes() == bytes_before
    finally:
        core.close()
    with pytest.raises(PassphraseWrong):
        opened(places, OLD)
    core = opened(places, NEW)
    try:
        assert len(core._store.call(lambda store: store.list_chats("capybara"))) == 2
        backup = tmp_path / "backup.zip"
        core.back_up(str(backup)).result(60.0)
        restored = core.restore_backup(str(backup), replace=True).result(60.0)
        assert restored.backup.chats == 2
        core.decrypt(NEW).result(60.0)
        assert core.encryption().result(PATIENCE_S).state == "off"
        assert [hit.text for hit in core.search("salt boats of the Esperanza").result(60.0)] == before
        assert len(core._store.call(lambda store: store.list_chats("capybara"))) == 2
    finally:
        core.close()
    assert form_of(places.chats_file) is Form.PLAIN
    assert form_of(places.library_dir / "library.db") is Form.PLAIN
    opened(places).close()


def command(places: Places, *words: str, said: str = "") -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "desktop", "--data-dir", str(places.data), *words]
    environment = {**os.environ, "SOBREMESA_MODELS": str(places.models)}
    return subprocess.run(
        line, input=said, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False, env=environment
    )


def test_commands_need_the_passphrase_from_a_file_and_say_so(places: Places, tmp_path: Path) -> None:
    core = opened(places)
    core._store.call(lambda store: store.rename(store.create_chat().info.id, "Capybaras at noon"))
    core.encrypt(OLD).result(60.0)
    core.close()
    refused = command(places, "--json", "chats", "list")
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["error"]["code"] == "passphrase_needed"
    file = tmp_path / "passphrase"
    file.write_text(NEW + "\n")
    wrong = command(places, "--json", "--passphrase-file", str(file), "chats", "list")
    assert json.loads(wrong.stdout)["error"]["code"] == "passphrase_wrong"
    file.write_text(OLD + "\n")
    listed = command(places, "--passphrase-file", str(file), "chats", "list")
    assert "Capybaras at noon" in listed.stdout
    piped = command(places, "chats", "list", "--passphrase-file", "-", said=OLD + "\n")
    assert "Capybaras at noon" in piped.stdout
    doctor = command(places, "doctor", "--json")
    kinds = {one["kind"] for one in json.loads(doctor.stdout)["findings"]}
    assert "chats_locked" in kinds
    assert "chats_damaged" not in kinds


def test_the_key_stands_in_no_argument_and_no_environment_of_the_library_process(places: Places) -> None:
    core = opened(places)
    try:
        core.encrypt(OLD).result(60.0)
        core.list_documents().result(60.0)
        key = core.places.keyring.key
        assert key is not None
        pid = core.library_pid
        assert pid is not None
        if not sys.platform.startswith("linux"):
            pytest.skip("looks into /proc")
        for part in ("cmdline", "environ"):
            content = Path(f"/proc/{pid}/{part}").read_bytes()
            for secret in (key.secret, key.secret.hex().encode(), OLD.encode()):
                assert secret not in content
        assert b"--sealed" in Path(f"/proc/{pid}/cmdline").read_bytes()
    finally:
        core.close()


def test_a_damaged_library_keeps_no_chat_from_being_encrypted_and_is_tried_again_at_each_start(
    places: Places,
) -> None:
    core = opened(places)
    core._store.call(lambda store: store.rename(store.create_chat().info.id, "Capybaras at noon"))
    core.list_documents().result(60.0)
    core.close()
    library = places.library_dir / "library.db"
    raw = bytearray(library.read_bytes())
    raw[4096 * 2 : 4096 * 6] = os.urandom(4096 * 4)
    library.write_bytes(raw)
    core = opened(places)
    with pytest.raises(CoreError):
        core.encrypt(OLD).result(60.0)
    assert core.encryption().result(PATIENCE_S).state == "unfinished"
    assert form_of(places.chats_file) is Form.SEALED
    assert form_of(library) is Form.PLAIN
    core.close()
    core = opened(places, OLD)  # tried again, in vain: the chats open all the same
    try:
        assert [chat.title for chat in core.search_chats("").result(PATIENCE_S)] == ["Capybaras at noon"]
        assert core.encryption().result(PATIENCE_S).state == "unfinished"
    finally:
        core.close()
    assert not list(places.data.rglob("*.part*"))
