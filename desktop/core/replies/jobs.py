"""Jobs beside the chat: what the model writes for the program itself, such as a summary. Streams nothing."""

from typing import Any

from msgspec.structs import replace

from desktop.core.errors import Cancelled, Reported
from desktop.core.events import Summarizing
from desktop.core.operations import Operation
from desktop.core.workers.engine import WAKE_S, EngineClient
from engine.protocol import Done, Failed, Generate, Message, Templating, Token


class EngineJobs:
    """Conforms to `summaries.Writer`, with the loaded model; used inside the engine's turn."""

    def __init__(
        self, engine: EngineClient, operation: Operation[Any], templating: Templating, *, told: bool = True
    ) -> None:
        """`told`: the status says that the engine is busy, and the operation that it summarizes."""
        self._engine = engine
        self._told = told
        self._templating = replace(templating, thinking="off")  # nobody reads what it thinks here
        self._operation = operation

    @property
    def context_tokens(self) -> int:
        """Of the loaded model's window."""
        model = self._engine.status.model
        return model.context_tokens if model is not None else 0

    def count(self, messages: tuple[Message, ...]) -> int:
        return self._engine.count((messages,), self._templating).tokens[0]

    def write(self, request: Generate) -> str:
        if self._told:
            self._operation.emit(Summarizing())
        text: list[str] = []
        asked = replace(request, templating=self._templating)
        with self._engine.reply(asked, told=self._told) as stream:
            self._operation.on_cancel(stream.cancel)
            patience = self._engine.patience()
            while True:
                event = stream.next(WAKE_S)
                patience.check(overdue=self._operation.cancelled)
                match event:
                    case Token(text=piece):
                        text.append(piece)
                    case Done(stats=stats):
                        if stats.stop_reason == "cancelled":
                            raise Cancelled
                        return "".join(text)
                    case Failed(error=error):
                        raise Reported.of(error)
                    case _:
                        pass
