"""Files of chats that are written once for all, and ways to damage them."""

import shutil
from pathlib import Path

import pytest

from desktop.core.chats.store import ChatStore
from desktop.core.types import Chat, TextPart

CHATS = 60


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chats.sqlite3"


def turn(store: ChatStore, chat: int, question: str) -> None:
    _, reply = store.add_turn(chat, [TextPart(question)], "tiny")
    store.finish(reply.id, f"Answer to {question}", "complete")


def fill(path: Path, chats: int = CHATS) -> dict[int, Chat]:
    """A file of chats, closed, with its good copy beside it: what each chat shows."""
    store = ChatStore(path)
    for number in range(chats):
        chat = store.create_chat("Be brief.").info.id
        for turns in range(3):
            turn(store, chat, f"Question {number} {turns} " * 40)
    shown = {info.id: store.chat(info.id) for info in store.list_chats()}
    store.close()
    return shown


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[int, Chat]]:
    """A file that is written once for all, and what its chats show."""
    path = tmp_path_factory.mktemp("written") / "chats.sqlite3"
    return path, fill(path)


@pytest.fixture
def before(path: Path, written: tuple[Path, dict[int, Chat]]) -> dict[int, Chat]:
    """Has that file and its good copy at `path`."""
    made, shown = written
    shutil.copytree(made.parent, path.parent, dirs_exist_ok=True)
    return shown


def damage(path: Path, how: str) -> bytes:
    content = path.read_bytes()
    middle = len(content) // 2
    match how:
        case "not a database":
            content = b"hello " * 1000
        case "empty pages at its beginning":
            content = content[:4096] + bytes(40 * 4096) + content[41 * 4096 :]
        case "its head lost":
            content = bytes(4096) + content[4096:]
        case "cut short":
            content = content[:middle]
        case "overwritten inside":
            content = content[:middle] + b"\xff" * 20_000 + content[middle + 20_000 :]
        case "its end lost":
            content = content[:-60_000] + bytes(60_000)
    path.write_bytes(content)
    return content


def overwrite(path: Path, words: bytes) -> None:
    """The pages around these words."""
    content = path.read_bytes()
    at = content.index(words)
    path.write_bytes(content[: at - 2000] + b"\xff" * 6000 + content[at + 4000 :])
