"""The process that writes the chats is killed with SIGKILL, a hundred times, whatever it is about to do."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.chats.store import ChatStore

KILLS = 100
LATEST_S = 0.12  # after the fork, of which opening takes about a third, or after the first turn
ROOT = Path(__file__).parents[2]

Writer = subprocess.Popen[str]


@pytest.fixture
def writer() -> Iterator[Writer]:
    command = [sys.executable, "-m", "tests.process.chats_writer"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


class Told:
    """What the children told until they were killed: what has to be there, and what may be."""

    def __init__(self) -> None:
        self.finished: dict[int, str] = {}  # messages, and their texts' SHA-256
        self.going: set[int] = set()  # messages of which a child was killed while it deleted them
        self.moving: set[int] = set()  # chats of which a child was killed while it moved them
        self.places: dict[int, tuple[int, bool]] = {}  # chats: folder, and whether in the trash
        self.happened: Counter[str] = Counter()

    def hear(self, line: str) -> None:
        what, *about = line.split()
        self.happened[what] += 1
        if what == "finished":
            self.finished[int(about[0])] = about[1]
            return
        numbers = [int(word) for word in about if word.isdecimal()]
        match what:
            case "deleting":
                self.going.update(numbers)
            case "back":
                self.going.clear()
            case "gone":
                self.going.clear()
                for number in numbers:
                    self.finished.pop(number, None)
            case "moving":
                self.moving.update(numbers)
            case "moved":
                self.moving.clear()
                self.places[numbers[0]] = (numbers[1], bool(numbers[2]))

    def check(self, store: ChatStore) -> None:
        there = {row[0] for row in store._db.execute("SELECT id FROM messages")}
        assert self.going <= there or not self.going & there, "deleted in part"
        for number in self.going - there:
            self.finished.pop(number, None)
        for number, digest in self.finished.items():
            message = store.message(number)
            found = hashlib.sha256(message.text.encode()).hexdigest()
            assert (message.state, found) == ("complete", digest)
        found_at = {
            chat: (folder or 0, trashed is not None)
            for chat, folder, trashed in store._db.execute("SELECT id, folder, deleted_at FROM chats")
        }
        for chat, place in self.places.items():
            assert chat in self.moving or found_at[chat] == place
        self.places.update({chat: found_at[chat] for chat in self.moving})
        self.going.clear()
        self.moving.clear()


def killed_after(writer: Writer, path: Path, seed: int, seconds: float, told: Told) -> None:
    """Have a child write, and kill it.

    Half of the children live until they have finished a turn: there is something to lose on a slow machine
    too.
    """
    assert writer.stdin is not None
    assert writer.stdout is not None
    writer.stdin.write(json.dumps([str(path), seed]) + "\n")
    _, child = writer.stdout.readline().split()
    before = told.happened["finished"]
    while seed % 4 < 2 and told.happened["finished"] == before:
        told.hear(writer.stdout.readline())
    time.sleep(seconds)
    os.kill(int(child), signal.SIGKILL)
    while (line := writer.stdout.readline().strip()) != "ended":
        told.hear(line)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no forks")
def test_a_hundred_kills_while_writing_lose_no_finished_turn_and_damage_nothing(
    tmp_path: Path, writer: Writer
) -> None:
    path = tmp_path / "chats.sqlite3"
    dice = random.Random(11)
    told = Told()
    cut_off = 0
    for seed in range(KILLS):
        killed_after(writer, path, seed, dice.uniform(0.0, LATEST_S), told)
        store = ChatStore(path)
        assert store.problem is None
        db = store._db
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        db.execute("INSERT INTO message_words (message_words) VALUES ('integrity-check')")
        states = dict(db.execute("SELECT state, count(*) FROM messages GROUP BY state").fetchall())
        assert "streaming" not in states
        cut_off = max(cut_off, states.get("interrupted", 0))
        told.check(store)
        if seed % 2:
            store.close()
        else:
            store._db.close()
    # it was written all the time, everything was done, and kills came in the middle of it
    assert told.happened["finished"] >= KILLS // 2
    assert all(told.happened[what] for what in ("back", "gone", "moved"))
    assert cut_off > KILLS / 20
