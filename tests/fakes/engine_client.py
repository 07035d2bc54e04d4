"""A plain client of an engine worker, for tests: one process, blocking calls, events in lists."""

import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from engine.protocol import (
    TERMINAL,
    Cancel,
    Counted,
    CountTokens,
    Done,
    Event,
    EventFrame,
    Failed,
    Generate,
    Loaded,
    LoadModel,
    Message,
    Ready,
    Render,
    Rendered,
    Request,
    RequestFrame,
    Sampling,
    Shutdown,
    Stats,
    Token,
)
from rag.process import Child, spawn
from tests.fakes import engine_worker

PATIENCE_S = 60.0
GREEDY = Sampling(temperature=0.0, repeat_penalty=1.0)


class WorkerSilent(AssertionError):
    pass


class EngineClient:
    """Starts a worker and speaks with it. Use it as a context manager."""

    def __init__(
        self,
        fake: bool,
        log_path: Path,
        environment: dict[str, str] | None = None,
        arguments: tuple[str, ...] = (),
        module: str = "",
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._patience_s = patience_s
        module = module or (engine_worker.MODULE if fake else "engine.worker")
        extra = {**engine_worker.ENVIRONMENT, **(environment or {})}
        self.child: Child = spawn(module, arguments, log_path, extra)
        self._decoder = msgspec.msgpack.Decoder(EventFrame)
        self._number = 0
        self._early: list[EventFrame] = []
        first = self.next_frame().body
        assert isinstance(first, Ready), first
        self.ready = first

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.child.channel.close()
        try:
            self.child.process.wait(10)
        finally:
            self.child.process.kill()
            self.child.process.wait()

    def send(self, body: Request) -> int:
        self._number += 1
        self.child.channel.send_bytes(msgspec.msgpack.encode(RequestFrame(self._number, body)))
        return self._number

    def cancel(self, target: int) -> None:
        self.send(Cancel(target))

    def next_frame(self) -> EventFrame:
        """The next frame in order of arrival. Raises EOFError when the worker is gone."""
        if not self.child.channel.poll(self._patience_s):
            raise WorkerSilent(f"nothing from the worker for {self._patience_s} s")
        try:
            return self._decoder.decode(self.child.channel.recv_bytes())
        except ConnectionResetError as error:
            raise EOFError from error

    def next_event(self, number: int) -> Event:
        """The next event of one request; those of others are kept for their turn."""
        for place, frame in enumerate(self._early):
            if frame.id == number:
                return self._early.pop(place).body
        while (frame := self.next_frame()).id != number:
            self._early.append(frame)
        return frame.body

    def finish(self, number: int) -> list[Event]:
        """All events of one request that are still to come."""
        events = [self.next_event(number)]
        while not isinstance(events[-1], TERMINAL):
            events.append(self.next_event(number))
        return events

    def ask(self, body: Request) -> list[Event]:
        return self.finish(self.send(body))

    def load(self, path: Path | str, context_tokens: int | None = None) -> Loaded:
        answer = self.ask(LoadModel(str(path), context_tokens))[-1]
        assert isinstance(answer, Loaded), answer
        return answer

    def fail(self, body: Request) -> Failed:
        answer = self.ask(body)[-1]
        assert isinstance(answer, Failed), answer
        return answer

    def render(self, *messages: Message, cuts: tuple[tuple[int, ...], ...] = ()) -> Rendered:
        answer = self.ask(Render(messages, cuts))[-1]
        assert isinstance(answer, Rendered), answer
        return answer

    def say(
        self,
        *messages: Message,
        sampling: Sampling = GREEDY,
        max_tokens: int | None = None,
        stop: tuple[str, ...] = (),
        continues: bool = False,
    ) -> tuple[str, Stats]:
        """The text and the cost of a reply."""
        events = self.ask(Generate(messages, sampling, max_tokens, stop, continues=continues))
        return text_of(events), stats_of(events)

    def count(self, *conversations: tuple[Message, ...]) -> Counted:
        answer = self.ask(CountTokens(conversations))[-1]
        assert isinstance(answer, Counted), answer
        return answer

    def shut_down(self) -> int:
        self.send(Shutdown())
        return self.child.process.wait(10)


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Token))


def stats_of(events: list[Event]) -> Stats:
    assert isinstance(events[-1], Done), events[-1]
    return events[-1].stats


def user(text: str) -> Message:
    return Message("user", text)


def assistant(text: str) -> Message:
    return Message("assistant", text)


def wait_until_gone(pid: int, patience_s: float = 15.0) -> bool:
    """Whether the process `pid`, no child of ours, ends within the time."""
    end_s = time.monotonic() + patience_s
    while time.monotonic() < end_s:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False
