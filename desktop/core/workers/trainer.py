"""The trainer's process seen from here: started for one wish of a person, and ended with it.

Knows the trainer's messages; decides nothing about models and texts.
"""

from collections.abc import Callable
from pathlib import Path

from desktop.core.errors import Cancelled, CoreError, Reported
from desktop.core.workers.supervisor import Launch, Patience, Terms, Worker
from desktop.core.workers.wires import wire_of
from engine.errors import EngineDied, EngineStartFailed
from engine.train import protocol
from engine.train.events import PrepareEvent, TrainEvent
from engine.train.protocol import Failed, Happened, TrainerEvent, TrainerRequest, Work

WAKE_S = 0.05
CANCEL_S = 60.0  # a step of a large model, and its checkpoint, are waited for

Tell = Callable[[PrepareEvent | TrainEvent], None]


def launch_of(logs_dir: Path) -> Launch:
    """How the trainer is started. It has no business with the network."""
    return Launch("engine.train.worker", logs_dir / "trainer.log", (), {"HF_HUB_OFFLINE": "1"})


class TrainerClient:
    """One process. `close` ends it: what it learnt up to its last checkpoint stays."""

    def __init__(self, launch: Launch, idle_s: float | None = None) -> None:
        """`idle_s`: how long it stays without a wish; None: until `close`."""
        self._worker: Worker[TrainerRequest, TrainerEvent] = Worker(
            wire_of(protocol, protocol.TrainerRequestFrame, protocol.TrainerEventFrame, protocol.TERMINAL),
            Terms(
                launch=lambda: launch,
                died=lambda how, detail: Reported.of(EngineDied(detail, how=how)),
                not_started=lambda how, detail: Reported.of(EngineStartFailed(detail, how=how)),
                idle_s=idle_s,
            ),
        )

    @property
    def pid(self) -> int | None:
        return self._worker.pid

    def ask(self, request: Work, tell: Tell, cancelled: Callable[[], bool]) -> TrainerEvent:
        """The event that ends the request. Raises (reported) what it failed or died with, and Cancelled.

        A run that is cancelled ends in `Trained` all the same: it was saved, and can go on.
        """
        stream = self._worker.run(request)
        patience = Patience(CANCEL_S, self._worker.kill)
        asked = False
        while True:
            try:
                event = stream.next(WAKE_S)
            except CoreError as died:
                raise (Cancelled() if asked else died) from died
            if cancelled() and not asked:
                asked = True
                stream.cancel()
            patience.check(overdue=asked)
            match event:
                case None:
                    continue
                case Happened(event=told):
                    tell(told)
                case Failed(error=error):
                    raise Cancelled if error.code == Cancelled.code else Reported.of(error)
                case _:
                    return event

    def close(self) -> None:
        self._worker.close()
