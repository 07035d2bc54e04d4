"""Run the real window on the core in memory and print, as JSON, what long and hurtful replies cost it.

A process of its own for `tests.bench.window`: milliseconds of its thread's own time that the longest single
event took, while a reply of 100,000 tokens is opened, streams, is searched, selected and copied, for each
Markdown that was built to hurt, opened and while it streams, and while views with much in them are painted.
The second argument names the steps that are wanted, by a part of their names.
"""

import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from tests.bench._window_frames_probe import painted_ms
from tests.bench._window_thread_probe import RICH, wait, wait_for
from tests.fakes.hurtful import HURTFUL, long_reply
from tests.gui.scene_texts import TEXTS
from tests.gui.stage import WIDE, Stage

TOKENS_100K = 400_000  # characters
STREAMED = 300  # tokens
TOKEN_MS = 8
WORDS = [
    "The",
    "keeper",
    "of",
    "the",
    "light",
    "wrote",
    "down",
    "what",
    "the",
    "sea",
    "did",
    "that",
    "day,",
    "and",
    "**nobody**",
    "read",
    "it.",
    "",
]


class Watched(QApplication):
    """Keeps how long the longest event took, without what the core in memory did meanwhile.

    A real core does that on threads of its own.
    """

    within, in_core = False, False
    longest_s = core_s = 0.0

    def notify(self, receiver: QObject, event: QEvent) -> bool:
        if self.within:
            return super().notify(receiver, event)
        self.within, self.core_s, begun = True, 0.0, time.thread_time()
        try:
            return super().notify(receiver, event)
        finally:
            self.within = False
            self.longest_s = max(self.longest_s, time.thread_time() - begun - self.core_s)

    def apart(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """`work` of the core, whose time is not the window's."""

        def done(*given: object, **named: object) -> Any:
            if self.in_core:
                return work(*given, **named)
            self.in_core, begun = True, time.thread_time()
            try:
                return work(*given, **named)
            finally:
                self.in_core = False
                self.core_s += time.thread_time() - begun

        return done


class Steps:
    """Does what a person would and keeps the longest turns."""

    def __init__(self, app: Watched, only: str) -> None:
        self.app = app
        self.stage = Stage(TEXTS["en"]).open(chats=False)
        core = self.stage.core
        for name in ("_now", "_reply", "_reply_ended", "chats_changed"):
            setattr(core, name, app.apart(getattr(core, name)))
        self.talk = self.stage.session.conversation
        self.only = only
        self.times: dict[str, float] = {}

    def chat(self, *replies: str) -> int:
        chat = self.stage.core.chats.create(title="bench").info.id
        for reply in replies:
            self.stage.say(chat, "What did the sea do?", reply)
        return chat

    def step(self, name: str, act: Callable[[], object], until: Callable[[], bool] = lambda: True) -> None:
        if self.only not in name:
            return
        wait(0.1)
        self.app.longest_s = 0.0
        QTimer.singleShot(0, act)
        wait(0.05)
        wait_for(until)
        wait(0.2)
        self.times[name] = self.app.longest_s * 1000
        print(f"{name:40} {self.times[name]:8.1f}", file=sys.stderr, flush=True)

    def show(self, name: str, *replies: str) -> None:
        """Open a chat of these replies, and wait until all of it is there."""
        if self.only not in name:
            return
        self.talk.new()
        chat = self.chat(*replies)
        turns = 2 * len(replies)
        self.step(
            name, lambda: self.talk.open(chat), lambda: len(self.talk.turns) == turns and self.settled()
        )

    def settled(self) -> bool:
        return not self.stage.workspace.conversation.catching_up.behind

    def stream(self, name: str, tokens: Iterator[str], count: int = STREAMED) -> None:
        """Ask in the shown chat, and write a reply token by token."""
        if self.only not in name:
            return
        before = len(self.stage.core.replies)
        self.talk.send("And then?")
        wait_for(lambda: len(self.stage.core.replies) > before)
        reply = self.stage.core.replies[-1]
        pace = QTimer(interval=TOKEN_MS)
        left = [count]

        def write() -> None:
            left[0] -= 1
            if left[0] >= 0:
                reply.write(next(tokens, ""))

        pace.timeout.connect(write)
        self.step(name, pace.start, lambda: left[0] < 0)
        pace.stop()
        reply.finish()
        wait(0.2)


def words() -> Iterator[str]:
    while True:
        for at, word in enumerate(WORDS):
            yield f"{word} " if at % 60 else f"\n\n{word} "


def in_pieces(text: str, size: int) -> Iterator[str]:
    for at in range(0, len(text), size):
        yield text[at : at + size]


def lengths(steps: Steps) -> None:
    """A reply of 100,000 tokens, and one that comes into a chat of 20,000."""
    view, find = steps.stage.workspace.conversation, steps.stage.session.find
    steps.show("opening a chat of 20,000 tokens", *[RICH * 10] * 20)
    steps.stream("a reply streams into 20,000 tokens", words())
    long = long_reply(TOKENS_100K)
    steps.show("a reply of 100,000 tokens: opened", long)
    steps.step("a reply of 100,000 tokens: selected", view.select_all)
    steps.step("a reply of 100,000 tokens: selection copied", view.copy)
    steps.step("a reply of 100,000 tokens: copied", lambda: view.copy_message(1))
    steps.step("a reply of 100,000 tokens: searched", lambda: find.search("storm"))
    steps.step("a reply of 100,000 tokens: next found", lambda: find.step(True))
    find.end()
    bar = view.verticalScrollBar()
    steps.step("a reply of 100,000 tokens: middle", lambda: bar.setValue(bar.maximum() // 2))
    steps.step("a reply of 100,000 tokens: narrower", lambda: steps.stage.window.resize(900, 700))
    steps.stage.window.resize(WIDE)
    steps.stream("a reply streams behind 100,000 tokens", words(), 150)
    steps.talk.new()
    steps.stream("a reply streams to 100,000 tokens", in_pieces(long, 2_000), len(long) // 2_000)
    code = "```python\n" + "x = 1\n" * 7_000
    steps.talk.new()
    steps.stream("code streams behind 7,000 lines of it", iter([code] + ["y = 2\n"] * 150), 150)


def hurts(steps: Steps) -> None:
    for name, text in HURTFUL.items():
        steps.show(f"hurtful, opened: {name}", text)
    for name, text in HURTFUL.items():
        size = max(20, len(text) // 100)
        steps.talk.new()
        steps.stream(f"hurtful, streamed: {name}", in_pieces(text, size), len(text) // size + 1)


def frames(steps: Steps) -> None:
    """Each view painted whole, again and again: median and longest."""
    for number in range(10_000):
        steps.stage.core.chats.create(title=f"Chat {number} about the sea")
    steps.stage.core.tell(steps.stage.core.chats_changed())
    wait(1)
    prose = " ".join(WORDS[:-1]) + " "
    steps.talk.open(steps.chat(*[RICH * 10] * 20, prose * 50))
    wait(2)
    for name in ("", "found words", "settings", "models", "documents", "branches", "context"):
        if name and f"painting {name}".find(steps.only) < 0:
            continue
        if name == "found words":  # hundreds of them in sight, in one paragraph
            steps.stage.session.find.search("the sea")
            steps.stage.session.find.step(False)  # to the last of them
            wait(2)
        elif name:
            steps.stage.session.find.end()
            steps.stage.workspace.open_panel(name)
            wait(0.7)
        times = []
        for _frame in range(30):
            times.append(painted_ms())
            wait(0.005)
        said = f"painting a frame, {name or 'conversation'}"
        steps.times[f"{said}, median"] = statistics.median(times)
        steps.times[f"{said}, longest"] = max(times)
        print(f"{said:60} {statistics.median(times):8.1f} {max(times):8.1f}", file=sys.stderr, flush=True)


PARTS = {"lengths": lengths, "hurts": hurts, "frames": frames}


def main() -> int:
    from desktop.garbage import WindowCollector
    from desktop.ui.manner import dress, speak

    app = Watched(["bench"])
    WindowCollector(app)
    speak(app, "en")
    dress(app, "light")
    steps = Steps(app, sys.argv[4] if len(sys.argv) > 4 else "")
    gc.freeze()  # as the program does
    PARTS[sys.argv[3]](steps)
    print(json.dumps(steps.times), flush=True)
    os._exit(0)  # nothing is kept that would have to be closed


if __name__ == "__main__":
    sys.exit(main())
