"""The chats' store on an encrypted file: what it does on a plain one, and the rescue of a damaged one."""

import os
import random
from contextlib import closing
from pathlib import Path

import pytest

from desktop.core.chats.store import ChatStore
from desktop.core.encryption.keyring import Keyring
from desktop.core.errors import Reported
from desktop.core.types import TextPart
from rag.converting import convert
from rag.database import open_for_reading
from rag.errors import DatabaseDamaged
from rag.sealing import Form, Key, form_of

PAGE = 4096
CHATS = 40


@pytest.fixture
def keyring() -> Keyring:
    return Keyring(Key(os.urandom(32)))


@pytest.fixture(params=["plain", "sealed"])
def either(request: pytest.FixtureRequest, keyring: Keyring) -> Keyring:
    return keyring if request.param == "sealed" else Keyring()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chats.sqlite3"


def filled(path: Path, keyring: Keyring, *, copy: bool = True) -> None:
    store = ChatStore(path, keyring=keyring)
    for number in range(CHATS):
        chat = store.create_chat().info.id
        _, reply = store.add_turn(chat, (TextPart(f"Where does wombat {number} sleep?"),))
        store.save_text(reply.id, f"In burrow {number}. " + "It digs at night. " * 150)
    if copy:
        store.close()
    else:
        store._emptied_journal()
        store._db.close()


def titles(store: ChatStore) -> set[str]:
    return {chat.title for chat in store.list_chats()}


def test_what_is_written_is_found_again_by_words_and_in_the_copy(path: Path, either: Keyring) -> None:
    filled(path, either)
    store = ChatStore(path, keyring=either)
    assert store.problem is None
    assert len(store.list_chats("wombat")) == CHATS
    assert len(store.list_chats("burrow")) == CHATS
    store.erase([store.list_chats("wombat")[0].id])
    store.close()
    form = Form.SEALED if either.key else Form.PLAIN
    assert form_of(path) is form
    assert form_of(path.with_name(path.name + ".good")) is form
    with closing(open_for_reading(path.with_name(path.name + ".good"), key=either.key)) as copy:
        assert copy.execute("SELECT count(*) FROM chats").fetchone() == (CHATS - 1,)


@pytest.mark.parametrize("copy", [True, False])
def test_single_wrong_bytes_cost_little_also_in_an_encrypted_file(
    path: Path, either: Keyring, copy: bool
) -> None:
    filled(path, either, copy=copy)
    raw = bytearray(path.read_bytes())
    dice = random.Random(5)
    for page in dice.sample(range(2, len(raw) // PAGE), 6):
        raw[page * PAGE + dice.randrange(1000, 3000)] ^= 0x55
    path.write_bytes(raw)
    path.with_name(path.name + ".suspect").touch()
    store = ChatStore(path, keyring=either)
    assert len(store.list_chats()) >= CHATS - 3
    store.close()
    assert form_of(path) is (Form.SEALED if either.key else Form.PLAIN)


def test_an_encrypted_file_whose_first_page_is_lost_is_rescued_from_its_other_pages(
    path: Path, keyring: Keyring
) -> None:
    filled(path, keyring, copy=False)
    path.write_bytes(os.urandom(PAGE) + path.read_bytes()[PAGE:])
    store = ChatStore(path, keyring=keyring)
    assert store.problem is not None
    assert store.problem.code == DatabaseDamaged.code
    assert len(titles(store)) >= CHATS - 3
    store.close()
    assert b"wombat" not in b"".join(file.read_bytes() for file in path.parent.iterdir())


@pytest.mark.parametrize("other", [Keyring(), Keyring(Key(bytes(32)))])
def test_a_wrong_key_is_never_taken_for_a_damaged_file(path: Path, keyring: Keyring, other: Keyring) -> None:
    filled(path, keyring)
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    with pytest.raises(Reported) as refused:
        ChatStore(path, keyring=other)
    assert refused.value.problem().code == "database_key"
    after = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    assert {name: after[name] for name in before} == before
    assert not [name for name in after if "damaged" in name or "suspect" in name]


def test_a_plain_file_that_is_damaged_is_rescued_into_an_encrypted_one(path: Path, keyring: Keyring) -> None:
    filled(path, Keyring(), copy=False)
    raw = bytearray(path.read_bytes())
    for page in (5, 9, 14):
        raw[page * PAGE : page * PAGE + 64] = os.urandom(64)
    path.write_bytes(raw)
    store = ChatStore(path, keyring=keyring)
    assert store.problem is not None
    assert len(titles(store)) >= CHATS - 6
    store.close()
    assert form_of(path) is Form.SEALED


def test_a_store_goes_on_over_the_conversion_of_its_file(path: Path, keyring: Keyring) -> None:
    inside = Keyring()
    filled(path, inside)
    store = ChatStore(path, keyring=inside)
    before = titles(store)
    store.create_chat(temporary=True)

    def seal() -> None:
        inside.key = keyring.key
        assert keyring.key is not None
        assert convert(path, keyring.key, sealed=True)

    store.converted(seal)
    assert form_of(path) is Form.SEALED
    assert titles(store) == before
    assert len(store.list_chats("burrow")) == CHATS
    assert len(store.temporary_chats()) == 1
    store.create_chat()
    store.close()


def test_a_conversion_that_fails_leaves_the_chats_open_as_they_were(path: Path, keyring: Keyring) -> None:
    filled(path, Keyring())
    store = ChatStore(path)

    def fail() -> None:
        raise OSError("no more room")

    with pytest.raises(OSError, match="no more room"):
        store.converted(fail)
    assert len(store.list_chats()) == CHATS
    assert form_of(path) is Form.PLAIN
    store.close()
