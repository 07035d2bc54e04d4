"""What is deleted for good, and what was only in a temporary chat, is in no file, as words or otherwise.

Every file below the data folder and the system's temporary folder is read; what is kept packed is looked for
by its number instead.
"""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.core.errors import CoreError
from desktop.core.places import Places
from desktop.core.services import Services, open_core
from desktop.core.types import FilePart, StoredMessage
from tests.fakes.house import PATIENCE_S, house

# a word that shares no beginning with another: the search index leaves out what a word has in common with
# the one before it
MARK = "qxzwombatqxz"
PACKED = ("messages", "token_details", "summaries", "edits", "drafts")


@pytest.fixture
def temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this process and the workers put temporary files."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    for variable in ("TMPDIR", "TEMP", "TMP", "SQLITE_TMPDIR"):
        monkeypatch.setenv(variable, str(folder))
    return folder


def traces(folder: Path) -> list[str]:
    """Files with the mark in them, in any of the ways in which text is written."""
    needles = [MARK.encode(code) for code in ("utf-8", "utf-16-le")]
    found: list[str] = []
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_socket():
            content = file.read_bytes().lower()
            if any(needle in content for needle in needles):
                found.append(str(file.relative_to(folder)))
    return found


def wait_until(holds: Callable[[], bool]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end_s, "it did not happen"
        time.sleep(0.02)


def use(core: Services, chat: int) -> list[StoredMessage]:
    """Everything that a person can do in a chat, with the mark in every text of it."""
    core.set_system_prompt(chat, f"{MARK} prompt").result(PATIENCE_S)
    core.rename_chat(chat, f"{MARK} title").result(PATIENCE_S)
    core.set_reply_values({"alternatives": 2}, chat=chat).result(PATIENCE_S)
    file = FilePart(f"{MARK}.txt", f"{MARK} in a file " * 100)
    core.save_draft_files(chat, (file,)).result(PATIENCE_S)
    reply = core.send(chat, f"{MARK} question " * 30, (file,)).result(PATIENCE_S)
    core.regenerate(reply.id).result(PATIENCE_S)
    core.rate_message(reply.id, 1).result(PATIENCE_S)
    asked = core.open_chat(chat).result(PATIENCE_S).messages[0].id
    core.edit_message(reply.id, f"{MARK} edited").result(PATIENCE_S)
    core.send_edited(asked, f"{MARK} in other words").result(PATIENCE_S)
    core.activate(reply.id).result(PATIENCE_S)
    core.plan_prompt(chat, f"{MARK} planned", tokens=True).result(PATIENCE_S)
    core.save_edit(asked, f"{MARK} being edited").result(PATIENCE_S)
    core.save_draft(chat, f"{MARK} draft").result(PATIENCE_S)
    stopped = core.send(chat, f"!long {MARK}")
    stopped.cancel()
    stopped.result(PATIENCE_S)
    core._store.call(lambda chats: chats.keep_summary(asked, f"{MARK} summed up"))
    with pytest.raises(CoreError):  # a worker that dies tells its last lines
        core.send(chat, f"!crash {MARK}").result(PATIENCE_S)
    core.load_model(core.list_models().result(PATIENCE_S)[0].path).result(PATIENCE_S)
    core.send(chat, f"{MARK} once more " * 40).result(PATIENCE_S)
    return list(core.open_chat(chat).result(PATIENCE_S).messages)


def rows(core: Services) -> dict[str, int]:
    def count(table: str) -> int:
        return core._store.call(
            lambda chats: chats._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
        )

    return {table: count(table) for table in PACKED}


@pytest.mark.usefixtures("temporary_files")
def test_a_chat_that_is_deleted_for_good_is_in_no_file(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        other = core.create_chat().result(PATIENCE_S).info.id
        core.send(other, "An ordinary question").result(PATIENCE_S)
        chat = core.create_chat().result(PATIENCE_S).info.id
        core.set_collections(chat, (MARK,)).result(PATIENCE_S)
        core.set_collections(chat, ()).result(PATIENCE_S)
        before = rows(core)
        use(core, chat)
        core._store.call(lambda chats: chats.copy.make())
        core.send(other, "Another question").result(PATIENCE_S)  # the engine lets the chat go
        states = tmp_path / "data" / "kv"
        wait_until(lambda: bool(list(states.glob(f"{chat}.*"))))  # written beside the next reply
        found = traces(tmp_path)
        assert {"data/chats.sqlite3-wal", "data/chats.sqlite3.good"} <= set(found)

        core.delete_chats([chat]).result(PATIENCE_S)
        core.empty_trash().result(PATIENCE_S)

        assert traces(tmp_path) == []
        after = rows(core)
        assert after.pop("messages") == before.pop("messages") + 2
        assert after == before
        wait_until(lambda: not list(states.glob(f"{chat}.*")))
    assert traces(tmp_path) == []


@pytest.mark.usefixtures("temporary_files")
def test_messages_that_are_deleted_leave_every_file_when_the_program_is_closed(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = core.create_chat().result(PATIENCE_S).info.id
        core.send(chat, "An ordinary question").result(PATIENCE_S)
        reply = core.send(chat, f"{MARK} question").result(PATIENCE_S)
        core._store.call(lambda chats: chats.copy.make())
        assert traces(tmp_path)
        assert reply.parent is not None
        core.delete_message(reply.parent).result(PATIENCE_S)
    assert traces(tmp_path) == []
    with house(tmp_path) as core:
        assert len(core.open_chat(chat).result(PATIENCE_S).messages) == 2


@pytest.mark.usefixtures("temporary_files")
def test_a_temporary_chat_is_in_no_file_at_any_time(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        other = core.create_chat().result(PATIENCE_S).info.id
        core.send(other, "An ordinary question").result(PATIENCE_S)
        chat = core.create_chat(temporary=True).result(PATIENCE_S).info.id
        assert all(message.id < 0 for message in use(core, chat))
        branch = core.branch_chat(core.open_chat(chat).result(PATIENCE_S).messages[0].id).result(PATIENCE_S)
        assert branch.info.temporary
        core.duplicate_chat(chat).result(PATIENCE_S)
        assert traces(tmp_path) == []
        core.send(other, "Another question").result(PATIENCE_S)  # the engine lets the chat go
        core._store.call(lambda chats: chats.copy.make())
        assert traces(tmp_path) == []
        core.delete_chat(chat).result(PATIENCE_S)
        core.unload_model().result(PATIENCE_S)
        assert traces(tmp_path) == []
        states = tmp_path / "data" / "kv"
        wait_until(lambda: [file.name for file in states.iterdir()] == [f"{other}.kv"])
    assert traces(tmp_path) == []
    with house(tmp_path) as core:
        found = core.search_chats("").result(PATIENCE_S)
        assert [info.id for info in found] == [other]


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="there is no such file")
def test_a_worker_that_crashes_writes_no_memory_to_the_disk(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        core.send(core.create_chat().result(PATIENCE_S).info.id, "Hello").result(PATIENCE_S)
        limits = Path(f"/proc/{core.engine_pid}/limits").read_text(encoding="utf-8")
    (line,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    assert line.split()[4] == "0"


@pytest.mark.usefixtures("temporary_files")
def test_a_temporary_chat_that_is_kept_is_stored_and_can_be_deleted_like_any_other(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = core.create_chat(temporary=True).result(PATIENCE_S).info.id
        said = use(core, chat)
        kept = core.keep_chat(chat).result(PATIENCE_S)
        assert [message.text for message in kept.messages] == [message.text for message in said]
        assert core.list_drafts().result(PATIENCE_S)[kept.info.id].text == f"{MARK} draft"
        assert "data/chats.sqlite3-wal" in traces(tmp_path)
        core.erase_chats([kept.info.id]).result(PATIENCE_S)
        assert traces(tmp_path) == []


@pytest.mark.models
@pytest.mark.slow
@pytest.mark.usefixtures("temporary_files")
def test_the_real_engine_leaves_no_trace_of_a_temporary_chat_either(tmp_path: Path, chat_model: Path) -> None:
    core = open_core(Places.of(tmp_path / "data", chat_model.parent), others=())
    try:
        core.set_setting("max_reply_tokens", 8).result(PATIENCE_S)
        stored = core.create_chat().result(PATIENCE_S).info.id
        chat = core.create_chat(temporary=True).result(PATIENCE_S).info.id
        for number in (stored, chat, stored, chat):
            word = MARK if number == chat else "ordinary"
            core.send(number, f"Say {word} once. " * 20).result(4 * PATIENCE_S)
        core.unload_model().result(PATIENCE_S)
        assert traces(tmp_path) == []
        states = tmp_path / "data" / "kv"
        wait_until(lambda: [file.name for file in states.iterdir()] == [f"{stored}.kv"])
    finally:
        core.close()
    assert traces(tmp_path) == []
