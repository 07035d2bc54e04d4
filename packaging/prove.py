"""Prove a package: `python3 packaging/prove.py`, as root. A person's first day with it, on a bare system.

Installs the .deb with what it depends on into the smallest Debian there is (no Python, no compiler),
cuts the network, and does with mouse and keyboard what a person would: starts the window, chats, brings
in a PDF, asks, follows the citation, trains, closes, starts again, uninstalls. Every step is looked at
on the screen and asked of the installed command; pictures stay. Any call for the network, by any
process, fails the proof.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import package_apt
import prove_trace
from prove_root import HOME, USER_ID, Root, RootFailed, end
from prove_screen import NotSeen, Screen

ROOT = Path(__file__).resolve().parent.parent
PDF = ROOT / "tests" / "data" / "museum.pdf"
# the starter model answers freely: that it answers is asked for, not what
QUESTION = "What is the capital of France?"
ABOUT_THE_PDF = "How much does a ticket cost?"
CLOSING_LIMIT_S = 30


class Failed(Exception):
    """What did not hold."""


class Proof:
    """One run; `say` reports each step as it holds."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self.chosen = chosen
        self.out: Path = chosen.pictures.absolute()
        shutil.rmtree(self.out, ignore_errors=True)
        self.screen = Screen(chosen.display, self.out)
        self.root = Root(chosen.work.absolute() / "root", self.screen.name, self.out / "traces")
        self.figures: dict[str, Any] = {}
        self._window: Any = None

    def apply(self) -> None:
        """Every step in its order."""
        steps: tuple[Callable[[], None], ...] = (
            self.install,
            self.start,
            self.chat,
            self.bring_in_a_document,
            self.ask_about_it,
            self.follow_the_citation,
            self.train,
            self.close,
            self.start_again,
            self.find_everything,
            self.uninstall,
            self.account,
        )
        for step in steps:
            began = time.monotonic()
            step()
            name = step.__name__.replace("_", " ")
            print(f"{name}: holds ({time.monotonic() - began:.0f} s)", flush=True)

    # ── the package ──

    def install(self) -> None:
        """Into a system without interpreters and compilers, which it stays."""
        debs = newest(self.chosen.packages, ("sobremesa", "sobremesa-models"))
        self.root.make(self.chosen.work.absolute() / "base", self.chosen.suite)
        expect(not self.root.foreign(), "The bare system is not bare.")
        before = self.packages()
        self.root.install(debs)
        expect(not self.root.foreign(), f"The package brought {self.root.foreign()}.")
        self.figures["packages installed"] = len(self.packages()) - len(before)
        for place in (
            "applications/sobremesa.desktop",
            "man/man1/sobremesa.1.gz",
            "mime/packages/sobremesa.xml",
        ):
            expect((self.root.folder / "usr/share" / place).is_file(), f"{place} is missing.")
        paper = self.root.folder / HOME[1:] / PDF.name
        shutil.copyfile(PDF, paper)
        os.chown(paper, USER_ID, USER_ID)

    def packages(self) -> set[str]:
        return set(self.root.inside("dpkg-query", "-W", "-f", "${Package}\n").split())

    # ── the window ──

    def start(self) -> None:
        """Until it stands on the screen, and takes what is typed."""
        self._open()
        self.screen.click("Skip the introduction", 60)
        self.screen.see("New chat")
        self.screen.picture("first-start")

    def _open(self) -> None:
        began = time.monotonic()
        self._window = self.root.start(["/usr/bin/sobremesa"])
        self.screen.window()
        self.figures.setdefault("seconds to the window, traced", []).append(
            round(time.monotonic() - began, 2)
        )

    def chat(self) -> None:
        """A question typed, an answer on the screen and in the store."""
        self.screen.press("ctrl+l")
        self.screen.write(QUESTION)
        self.screen.press("Return")
        self.wait_for_reply(QUESTION)
        self.screen.see(QUESTION, 30)
        self.screen.picture("chat")

    def bring_in_a_document(self) -> None:
        """Through the palette and the file dialog, as a person without a mouse would."""
        self.screen.press("ctrl+n")
        self.screen.press("ctrl+shift+d")
        self.screen.see("Documents")
        self.screen.press("ctrl+k")
        self.screen.write("Add documents")
        time.sleep(0.5)
        self.screen.press("Return")
        self.until("the dialog", lambda: self.screen.windows() > 1, 30)
        self.screen.write(f"{HOME}/{PDF.name}")
        self.screen.press("Return")
        self.until("the document", lambda: any(PDF.name in str(one) for one in self.documents()), 120)
        # only then is it switched on for the chat in front
        self.screen.see("8 passages", 60)
        time.sleep(2)
        self.screen.picture("document")

    def ask_about_it(self) -> None:
        """The answer names its source."""
        self.screen.press("ctrl+l")
        self.screen.write(ABOUT_THE_PDF)
        self.screen.press("Return")
        self.wait_for_reply(ABOUT_THE_PDF)
        self.screen.see(f"{PDF.name}, p. 3", 30)
        self.screen.picture("answer")

    def follow_the_citation(self) -> None:
        """A click on it opens the document at that page, the passage marked."""
        self.screen.click(f"{PDF.name}, p. 3", last=True)
        self.screen.see("3 of 4", 60)  # the page of the document, beside the conversation
        self.screen.see("Opening hours", 60)
        self.screen.picture("citation")

    def train(self) -> None:
        """Ten steps of a model that starts from nothing, by the installed command beside the open window."""
        texts = self.root.folder / HOME[1:] / "texts"
        texts.mkdir()
        shutil.copyfile(ROOT / "README.md", texts / "readme.md")
        data, run = f"{HOME}/data", f"{HOME}/run"
        self.ask("train", "prepare", f"{HOME}/texts", "--characters", "--out", data)
        told = self.ask("train", "pretrain", "--data", data, "--steps", "10", "--out", run)
        self.figures["ten steps"] = told
        self.screen.press("ctrl+shift+w")
        self.screen.see("Workshop")
        self.screen.picture("workshop")

    # ── the end, and again ──

    def close(self) -> None:
        """By its key; every process of it is gone after that."""
        self.screen.press("ctrl+q")
        self._window.wait(CLOSING_LIMIT_S)
        expect(self._window.returncode == 0, f"The window ended with {self._window.returncode}.")

    def start_again(self) -> None:
        """What stood on the screen comes back."""
        self._open()
        self.screen.see(ABOUT_THE_PDF, 60)
        self.screen.picture("second-start")

    def find_everything(self) -> None:
        """Chats, document and model, asked of the open window and looked at."""
        chats = self.ask("chats")["chats"]
        expect(len(chats) == 2, f"Of two chats there are: {chats}")
        expect(any(PDF.name in str(one) for one in self.documents()), "The document is gone.")
        found = json.dumps(self.ask("search", ABOUT_THE_PDF, "-k", "1"))
        expect("seven euros" in found, f"The search finds {found}")
        expect((self.root.folder / HOME[1:] / "run").is_dir(), "The trained model is gone.")
        self.screen.press("ctrl+q")
        self._window.wait(CLOSING_LIMIT_S)

    def uninstall(self) -> None:
        """The program goes, what the person made stays."""
        data = self.root.folder / HOME[1:] / ".local/share/sobremesa"
        before = listing(data)
        self.root.inside("apt-get", "purge", "-y", "-q", "sobremesa", "sobremesa-models")
        for gone in ("usr/bin/sobremesa", "usr/lib/sobremesa", "usr/share/sobremesa"):
            expect(not os.path.lexists(self.root.folder / gone), f"{gone} is still there.")
        expect(listing(data) == before and (data / "chats.sqlite3").is_file(), "The person's data is gone.")

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
            "sockets": found.families,
            "attempts": len(found.attempts),
        }
        expect(not found.attempts, "These asked for the network:\n" + "\n".join(found.attempts[:20]))

    # ── asking the installed command ──

    def ask(self, *words: str) -> Any:
        """An installed command's answer, as JSON; while the window is open it goes through that."""
        told = self.root.use("/usr/bin/sobremesa", *words, "--json")
        return json.loads(told.strip().splitlines()[-1])

    def documents(self) -> list[Any]:
        return list(self.ask("library", "list").get("documents", []))

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

        self.until(f"a reply to “{question}”", there, 180)

    def until(self, what: str, condition: Callable[[], bool], limit_s: float) -> None:
        ends = time.monotonic() + limit_s
        while not condition():
            if time.monotonic() > ends:
                self.screen.picture("not-there")
                raise Failed(f"{what} did not come within {limit_s:.0f} s")
            time.sleep(0.5)

    def leave(self) -> None:
        """End what runs, whatever happened."""
        if self._window is not None and self._window.poll() is None:
            end(self._window)
        self.screen.close()


