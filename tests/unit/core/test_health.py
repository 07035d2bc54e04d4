"""What the doctor finds in folders, chats and settings, what it mends, and what the diagnostics tell."""

import io
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop.core.chats.store import ChatStore
from desktop.core.chats.thread import StoreThread
from desktop.core.health.chats import look_at_chats
from desktop.core.health.doctor import Doctor
from desktop.core.health.folders import look_at_disk, look_at_permissions
from desktop.core.health.papers import packed, papers
from desktop.core.network import FEATURES, off_by_default
from desktop.core.places import Places
from desktop.core.private_files import append_private, copy_private, private_folder
from desktop.core.settings import Settings
from desktop.core.types import TextPart
from desktop.core.types.health import Finding, Health
from rag.sqlite import sqlite3

SAID = "Xylophonqueta"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places.of(tmp_path / "data", tmp_path / "models")
    made.create()
    return made


@pytest.fixture
def owner(places: Places) -> Iterator[StoreThread]:
    thread = StoreThread(lambda: ChatStore(places.chats_file))

    def use(store: ChatStore) -> None:
        chat = store.create_chat().info.id
        store.add_turn(chat, (TextPart(SAID),), "model")
        store.rename(chat, SAID)

    thread.call(use)
    yield thread
    thread.close()


def kinds(findings: "Iterator[Finding] | tuple[Finding, ...]") -> list[tuple[str, str]]:
    return [(one.kind, one.state) for one in findings]


@pytest.mark.skipif(sys.platform == "win32", reason="rights are others there")
def test_files_that_others_can_read_are_told_and_closed_on_demand(places: Places) -> None:
    file = places.data / "chats.sqlite3"
    file.write_bytes(b"")
    file.chmod(0o644)
    assert kinds(look_at_permissions(places, repair=False)) == [("open_files", "repairable")]
    assert file.stat().st_mode & 0o777 == 0o644
    assert kinds(look_at_permissions(places, repair=True)) == [("open_files", "repaired")]
    assert file.stat().st_mode & 0o777 == 0o600
    assert kinds(look_at_permissions(places, repair=False)) == [("private", "")]


def test_a_disk_without_room_is_told(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 1_000

    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage)
    assert {one.kind for one in look_at_disk(places)} == {"disk_full"}


def test_sound_chats_are_counted(places: Places, owner: StoreThread) -> None:
    (found,) = look_at_chats(places.chats_file, owner, thorough=True, repair=False)
    assert (found.kind, found.params["chats"], found.params["messages"]) == ("chats_sound", 1, 2)


def test_a_search_that_lost_words_is_made_anew(places: Places, owner: StoreThread) -> None:
    owner.call(lambda store: store._db.execute("DELETE FROM title_words"))
    assert ("chat_words_wrong", "repairable") in kinds(
        look_at_chats(places.chats_file, owner, thorough=False, repair=False)
    )
    assert ("chat_words_wrong", "repaired") in kinds(
        look_at_chats(places.chats_file, owner, thorough=False, repair=True)
    )
    assert len(owner.call(lambda store: store.list_chats(SAID))) == 1


def test_a_damaged_file_of_chats_is_told_and_left_for_the_next_start(places: Places) -> None:
    store = ChatStore(places.chats_file)
    for number in range(300):
        chat = store.create_chat().info.id
        store.rename(chat, f"{SAID} {number} " * 20)
    store.close()
    whole = bytearray(places.chats_file.read_bytes())
    whole[3 * 4096 + 8 : 9 * 4096] = bytes(6 * 4096 - 8)
    places.chats_file.write_bytes(whole)
    found = list(look_at_chats(places.chats_file, None, thorough=True, repair=True))
    assert found[0].level == "trouble"
    assert found[0].kind in ("chats_waiting", "failed")
    mended = ChatStore(places.chats_file)  # the next start
    assert mended.problem is not None
    mended.close()
    assert kinds(look_at_chats(places.chats_file, None, thorough=True, repair=False)) == [("chats_sound", "")]


def test_chats_of_a_later_version_are_told_as_what_they_are(places: Places) -> None:
    with closing(sqlite3.connect(places.chats_file)) as db:
        db.execute("PRAGMA user_version = 999")
        db.commit()
    (found,) = look_at_chats(places.chats_file, None, thorough=False, repair=True)
    assert found.problem is not None
    assert found.problem.code == "database_too_new"


def test_nothing_uses_the_network_on_a_new_installation_and_what_does_is_told(places: Places) -> None:
    assert off_by_default()
    settings = Settings(places.settings_file)
    assert "network_off" in {
        one.kind for one in Doctor(places, settings, None).look(_ignore, _never).findings
    }
    settings.set("offline", False)
    settings.set("chroma_host", "192.168.1.5")
    found = {one.kind for one in Doctor(places, settings, None).look(_ignore, _never).findings}
    assert {f"network_{feature.name}" for feature in FEATURES} <= found


def test_the_diagnostics_hold_nothing_that_a_person_wrote_and_no_folder_of_theirs(
    places: Places, owner: StoreThread
) -> None:
    settings = Settings(places.settings_file)
    settings.set("system_prompt", f"Be {SAID}")
    settings.set("model_path", f"/home/{SAID}/secret/m.gguf")
    (places.data / f"{SAID}.tmp").write_text("x")
    (places.logs_dir / "engine.log").write_text(
        f"loading /home/{SAID}/models/m.gguf\n"
        "Traceback (most recent call last):\n"
        f'  File "/home/{SAID}/x.py", line 3, in ask\n'
        f"    raise ValueError('{SAID}')\n"
        f"ValueError: {SAID} is not\n"
        "went on\n"
    )
    doctor = Doctor(places, settings, None, thorough=True)
    told = papers(places, settings, doctor.look(_ignore, _never))
    whole = "\n".join(paper.text for paper in told)
    assert SAID not in whole
    for expected in ("m.gguf", "ValueError", "went on", "chats_sound", "system_prompt: something else"):
        assert expected in whole
    with zipfile.ZipFile(io.BytesIO(packed(told))) as bundle:
        assert {name: bundle.read(name).decode() for name in bundle.namelist()} == {
            paper.name: paper.text for paper in told
        }


def test_what_is_repaired_is_no_trouble_any_more() -> None:
    found = (
        Finding("library", "library_fault", "trouble", state="repaired"),
        Finding("disk", "disk_low", "notice"),
    )
    assert Health(found).troubles == ()


def _ignore(_: object) -> None: ...


def _never() -> bool:
    return False


@pytest.mark.skipif(sys.platform == "win32", reason="rights are others there")
def test_what_is_copied_and_made_for_the_person_is_theirs_alone(tmp_path: Path) -> None:
    source = tmp_path / "open"
    (source / "inner").mkdir(parents=True, mode=0o755)
    (source / "inner" / "text").write_text("x")
    (source / "inner" / "text").chmod(0o644)
    copy_private(source, tmp_path / "copied")
    private_folder(tmp_path / "a" / "b" / "c")
    append_private(tmp_path / "a" / "lines", b"one")
    append_private(tmp_path / "a" / "lines", b" two")
    assert (tmp_path / "a" / "lines").read_bytes() == b"one two"
    made = [
        *(tmp_path / "copied").rglob("*"),
        tmp_path / "copied",
        *(tmp_path / "a").rglob("*"),
        tmp_path / "a",
    ]
    assert len(made) == 7
    assert [path for path in made if path.stat().st_mode & 0o077] == []
