"""Run the real window on the real core and print, as JSON, how long its event loop did not come round.

A process of its own for `tests.bench.window`: the longest times, in milliseconds, while a chat of 2,000
messages is opened, while each panel is, and while a reply streams beside documents being indexed.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QAbstractEventDispatcher, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from desktop.core.chats.store import ChatStore
from desktop.core.places import Places
from desktop.core.settings import Settings
from desktop.core.types import TextPart
from desktop.view_models.session import Session

BEAT_MS = 5
MESSAGES = 2_000
STREAM_S = 12.0
WAIT_S = 120.0
LONG = "Tell me a very long story about a lighthouse keeper and the sea."
RICH = (
    "Some **words** to read, and `code` among them.\n\n- one\n- two\n\n```python\ndef f(x: int) -> int:\n"
    "    return x + 1  # the next\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
    "With $x_{number}^2$ and\n\n$$\\frac{{number}}{2} + \\sqrt{a_{number}}$$\n\nThe end of it."
)


class LoopWatch(QObject):
    """How long this thread's event loop did not come round, since `begin`.

    `longest_s`: the longest time in which a timer was not served. `longest_own_s`: the most that the thread
    itself worked between two rests.
    """

    def __init__(self) -> None:
        super().__init__()
        self._beat = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._beat.timeout.connect(self._served)
        self._beat.start()
        QAbstractEventDispatcher.instance().aboutToBlock.connect(self._rests)
        self.begin()

    def begin(self) -> None:
        self.longest_s = self.longest_own_s = 0.0
        self._served_at, self._worked = time.perf_counter(), time.thread_time()

    def _served(self) -> None:
        now = time.perf_counter()
        self.longest_s = max(self.longest_s, now - self._served_at - BEAT_MS / 1000)
        self._served_at = now

    def _rests(self) -> None:
        now = time.thread_time()
        self.longest_own_s = max(self.longest_own_s, now - self._worked)
        self._worked = now


def fill(places: Places) -> int:
    """A chat of `MESSAGES` messages, and settings for a reply that is always the same."""
    places.create()
    settings = Settings(places.settings_file)
    settings.set("temperature", 0.0)
    store = ChatStore(places.chats_file)
    chat = store.create_chat().info.id
    for number in range(MESSAGES // 2):
        question = TextPart(f"Question {number}, which is a line long or so?")
        _, reply = store.add_turn(chat, (question,))
        store.finish(reply.id, RICH.replace("number", str(number)), "complete")
    store.close()
    return chat


class Probe:
    """Does what a person would and keeps the longest turns."""

    def __init__(self, session: Session, watch: LoopWatch) -> None:
        self._session = session
        self._watch = watch
        self.times: dict[str, float] = {}

    def step(self, name: str, act: Callable[[], object], until: Callable[[], bool]) -> None:
        wait(0.3)
        self._watch.begin()
        act()
        wait_for(until)
        wait(0.2)
        self.times[f"{name}_ms"] = self._watch.longest_s * 1000
        self.times[f"{name}_own_ms"] = self._watch.longest_own_s * 1000


def wait_for(condition: Callable[[], bool]) -> None:
    """Let the event loop run, as in the program, until this holds."""
    until = time.monotonic() + WAIT_S
    loop, look = QEventLoop(), QTimer(interval=5)
    look.timeout.connect(lambda: loop.quit() if condition() or time.monotonic() > until else None)
    look.start()
    loop.exec()
    look.stop()
    if time.monotonic() > until:
        raise TimeoutError("the window did not get there")


def wait(seconds: float) -> None:
    until = time.monotonic() + seconds
    wait_for(lambda: time.monotonic() >= until)


def main() -> int:
    from desktop.app import Program
    from desktop.garbage import WindowCollector
    from desktop.ui.main_window import MainWindow
    from desktop.ui.manner import dress, speak

    app = QApplication(["sobremesa"])
    WindowCollector(app)
    speak(app, "en")
    dress(app, "light")
    places = Places.of(Path(sys.argv[1]))
    chat = fill(places)
    text = Path(sys.argv[1]) / "long.txt"
    calm = "The sea was calm that day. " * 12
    text.write_text("\n\n".join(f"Paragraph {number}. {calm}" for number in range(2_400)), "utf-8")
    window = MainWindow()
    program = Program(app, window, places)
    window.show()
    watch = LoopWatch()
    program.open()
    wait_for(lambda: window.workspace is not None and window.session is not None)
    session, workspace = window.session, window.workspace
    assert session is not None
    assert workspace is not None
    wait_for(lambda: session.chats.listed)
    probe = Probe(session, watch)
    talk = session.conversation
    probe.step("open_chat", lambda: talk.open(chat), lambda: len(talk.turns) == MESSAGES)
    for panel in ("settings", "models", "documents", "system_prompt"):
        probe.step(f"panel_{panel}", lambda panel=panel: workspace.toggle_panel(panel), lambda: True)
    workspace.close_panel()
    session.chats.new_chat()
    wait_for(lambda: not talk.turns)
    talk.send(LONG)
    wait_for(lambda: len(talk.turns) == 2 and bool(talk.turns[1].text))
    workspace.open_panel("documents")
    session.add_documents([str(text)])
    until = time.monotonic() + STREAM_S

    def streamed() -> bool:
        if not talk.running:
            talk.send(LONG)
        return time.monotonic() > until

    probe.step("busy", lambda: None, streamed)
    assert session.documents.progress is not None, session.documents.outcome
    print(json.dumps(probe.times), flush=True)
    program.ended.connect(app.quit)
    window.close()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
