"""Run the real window on the core in memory and print, as JSON, what long and hurtful replies cost its thread.

A process of its own for `tests.bench.window`: milliseconds of the thread's own time between two rests, at the
most, while a reply of 100,000 tokens is opened, streams, is searched, selected and copied; and for each Markdown
that was built to hurt.
"""

import json
import sys
from collections.abc import Callable, Iterator

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from tests.bench._window_thread_probe import RICH, LoopWatch, wait, wait_for
from tests.fakes.hurtful import HURTFUL, long_reply
from tests.gui.scene_texts import TEXTS
from tests.gui.stage import Stage

TOKENS_20K, TOKENS_100K = 80_000, 400_000  # characters
STREAMED = 300  # tokens
TOKEN_MS = 8
WORDS = "The keeper of the light wrote down what the sea did that day, and **nobody** read it. ".split(" ")


class Steps:
    """Does what a person would and keeps the longest turns."""

    def __init__(self, only: str) -> None:
        self.stage = Stage(TEXTS["en"]).open(chats=False)
        self.watch = LoopWatch()
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
        wait(0.3)
        self.watch.begin()
        QTimer.singleShot(0, act)
        wait(0.05)
        wait_for(until)
        wait(0.3)
        self.times[name] = self.watch.longest_own_s * 1000
        print(f"{name:40} {self.times[name]:8.1f}", file=sys.stderr, flush=True)

    def show(self, name: str, *replies: str) -> None:
        """Open a chat of these replies, and wait until all of it is there."""
        if self.only not in name:
            return
        self.talk.new()
        chat = self.chat(*replies)
        turns = 2 * len(replies)
        self.step(name, lambda: self.talk.open(chat), lambda: len(self.talk.turns) == turns and self.settled())

    def settled(self) -> bool:
        formulas = self.stage.workspace.conversation.formulas
        return not formulas.busy

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
                reply.write(next(tokens))

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


def main() -> int:
    from desktop.ui.manner import dress, speak

    app = QApplication(["bench"])
    speak(app, "en")
    dress(app, "light")
    steps = Steps(sys.argv[3] if len(sys.argv) > 3 else "")
    view = steps.stage.workspace.conversation
    steps.show("open 20k", *[RICH * 10] * 20)
    steps.stream("stream into 20k", words())
    long = long_reply(TOKENS_100K)
    steps.show("open 100k", long)
    steps.step("select all of 100k", view.select_all)
    steps.step("copy the selection of 100k", view.copy)
    steps.step("copy the message of 100k", lambda: view.copy_message(1))
    find = steps.stage.session.find if hasattr(steps.stage.session, "find") else None
    if find is not None:
        steps.step("search in 100k", lambda: find.search("storm"))
        steps.step("next found in 100k", lambda: find.step(True))
        find.end()
    bar = view.verticalScrollBar()
    steps.step("scroll to the middle of 100k", lambda: bar.setValue(bar.maximum() // 2))
    steps.step("resize 100k", lambda: steps.stage.window.resize(900, 700))
    steps.step("back", lambda: steps.stage.window.resize(1120, 760))
    steps.talk.new()
    if "stream" in steps.only or not steps.only:
        steps.stream("stream 100k, in large pieces", in_pieces(long, 2_000), len(long) // 2_000)
        steps.stream("stream 100k of code in one block", iter(["```python\n" + "x = 1\n" * 30_000] + ["y = 2\n"] * 400))
    for name, text in HURTFUL.items():
        steps.show(f"hurt: {name}", text)
    for name, text in HURTFUL.items():
        size = max(20, len(text) // 150)
        steps.talk.new()
        steps.stream(f"hurt, streamed: {name}", in_pieces(text, size), len(text) // size + 1)
    print(json.dumps(steps.times), flush=True)
    steps.stage.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
