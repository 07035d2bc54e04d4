"""The core in memory, whose answers come word by word, can be held up, and notice when they are stopped."""

import re
import threading
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from desktop.core.errors import Cancelled, CoreError
from desktop.core.events import LoadingModel, SearchingDocuments, TextAdded
from desktop.core.operations import Operation, start
from desktop.core.types import Answer
from engine.protocol import Message
from tests.fakes.core import FakeCore


class TalkingCore(FakeCore):
    """`hold_after` words it waits until `go_on` is set or it is stopped. `edit` changes its answers."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.hold_after: int | None = None
        self.held = threading.Event()
        self.go_on = threading.Event()
        self.stopped = threading.Event()
        self.ended = threading.Event()
        self.edit: Callable[[Answer], Answer] = lambda answer: answer

    def answer(
        self,
        history: tuple[Message, ...],
        question: str,
        *,
        collections: tuple[str, ...] = (),
        documents: tuple[int, ...] = (),
        **options: Any,
    ) -> Operation[Answer]:
        whole = super().answer(history, question, collections=collections, documents=documents, **options)

        def work(operation: Operation[Answer]) -> Answer:
            answer = self.edit(whole.result())
            operation.emit(SearchingDocuments())
            operation.emit(LoadingModel(0.5))
            said = ""
            for number, piece in enumerate(re.findall(r"\S+\s*", answer.text)):
                if number == self.hold_after:
                    self.held.set()
                    while not self.go_on.wait(0.01) and not operation.cancelled:
                        pass
                if operation.cancelled:
                    self.stopped.set()
                    if not said:
                        raise Cancelled
                    stats = replace(answer.stats, stop_reason="cancelled")
                    return replace(answer, text=said, citations=(), stats=stats)
                said += piece
                operation.emit(TextAdded(piece))
            self.ended.set()
            return answer

        error = whole.error()
        return whole if isinstance(error, CoreError) else start(work, "answer")
