"""Files of every schema there ever was: opened today with everything in them, and kept as they were."""

import hashlib
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

import rag.database
from desktop.core.chats.schema import MIGRATIONS
from desktop.core.chats.store import ChatStore
from desktop.core.errors import Reported
from desktop.core.types import TextPart
from engine.protocol import Stats
from rag.database import older_versions, open_database
from rag.sqlite import sqlite3

# of what people have on their disks; a new migration is added below these and changes none of them
SHIPPED = (
    "90b182e882dd2cee",
    "a9a073d611395b1d",
    "bed34143a6007281",
    "438c4fe917cdbfb8",
    "e34bb6434982d64c",
    "5215001cbefbf7a0",
    "aba5a90b80a6039a",
    "2de8c960a1322c1b",
    "ea14f03d1a36343f",
    "101db1cf3b9a5403",
)
QUESTION = '[{"type":"text","text":"How much is the zeppelin?"}]'
ANSWER = '[{"type":"text","text":"Nine crowns."}]'
STATS = (
    '{"prompt_tokens":12,"reused_tokens":3,"generated_tokens":40,"ttft_s":0.25,"tokens_per_s":31.5,'
    '"stop_reason":"end","seed":7}'
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chats.sqlite3"


def write(path: Path, version: int) -> None:
    """A file as the program of that schema left it: a chat with an edited question and two answers."""
    db = open_database(path, MIGRATIONS[:version])
    db.executescript(
        f"""
        INSERT INTO chats (id, title, system_prompt, collections, pinned, created_at, updated_at)
            VALUES (1, 'Zeppelins', 'Be brief.', '["airships"]', 1, 10, 20);
        INSERT INTO messages (id, chat, parent, role, parts, state, model, stats, created_at) VALUES
            (1, 1, NULL, 'user', '{QUESTION}', 'complete', '', NULL, 11),
            (2, 1, 1, 'assistant', '{ANSWER}', 'complete', 'tiny', '{STATS}', 12),
            (3, 1, 1, 'assistant', '[]', 'failed', 'tiny', NULL, 13),
            (4, 1, NULL, 'user', '{QUESTION}', 'complete', '', NULL, 14);
        UPDATE chats SET active_leaf = 2;
        INSERT INTO title_words (rowid, text) VALUES (1, 'Zeppelins');
        INSERT INTO message_words (rowid, text) VALUES
            (1, 'How much is the zeppelin?'), (2, 'Nine crowns.'), (4, 'How much is the zeppelin?');
        """  # noqa: S608  our own text
    )
    if version >= 2:
        db.execute("UPDATE messages SET pinned = 1 WHERE id = 1")
        db.execute("INSERT INTO summaries VALUES (2, 'Of zeppelins.', 15)")
    if version >= 3:
        db.execute("UPDATE chats SET reply_values = '{\"temperature\":0.5}'")
    if version >= 4:
        db.execute("UPDATE messages SET rating = 1 WHERE id = 2")
        db.execute("INSERT INTO drafts (chat, text, saved_at) VALUES (1, 'And for', 16)")
    db.close()


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_a_file_of_every_schema_opens_today_with_everything_in_it(path: Path, version: int) -> None:
    write(path, version)
    store = ChatStore(path)
    chat = store.chat(1)
    assert (chat.info.title, chat.info.pinned, chat.system_prompt) == ("Zeppelins", True, "Be brief.")
    assert chat.collections == ("airships",)
    assert [message.parts for message in chat.messages] == [
        (TextPart("How much is the zeppelin?"),),
        (TextPart("Nine crowns."),),
    ]
    assert chat.messages[0].versions == (1, 4)
    assert chat.messages[1].versions == (2, 3)
    assert chat.messages[1].stats == Stats(12, 3, 40, 0.25, 31.5, "end", 7)
    assert [info.id for info in store.list_chats("zepp")] == [1]
    assert [info.id for info in store.list_chats("crowns")] == [1]
    if version >= 2:
        assert chat.messages[0].pinned
        assert store.summary([1, 2]) == (2, "Of zeppelins.")
    if version >= 3:
        assert store.reply_values(1) == {"temperature": 0.5}
    if version >= 4:
        assert chat.messages[1].rating == 1
        assert store.drafts()[1].text == "And for"
    assert store._db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert store._db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    store.close()


def content(path: Path, tables: Sequence[str] = ("chats", "messages")) -> list[object]:
    db = sqlite3.connect(path)
    rows = [db.execute(f"SELECT * FROM {table}").fetchall() for table in tables]  # noqa: S608
    rows.append(db.execute("PRAGMA user_version").fetchone())
    db.close()
    return rows


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_the_file_as_it_was_is_kept_beside_it_before_it_is_migrated(path: Path, version: int) -> None:
    write(path, version)
    before = content(path)
    ChatStore(path).close()
    (kept,) = older_versions(path)
    assert kept.name == f"chats.sqlite3.version-{version}"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert content(kept) == before
    ChatStore(path).close()  # and no further one, as nothing is migrated any more
    assert older_versions(path) == [kept]


def test_only_the_latest_of_the_kept_files_stays(path: Path) -> None:
    write(path, 1)
    open_database(path, MIGRATIONS[:2], keep_older=True).close()
    open_database(path, MIGRATIONS[:3], keep_older=True).close()
    assert [kept.name for kept in older_versions(path)] == ["chats.sqlite3.version-2"]


def test_a_new_file_has_nothing_to_be_kept(path: Path) -> None:
    ChatStore(path).close()
    assert older_versions(path) == []


def test_where_there_is_no_room_to_keep_the_file_it_stays_as_it_is_and_that_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, 2)
    before = content(path)
    with monkeypatch.context() as full:
        full.setattr(rag.database.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
        with pytest.raises(Reported) as refused:
            ChatStore(path)
    assert refused.value.problem().code == "disk_full"
    assert content(path) == before
    assert older_versions(path) == []
    store = ChatStore(path)
    assert store.chat(1).info.title == "Zeppelins"
    store.close()


def test_the_kept_file_goes_with_the_first_thing_that_is_deleted_for_good(path: Path) -> None:
    write(path, 2)
    store = ChatStore(path)
    assert older_versions(path)
    store.delete_message(4)
    store.purge()
    assert older_versions(path) == []
    store.close()


def test_what_shipped_is_never_edited() -> None:
    found = tuple(hashlib.sha256(script.encode()).hexdigest()[:16] for script in MIGRATIONS)
    assert found[: len(SHIPPED)] == SHIPPED
