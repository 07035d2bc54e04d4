"""The first run: which of its steps a person is at, and which model to offer them. No words, no widgets."""

from collections.abc import Sequence
from typing import Final, Literal, get_args

from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.types import Problem
from desktop.view_models.bridge import follow
from engine.devices import Device

# "": nobody has been asked yet
Step = Literal["", "language", "model", "documents", "done"]
STEPS: Final[tuple[Step, ...]] = ("language", "model", "documents")

# Repositories of openly licensed chat models, smallest first, with the memory from which each is worth it.
# Which of a repository's files fits is read from their headers when it is asked.
_OFFERS: Final = (
    ("Qwen/Qwen3-0.6B-GGUF", 0),
    ("Qwen/Qwen3-1.7B-GGUF", 3_000_000_000),
    ("Qwen/Qwen3-4B-GGUF", 5_000_000_000),
)
_WITH_GPU: Final = (*_OFFERS, ("Qwen/Qwen3-8B-GGUF", 9_000_000_000))


def offered_repository(devices: Sequence[Device]) -> str:
    """The repository that suits a machine: the largest model that leaves room and answers in good time."""
    gpus = [device.budget_bytes for device in devices if device.kind != "cpu"]
    host = max((device.budget_bytes for device in devices if device.kind == "cpu"), default=0)
    # without a GPU, more than four billion parameters answer slower than one reads
    offers, room = (_WITH_GPU, max(max(gpus), host)) if gpus else (_OFFERS, host)
    return next(name for name, least in reversed(offers) if room >= least)


class WelcomeViewModel(QObject):
    """One for the window."""

    changed = Signal()  # `step`, `repository`, `added`
    wanted = Signal()  # the page should come to the front

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self.step: Step = "done"
        self.repository = ""  # what to offer; "" until the devices are known
        self.added = 0  # documents that were chosen here

    def resume(self, kept: str, *, used_before: bool) -> None:
        """Go on where an earlier start ended. `used_before`: there are chats: no introduction is needed."""
        step: Step = next((one for one in get_args(Step) if one == kept), "done")
        if step == "":
            step = "done" if used_before else "language"
        self.step = step
        if step != "done":
            self.begin(step)

    def begin(self, step: Step = "language") -> None:
        """Come to the front, at this step."""
        self.step = step
        if not self.repository:
            follow(self._core.list_devices(), self, on_result=self._know, on_error=_no_matter)
        self.wanted.emit()
        self.changed.emit()

    def go(self, steps: int) -> None:
        """Forward or back; past the last one it is done."""
        at = STEPS.index(self.step) + steps if self.step in STEPS else 0
        self.step = STEPS[max(0, at)] if at < len(STEPS) else "done"
        self.changed.emit()

    def finish(self) -> None:
        """Seen, or not wanted: it does not come back by itself."""
        self.step = "done"
        self.changed.emit()

    def count(self, files: int) -> None:
        self.added += files
        self.changed.emit()

    def _know(self, devices: tuple[Device, ...]) -> None:
        self.repository = offered_repository(devices)
        self.changed.emit()


def _no_matter(_: Problem) -> None:
    """The smallest is offered."""
