"""`kill -9` at random moments, over all processes, while a person chats, indexes, trains and updates.

    python -m tests.bench faults                 300 moments, about half an hour
    python -m tests.bench faults --parts 60      as many as that

Each round a process of its own opens the data of the round before, looks whether everything that was finished
is there (turns, documents, checkpoints) and whether the doctor finds nothing, then does all three things at
once until one of its processes is killed: the one that stands for the window, the engine, the library, its
reader, the embedder or the trainer. Where a worker was killed, the others go on, and the program is closed
in order. Every fifth round is an update: chats or a library of the first schema are opened, in turn, and
killed in the midst of it. Chat model, search model, index and trainer are the real ones.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue

import psutil

from tests.bench._faults_update import KINDS

MOMENTS = 300
PARTS = ("300",)
UPDATE_EVERY = 5
OPENING_SHARE = 0.15  # of the kills fall while it opens and looks
LONGEST_WORK_S = 8.0
LONGEST_AT_WORK_S = 3.0  # of a worker, from when it was first seen
GOES_ON_S = 1.5  # after a worker was killed
PATIENCE_S = 240.0
VICTIMS = (
    "window",
    "engine.worker",
    "engine.train.worker",
    "rag.library_worker",
    "rag.reader_worker",
    "rag.embedder_worker",
)
SEED = 11
PERSON = (sys.executable, "-P", "-m", "tests.bench._faults_person")


def rows(parts: tuple[str, ...] = PARTS) -> Iterator[tuple[str, float, str]]:
    """(name, value, unit). `parts`: how many moments."""
    moments = int(parts[0])
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        yield from Faults(Path(folder), random.Random(SEED)).rows(moments)


class Faults:
    """One folder that is used and killed again and again."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self._folder = folder
        self._chance = chance
        self.killed: Counter[str] = Counter()
        self.lost: list[str] = []
        self.unclean: list[str] = []
        self._migrations_s: dict[str, float] = {}
        self._left = 0  # processes that outlived their parent

    def rows(self, moments: int) -> Iterator[tuple[str, float, str]]:
        began = time.monotonic()
        self._write_old()
        for kind, took in self._migrations_s.items():
            yield f"one update: {kind}", took, "s"
        for number in range(moments):
            if number % UPDATE_EVERY == UPDATE_EVERY - 1:
                self._update(number)
            else:
                self._work(number)
            self._tell(number, moments)
        last = Round(self._folder, -1)  # what the last kill left
        self._hear(last.until("ready"), last)
        self._close(last)
        for name, count in sorted(self.killed.items()):
            yield f"killed: {name}", count, ""
        for kind in ("turn", "document", "checkpoint"):
            yield f"finished: {kind}s", finished(self._folder, kind), ""
        yield "finished and lost", len(self.lost), ""
        yield "restarts that were not clean", len(self.unclean), ""
        yield "processes that outlived the window by 15 s", self._left, ""
        yield "time", (time.monotonic() - began) / 60, "min"

    # ── rounds ──

    def _work(self, number: int) -> None:
        person = Round(self._folder, number)
        if self._chance.random() < OPENING_SHARE:
            time.sleep(self._chance.uniform(0, 2.5))
            self._kill_window(person, "window, opening")
            return
        if not self._hear(person.until("ready"), person):
            return
        victim = self._chance.choice(VICTIMS)
        if victim == "window":
            time.sleep(self._chance.uniform(0, LONGEST_WORK_S))
            self._kill_window(person, "window, working")
            return
        # each has the same chance, though some begin late: on a busy machine the engine takes seconds
        child = person.child(victim)
        time.sleep(self._chance.uniform(0, LONGEST_AT_WORK_S))
        child = person.child(victim, 0.0) or child
        if child is None:
            self.unclean.append(f"{victim} did not begin")
        else:
            self.killed[victim] += 1
            kill(child)
        time.sleep(GOES_ON_S)
        self._close(person)

    def _kill_window(self, person: "Round", name: str) -> None:
        children = person.children()
        self.killed[name] += 1
        person.process.kill()
        person.process.wait()
        self._hear(person.said(), None)
        _, alive = psutil.wait_procs(children, timeout=15)
        for child in alive:
            self._left += 1
            sys.stderr.write(f"    outlived the window: {name_of(child) or 'gone by now'}\n")
            kill(child)

    def _close(self, person: "Round") -> None:
        person.end()
        told = person.until("closed")
        self._hear(told, None)
        if "closed" not in told or person.process.wait() != 0:
            self.unclean.append(f"it did not close: {told[-1:]} {person.errors()}")

    def _hear(self, told: list[str], person: "Round | None") -> bool:
        """Take down what was lost. False, where a round that should have begun did not."""
        for line in told:
            if line.startswith("lost "):
                (self.unclean if line.startswith(("lost trouble", "lost problem")) else self.lost).append(
                    line
                )
        if person is None or "ready" in told:
            return True
        self.unclean.append(f"it did not open: {person.errors()}")
        person.process.kill()
        person.process.wait()
        return False

    def _open_files(self) -> str:
        found = (self._folder / "data").rglob("*")
        return " " + ", ".join(
            str(one.relative_to(self._folder)) for one in found if one.lstat().st_mode & 0o77
        )

    def _update(self, number: int) -> None:
        """The file of an older version, opened by the present one, which is killed while it migrates."""
        name = tuple(KINDS)[number // UPDATE_EVERY % len(KINDS)]
        file = self._folder / f"update-{number}"
        shutil.copy(self._folder / f"old-{name}", file)
        process = opening(name, file)
        time.sleep(self._chance.uniform(0, self._migrations_s[name]))
        process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]
        self.killed[f"{name}, updating" if process.returncode else f"{name}, updated"] += 1
        if process.returncode not in (0, -signal.SIGKILL):
            self.unclean.append(f"an update of {name} ended with {process.returncode}")
        lost, unsound = KINDS[name].look(file)
        if lost:
            self.lost.append(f"lost in an update of {name}: {lost}")
        if unsound:
            self.unclean.append(f"an update of {name}: {unsound}")
        for left in self._folder.glob(f"{file.name}*"):
            left.unlink()

    def _write_old(self) -> None:
        """Files of the first version, and how long each takes to be brought up to date here."""
        for name, kind in KINDS.items():
            file = self._folder / f"old-{name}"
            kind.write(file)
            tried = self._folder / "tried"
            shutil.copy(file, tried)
            process = opening(name, tried)
            began = time.monotonic()
            if process.wait() != 0:
                raise RuntimeError(f"{name} of the first version cannot be opened")
            process.stdout.close()  # type: ignore[union-attr]
            self._migrations_s[name] = time.monotonic() - began
            for left in self._folder.glob("tried*"):
                left.unlink()

    def _tell(self, number: int, moments: int) -> None:
        line = f"{number + 1}/{moments}: lost {len(self.lost)}, not clean {len(self.unclean)}"
        for told in (*self.lost[-1:], *self.unclean[-1:]):
            line += f"\n    {told[:300]}"
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


