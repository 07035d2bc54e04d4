"""A person at work, as a process that may be killed: `python -m tests.bench._faults_person FOLDER SEED`.

It opens the real core with its real workers, looks whether all is there that was finished before, says
"ready", and then chats, indexes and trains at the same time until its standard input ends. What is finished
is written into a ledger, on the disk, before anything else begins. Prints "lost ..." for what is missing.
"""

import hashlib
import json
import os
import random
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from desktop.core.contract import Core
from desktop.core.errors import CoreError
from desktop.core.events import StorageProblem
from desktop.core.places import Places
from desktop.core.services import open_core
from desktop.core.types import StoredMessage
from desktop.core.types.training import RunTold, TrainingPlan
from engine.train.events import Saved
from engine.train.specs import Settings
from tests.conftest import CHAT_MODEL, models_folder

PATIENCE_S = 120.0
PLAN = TrainingPlan(
    name="Poet",
    vocab=300,
    layers=1,
    heads=2,
    width=16,
    context=32,
    settings=Settings(steps=1_000_000, batch=2, validate_every=20, save_every=10, sample_every=0, warmup=1),
)
DOCUMENT = "# {word}\n\nThe {word} stands in the garden and opens at nine. It is watered in the evening.\n"


class Ledger:
    """What was finished, a JSON object in each line; a line that a kill cut short was not finished."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def entries(self) -> list[dict[str, Any]]:
        found = []
        for line in self._path.read_bytes().split(b"\n") if self._path.exists() else ():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found

    def note(self, **entry: Any) -> None:
        with self._lock, self._path.open("ab") as file:
            file.write(b"\n" + json.dumps(entry).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def said(reply: StoredMessage) -> str:
    return hashlib.sha256(reply.text.encode()).hexdigest()[:16]


def looked_over(core: Core, ledger: Ledger) -> list[str]:
    """What of the finished things is not there any more, and what the doctor finds."""
    lost: list[str] = []
    entries = ledger.entries()
    chats: dict[int, dict[int, StoredMessage]] = {}
    listed = {document.file: document for document in core.list_documents().result(PATIENCE_S)}
    steps = {run.id: run for run in core.list_runs().result(PATIENCE_S)}
    for entry in entries:
        match entry["kind"]:
            case "turn":
                chat = int(entry["chat"])
                if chat not in chats:
                    opened = core.open_chat(chat).result(PATIENCE_S)
                    chats[chat] = {message.id: message for message in opened.messages}
                reply = chats[chat].get(int(entry["reply"]))
                if reply is None or reply.state != "complete" or said(reply) != entry["said"]:
                    lost.append(f"turn {entry} {reply.state if reply else 'gone'}")
            case "document":
                found = listed.get(entry["file"])
                if found is None or found.state != "indexed":
                    lost.append(f"document {entry} {found.state if found else 'gone'}")
            case "checkpoint":
                run = steps.get(entry["run"])
                if run is None or run.state == "damaged" or run.step < int(entry["step"]):
                    lost.append(f"checkpoint {entry} {run.step if run else 'gone'}")
    last = next((one for one in reversed(entries) if one["kind"] == "document"), None)
    if last is not None and not any(
        hit.file == last["file"] for hit in core.search(str(last["word"]), 5).result(PATIENCE_S)
    ):
        lost.append(f"search {last}")
    troubles = core.check_health().result(PATIENCE_S).troubles
    return lost + [f"trouble {finding}" for finding in troubles]


class Person:
    """Three things at once, each on a thread, each going on after whatever went wrong."""

    def __init__(self, core: Core, ledger: Ledger, folder: Path, seed: int) -> None:
        self._core = core
        self._ledger = ledger
        self._folder = folder
        self._random = random.Random(seed)
        text = folder / "to-learn.txt"
        text.write_text(DOCUMENT.format(word="garden") * 300)
        self._plan = replace(PLAN, inputs=(str(text),))
        self._stopped = threading.Event()
        self._failed = threading.Event()
        self._operations: list[Any] = []
        self._threads = [
            threading.Thread(target=self._again, args=(work,), daemon=True)
            for work in (self._chat, self._index, self._train)
        ]

    def begin(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._stopped.set()
        for operation in list(self._operations):
            operation.cancel()
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def _again(self, work: Callable[[], None]) -> None:
        while not self._stopped.is_set():
            try:
                work()
            except CoreError:  # a worker was killed: a person tries again
                self._failed.set()
                self._stopped.wait(0.05)

    def _done(self, operation: Any) -> Any:
        self._operations.append(operation)
        if self._stopped.is_set():
            operation.cancel()
        try:
            return operation.result(PATIENCE_S)
        finally:
            self._operations.remove(operation)

    def _chat(self) -> None:
        if self._failed.is_set():  # a model whose engine died while it was loaded waits to be chosen again
            self._failed.clear()
            chosen = str(self._core.setting("model_path")) or str(models_folder() / CHAT_MODEL)
            self._done(self._core.load_model(chosen))
        chat = self._done(self._core.create_chat()).info.id
        for number in range(3):
            if self._stopped.is_set():
                return
            reply = self._done(self._core.send(chat, f"Say a word that rhymes with {number}."))
            if reply.state == "complete":
                self._ledger.note(kind="turn", chat=chat, reply=reply.id, said=said(reply))

    def _index(self) -> None:
        word = "q" + "".join(self._random.choice("abcdefghijklmnop") for _ in range(12))
        file = self._folder / f"{word}.md"
        file.write_text(DOCUMENT.format(word=word))
        done = self._done(self._core.index((str(file),), "default"))
        if [one.error for one in done.documents] == [None]:
            self._ledger.note(kind="document", file=str(file), word=word)

    def _train(self) -> None:
        runs = [run for run in self._done(self._core.list_runs()) if run.can_resume]
        operation = self._core.resume_run(runs[0].id) if runs else self._core.begin_run(self._plan)

        def hear(event: object) -> None:
            if isinstance(event, RunTold) and isinstance(event.event, Saved):
                self._ledger.note(kind="checkpoint", run=event.run, step=event.event.step)

        operation.subscribe(hear)
        self._done(operation)


def main() -> int:
    folder, seed = Path(sys.argv[1]), int(sys.argv[2])
    documents = folder / "documents"
    documents.mkdir(exist_ok=True)
    ledger = Ledger(folder / "ledger")
    problems: list[StorageProblem] = []
    core = open_core(Places.of(folder / "data", models_folder()), others=())
    core.subscribe(lambda event: problems.append(event) if isinstance(event, StorageProblem) else None)
    core.set_setting("max_reply_tokens", 8).result(PATIENCE_S)
    core.set_setting("model_titles", False).result(PATIENCE_S)
    for line in [*looked_over(core, ledger), *(f"problem {one.problem}" for one in problems)]:
        print("lost", line, flush=True)
    print("ready", flush=True)
    person = Person(core, ledger, documents, seed)
    person.begin()
    sys.stdin.read()  # until it is to end
    person.end()
    core.close()
    print("closed", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
