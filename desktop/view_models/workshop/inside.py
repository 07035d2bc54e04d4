"""A look inside a model: which one, what it reads, and what is seen there. Knows no widget, has no words.

A text is looked at a moment after it was written, and only the last answers count.
"""

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.contract import Core
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.view_models.bridge import follow
from engine.train.looks import Neighbourhood, TextSeen

PAUSE_MS: Final = 500


class InsideViewModel(QObject):
    """One for the window."""

    changed = Signal()  # `model`, `text`, `looking`, `problem`
    seen_changed = Signal()  # `seen`
    other_changed = Signal()  # `other`, `other_seen`
    around_changed = Signal()  # `around`
    source_changed = Signal()  # `function`, `source`

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self.model = ""
        self.other = ""  # a second model that reads the same text
        self.text = ""
        self.layer = 0
        self.place = -1
        self.seen: TextSeen | None = None
        self.other_seen: TextSeen | None = None
        self.around: Neighbourhood | None = None
        self.search = ""
        self.looking = False
        self.problem: Problem | None = None
        self.function = ""
        self.source = ""
        self._asked: dict[str, Operation[Any]] = {}
        self._pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self.look)

    def open(self, model: str, text: str) -> None:
        """Look into a model, at what is written or, where nothing is, at `text`."""
        if model != self.model:
            self.model, self.layer, self.place = model, 0, -1
            self.seen, self.around = None, None
            self.seen_changed.emit()
            self.around_changed.emit()
        self.text = self.text or text
        self.look()

    def write(self, text: str) -> None:
        if text != self.text:
            self.text, self.place = text, -1
            self._pause.start()

    def choose_layer(self, layer: int) -> None:
        if layer != self.layer:
            self.layer = layer
            self.look()

    def choose_place(self, place: int) -> None:
        if self.seen is not None and place != self.seen.place:
            self.place = place
            self.look()

    def choose_other(self, model: str) -> None:
        self.other, self.other_seen = model, None
        self.other_changed.emit()
        self._look_at_other()

    # ── asking ──

    def look(self) -> None:
        self._pause.stop()
        if not self.model or not self.text.strip():
            return
        self.looking, self.problem = True, None
        self.changed.emit()

        def came(seen: TextSeen) -> None:
            self.seen, self.looking = seen, False
            self.seen_changed.emit()
            self.changed.emit()

        self._one("text", self._core.look_inside(self.model, self.text, self.layer, self.place), came)
        self.look_around(self.search)
        self._look_at_other()

    def look_around(self, search: str) -> None:
        self.search = search
        if not self.model or not self.text.strip():
            return

        def came(around: Neighbourhood) -> None:
            self.around = around
            self.around_changed.emit()

        self._one("around", self._core.look_around(self.model, self.text, search), came)

    def _look_at_other(self) -> None:
        if not self.other or not self.text.strip():
            return

        def came(seen: TextSeen) -> None:
            self.other_seen = seen
            self.other_changed.emit()

        self._one("other", self._core.look_inside(self.other, self.text, self.layer), came)

    def read_source(self, function: str) -> None:
        """Open the text of a function; "": close it."""
        self.function, self.source = function, ""
        self.source_changed.emit()
        if not function:
            return

        def came(text: str) -> None:
            self.source = text
            self.source_changed.emit()

        self._one("source", self._core.source_of(function), came)

    def _one(self, name: str, operation: Operation[Any], take: Callable[[Any], None]) -> None:
        before = self._asked.get(name)
        if before is not None and not before.done:
            before.cancel()
        self._asked[name] = operation

        def came(result: Any) -> None:
            if self._asked.get(name) is operation:
                take(result)

        def failed(problem: Problem) -> None:
            if self._asked.get(name) is operation:
                self.looking, self.problem = False, problem
                self.changed.emit()

        follow(operation, self, on_result=came, on_error=failed)
