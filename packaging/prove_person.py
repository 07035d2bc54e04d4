"""A person before the installed program: what every proof needs of the window, the commands and the traces.

Knows no steps: prove_day.py and prove_torch.py have them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import prove_trace
from prove_root import HOME, USER_ID, Root, end
from prove_screen import Screen

ROOT = Path(__file__).resolve().parent.parent
DATA = ".local/share/sobremesa"  # below the person's home
PROGRAM = "/usr/bin/sobremesa"
CLOSING_LIMIT_S = 60


class Failed(Exception):
    """What did not hold."""


class Person:
    """One proof: `steps` in their order; each says by itself what does not hold."""

    packages: tuple[str, ...] = ("sobremesa", "sobremesa-models")

    def __init__(self, chosen: argparse.Namespace, out: Path) -> None:
        self.chosen = chosen
        self.out = out
        shutil.rmtree(self.out, ignore_errors=True)
        self.screen = Screen(chosen.display, self.out)
        self.root = Root(chosen.work.absolute() / "root", self.screen.name, self.out / "traces")
        self.home = self.root.folder / HOME[1:]
        self.figures: dict[str, Any] = {}
        self._window: Any = None

    def steps(self) -> tuple[Callable[[], None], ...]:
        """What is done, in its order."""
        raise NotImplementedError

    def apply(self) -> None:
        """Every step, and how long it took."""
        for step in self.steps():
            began = time.monotonic()
            step()
            name = step.__name__.replace("_", " ")
            print(f"{name}: holds ({time.monotonic() - began:.0f} s)", flush=True)

    # ── the packages ──

    def install(self) -> None:
        """Into a system without interpreters and compilers, which it stays."""
        debs = newest(self.chosen.packages, self.packages)
        self.root.make(self.chosen.work.absolute() / "base", self.chosen.suite)
        expect(not self.root.foreign(), "The bare system is not bare.")
        before = self.installed()
        self.root.install(debs)
        expect(not self.root.foreign(), f"The package brought {self.root.foreign()}.")
        self.figures["packages installed"] = len(self.installed()) - len(before)

    def installed(self) -> set[str]:
        return set(self.root.inside("dpkg-query", "-W", "-f", "${Package}\n").split())

    def give(self, source: Path, name: str = "") -> str:
        """A file or folder of this machine in the person's home: its path there."""
        target = self.home / (name or source.name)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        for path in (target, *target.rglob("*")):
            os.chown(path, USER_ID, USER_ID)
        return f"{HOME}/{target.relative_to(self.home)}"

    # ── the window ──

    def open_window(self, *files: str) -> None:
        """Start it as a double-click does, and wait until it stands on the screen."""
        began = time.monotonic()
        self._window = self.root.start([PROGRAM, *files])
        self.screen.window()
        self.figures.setdefault("seconds to the window, traced", []).append(
            round(time.monotonic() - began, 2)
        )

    def close_window(self) -> None:
        """By its key; every process of it is gone after that."""
        self.screen.press("ctrl+q")
        self._window.wait(CLOSING_LIMIT_S)
        expect(self._window.returncode == 0, f"The window ended with {self._window.returncode}.")

    def leave(self) -> None:
        """End what runs, whatever happened."""
        if self._window is not None and self._window.poll() is None:
            end(self._window)
        self.screen.close()

    # ── asking the installed command ──

    def ask(self, *words: str, **variables: str) -> Any:
        """An installed command's answer, as JSON; while the window is open it goes through that."""
        return last_json(self.root.use(PROGRAM, *words, "--json", variables=variables))

    def documents(self) -> list[Any]:
        return list(self.ask("library", "list").get("documents", []))

    def found(self, question: str) -> tuple[str, int]:
        """File name and page of the first passage that the search finds."""
        hits = self.ask("search", question, "-k", "1")["results"]
        expect(bool(hits), f"Nothing is found for “{question}”.")
        return Path(hits[0]["file"]).name, int(hits[0]["page"])

    def wait_for_reply(self, question: str) -> None:
        """Until the newest chat has the question and a whole answer to it."""

        def there() -> bool:
            chats = self.ask("chats")["chats"]
            if not chats:
                return False
            last = max(chats, key=lambda chat: chat["updated_at"])
            messages = self.ask("chats", "show", str(last["id"]))["messages"]
            asked = any(question in one["text"] for one in messages if one["role"] == "user")
            reply = messages[-1] if messages else {}
            whole = reply.get("role") == "assistant" and reply.get("state") == "complete"
            return asked and whole and bool(reply["text"].strip())

        self.until(f"a reply to “{question}”", there, 300)

    def until(self, what: str, condition: Callable[[], bool], limit_s: float) -> None:
        ends = time.monotonic() + limit_s
        while not condition():
            if time.monotonic() > ends:
                self.screen.picture("not-there")
                raise Failed(f"{what} did not come within {limit_s:.0f} s")
            time.sleep(0.5)

    # ── silence ──

    def account(self) -> None:
        """What the traces of all processes say: nobody asked for the network."""
        lines = [
            line
            for file in sorted((self.out / "traces").glob("*.trace"))
            for line in file.read_text("utf-8", "replace").splitlines()
        ]
        found = prove_trace.account(lines)
        self.figures |= {
            "calls traced": found.calls,
            "processes traced": len({line.split(None, 1)[0] for line in lines if line.strip()}),
            "sockets": found.families,
            "attempts": len(found.attempts),
        }
        expect(found.calls > 0, "Nothing was traced.")
        expect(not found.attempts, "These asked for the network:\n" + "\n".join(found.attempts[:20]))


def expect(holds: bool, otherwise: str) -> None:
    """Raises Failed."""
    if not holds:
        raise Failed(otherwise)


def last_json(told: str) -> Any:
    """The JSON object that a command printed last."""
    return json.loads(told.strip().splitlines()[-1])


def listing(folder: Path) -> list[tuple[str, int]]:
    """The files of a folder with their sizes."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [(path.relative_to(folder).as_posix(), path.stat().st_size) for path in found]


def newest(folder: Path, names: Sequence[str]) -> list[Path]:
    """The last built package of each name. Raises Failed."""
    found = []
    for name in names:
        files = sorted(folder.glob(f"{name}_*.deb"), key=lambda path: path.stat().st_mtime)
        expect(bool(files), f"No package {name} in {folder}: python3 packaging/build.py makes it.")
        found.append(files[-1])
    return found
