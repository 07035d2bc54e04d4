"""The process that writes the chats is killed with SIGKILL, a hundred times, whatever it is about to do."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
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


def killed_after(writer: Writer, path: Path, seed: int, seconds: float) -> dict[int, str]:
    """The replies that a child told to be finished before it was killed, and their texts' SHA-256.

    Half of the children live until they have finished one: there is something to lose on a slow machine too.
    """
    assert writer.stdin is not None
    assert writer.stdout is not None
    writer.stdin.write(json.dumps([str(path), seed]) + "\n")
    _, child = writer.stdout.readline().split()
    finished: dict[int, str] = {}
    while seed % 4 < 2 and not finished:
        what, *about = writer.stdout.readline().split()
        if what == "finished":
            finished[int(about[0])] = about[1]
    time.sleep(seconds)
    os.kill(int(child), signal.SIGKILL)
    while (line := writer.stdout.readline().strip()) != "ended":
        what, *about = line.split(" ", 2)
        if what == "finished":
            finished[int(about[0])] = about[1]
    return finished


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no forks")
def test_a_hundred_kills_while_writing_lose_no_finished_turn_and_damage_nothing(
    tmp_path: Path, writer: Writer
) -> None:
    path = tmp_path / "chats.sqlite3"
    dice = random.Random(11)
    finished: dict[int, str] = {}
    cut_off = 0
    for seed in range(KILLS):
        finished |= killed_after(writer, path, seed, dice.uniform(0.0, LATEST_S))
        store = ChatStore(path)
        assert store.problem is None
        db = store._db
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        db.execute("INSERT INTO message_words (message_words) VALUES ('integrity-check')")
        states = dict(db.execute("SELECT state, count(*) FROM messages GROUP BY state").fetchall())
        assert "streaming" not in states
        cut_off = states.get("interrupted", 0)
        for number, digest in finished.items():
            message = store.message(number)
            assert (message.state, hashlib.sha256(message.text.encode()).hexdigest()) == ("complete", digest)
        if seed % 2:
            store.close()
        else:
            store._db.close()
    assert len(finished) >= KILLS // 2  # it was written all the time
    assert cut_off > KILLS / 10  # and kills came in the middle of it