def expect(holds: bool, otherwise: str) -> None:
    """Raises Failed."""
    if not holds:
        raise Failed(otherwise)


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


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    grammar = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = grammar.add_argument
    add("--packages", type=Path, default=ROOT / "dist", help="where build.py left them")
    add("--work", type=Path, default=ROOT / "build" / "prove", help="where the bare system stands")
    add("--pictures", type=Path, default=ROOT / "dist" / "proof", help="where pictures and traces come")
    add("--suite", default=package_apt.suite(), help="which Debian it is installed into")
    add("--display", type=int, default=98, help="the number of the virtual screen")
    return grammar.parse_args(list(arguments))


def main(arguments: Sequence[str]) -> int:
    """Prove; 0 when all of it holds."""
    if os.geteuid():
        print("Run it as root: it makes a system of its own.", file=sys.stderr)
        return 1
    proof = Proof(parsed(arguments))
    try:
        proof.apply()
    except (Failed, NotSeen, RootFailed) as problem:
        print(f"DOES NOT HOLD: {problem}", file=sys.stderr)
        return 1
    finally:
        proof.leave()
        (proof.out / "figures.json").write_text(json.dumps(proof.figures, indent=1) + "\n", "utf-8")
    print(json.dumps(proof.figures, indent=1))
    print(f"All of it holds; pictures in {proof.out}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
