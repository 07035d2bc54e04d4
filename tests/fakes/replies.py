"""Replies of the fake core: driven step by step by a test, or played from a script on a thread."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec.structs import replace

from desktop.core.chats.rows import reply_parts
from desktop.core.errors import Reported
from desktop.core.events import (
    ExcerptsFound,
    LoadingModel,
    Planned,
    ReadingPrompt,
    Repeated,
    ReplyEvent,
    SearchingDocuments,
    TextAdded,
    ThoughtAdded,
    TurnSaved,
)
from desktop.core.operations import Operation
from desktop.core.replies.repeats import repetition
from desktop.core.types import ContextPlan, Excerpt, MessageState, Problem, StoredMessage, ThoughtsPart
from engine.protocol import Stats
from tests.fakes.chats import FakeChats
from tests.fakes.samples import STATS

PLAN = ContextPlan(limit_tokens=8192, prompt_tokens=412, reply_tokens=1024)


@dataclass(frozen=True)
class Script:
    """What an automatic reply does, in order. `problem` set: it fails after its text."""

    text: str = "A ticket costs seven euros [1]."
    excerpts: tuple[Excerpt, ...] = ()
    loading: tuple[float, ...] = ()
    reading: tuple[float, ...] = (0.5, 1.0)
    plan: ContextPlan = PLAN
    stats: Stats = STATS
    problem: Problem | None = None
    thoughts: str = ""
    step_s: float = 0.002


@dataclass
class FakeReply:
    """One reply on its way. A test calls `write`, `emit` and, once, `finish` or `fail`."""

    chats: FakeChats
    question: StoredMessage
    reply: StoredMessage
    on_end: Callable[[], None]
    operation: Operation[StoredMessage] = field(default_factory=Operation)
    text: str = ""
    thoughts: str = ""
    repeats: StoredMessage | None = None  # the reply that this one is to be once more

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self.operation.emit(TurnSaved(self.question, self.reply))
        self.operation.on_cancel(self.stop)

    @property
    def over(self) -> bool:
        return self.operation.done

    def emit(self, event: ReplyEvent) -> None:
        with self._lock:
            if not self.over:
                self.operation.emit(event)

    def find(self, excerpts: tuple[Excerpt, ...]) -> None:
        """Search the documents and find these."""
        self.emit(SearchingDocuments())
        self.question = self.chats.set_excerpts(self.question, excerpts)
        self.emit(ExcerptsFound(excerpts))

    def write(self, text: str) -> None:
        with self._lock:
            if self.over:
                return
            self.text += text
            self.chats.change(self._as("streaming"))
            self.operation.emit(TextAdded(text))

    def think(self, text: str) -> None:
        with self._lock:
            if self.over:
                return
            self.thoughts += text
            self.chats.change(self._as("streaming"))
            self.operation.emit(ThoughtAdded(text))

    def finish(self, stats: Stats | None = STATS) -> None:
        self._end("complete", stats)

    def stop(self) -> None:
        """What cancelling leads to."""
        self._end("stopped", replace(STATS, stop_reason="cancelled"))

    def fail(self, problem: Problem) -> None:
        with self._lock:
            if self.over:
                return
            self.chats.change(replace(self._as("failed"), problem=problem))
            self.on_end()
            self.operation.fail(Reported(problem))

    def _end(self, state: MessageState, stats: Stats | None) -> None:
        with self._lock:
            if self.over:
                return
            message = self.chats.change(replace(self._as(state), stats=stats))
            if self.repeats is not None:
                self.operation.emit(Repeated(repetition(self.repeats, message)))
            self.on_end()
            self.operation.finish(message)

    def _as(self, state: MessageState) -> StoredMessage:
        thoughts = ThoughtsPart(self.thoughts, 12.0) if self.thoughts else None
        parts = reply_parts(self.text, thoughts)
        return replace(self.reply, parts=parts, state=state)


def play(reply: FakeReply, script: Script) -> None:
    """Run `script` on a thread of its own."""
    threading.Thread(target=_play, args=(reply, script), name="fake reply", daemon=True).start()


def _play(reply: FakeReply, script: Script) -> None:
    for done in script.loading:
        reply.emit(LoadingModel(done))
        time.sleep(script.step_s)
    if script.excerpts:
        reply.find(script.excerpts)
    reply.emit(Planned(script.plan))
    for done in script.reading:
        reply.emit(ReadingPrompt(done))
        time.sleep(script.step_s)
    for piece in script.thoughts.split():
        reply.think(piece + " ")
        time.sleep(script.step_s)
    for piece in re.findall(r"\s*\S+\s*$|\s*\S+", script.text):
        if reply.over:
            return
        reply.write(piece)
        time.sleep(script.step_s)
    if script.problem is not None:
        reply.fail(script.problem)
    else:
        reply.finish(script.stats)