class Round:
    """The person's process, from its start on."""

    def __init__(self, folder: Path, number: int) -> None:
        self._log = folder / "person.log"
        with self._log.open("wb") as errors:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "tests.bench._faults_person",
                    str(folder),
                    str(SEED * 1000 + number),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._lines: Queue[str | None] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.strip())
        self._lines.put(None)

    def until(self, word: str) -> list[str]:
        """What it says up to this word, or up to its end or the end of all patience."""
        told: list[str] = []
        end = time.monotonic() + PATIENCE_S
        while word not in told:
            try:
                line = self._lines.get(timeout=max(0.1, end - time.monotonic()))
            except Empty:
                break
            if line is None:
                break
            told.append(line)
        return told

    def said(self) -> list[str]:
        """All that is left, of a process that has ended."""
        return self.until("nothing like this")

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def children(self) -> list[psutil.Process]:
        try:
            found = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.Error:
            return []
        return [child for child in found if name_of(child)]

    def child(self, name: str, limit_s: float = 60.0) -> psutil.Process | None:
        """A worker of that name, as soon as there is one."""
        ends = time.monotonic() + limit_s
        while True:
            found = next((child for child in self.children() if name_of(child) == name), None)
            if found is not None or time.monotonic() > ends:
                return found
            time.sleep(0.05)

    def errors(self) -> str:
        return self._log.read_text("utf-8", "replace")[-1500:]


def opening(name: str, file: Path) -> "subprocess.Popen[bytes]":
    """A process that is about to bring a file of that kind up to date."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "tests.bench._faults_update", name, str(file)],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def name_of(process: psutil.Process) -> str:
    """Which worker it is; "" for one that is none, or is gone."""
    try:
        words = process.cmdline()
    except psutil.Error:
        return ""
    return next((word for word in words if word.endswith(("worker", "template_worker"))), "")


def kill(process: psutil.Process) -> None:
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)


def finished(folder: Path, kind: str) -> int:
    ledger = (folder / "ledger").read_bytes() if (folder / "ledger").exists() else b""
    return sum(1 for line in ledger.split(b"\n") if f'"kind": "{kind}"'.encode() in line)
