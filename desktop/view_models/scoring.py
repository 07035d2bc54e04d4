"""A score on one's own documents as the window shows it: questions, proposals, what was measured.

Asks the core; chooses no words.
"""

from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.events import CoreEvent, DocumentsChanged
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.core.types.scoring import (
    LibraryScore,
    MakingQuestions,
    OwnQuestion,
    Scoring,
    ScoringEvent,
    Variant,
)
from desktop.view_models.bridge import follow, listen
from desktop.view_models.documents import DocumentsViewModel
from desktop.view_models.settings import SettingsViewModel
from rag.protocol import Hit

OFFERED = 6  # passages that may answer what a person typed
PROPOSED = 5  # questions at a time


class ScoringViewModel(QObject):
    """One for the window. `chosen`: which way of searching is looked at; `asking`: a question whose answer's
    place is asked for, among `hits`."""

    questions_changed = Signal()
    score_changed = Signal()
    asking_changed = Signal()

    def __init__(
        self,
        core: Core,
        documents: DocumentsViewModel,
        settings: SettingsViewModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._core = core
        self._documents = documents
        self._settings = settings
        self._running: Operation[Any] | None = None
        self.collection = ""
        self.step: ScoringEvent | None = None
        self._clear()
        listen(core, self, self._on_core_event)

    def _clear(self) -> None:
        self.questions: tuple[OwnQuestion, ...] = ()
        self.score: LibraryScore | None = None
        self.chosen = 0
        self.asking = ""
        self.hits: tuple[Hit, ...] | None = None  # None: they are looked for
        self.problem: Problem | None = None

    @property
    def collections(self) -> tuple[str, ...]:
        return tuple(info.name for info in self._documents.collections if not info.server)

    @property
    def accepted(self) -> tuple[OwnQuestion, ...]:
        return tuple(one for one in self.questions if one.accepted)

    @property
    def proposed(self) -> tuple[OwnQuestion, ...]:
        return tuple(one for one in self.questions if not one.accepted)

    @property
    def running(self) -> bool:
        return self._running is not None

    @property
    def chosen_variant(self) -> Variant | None:
        """What would change; None: nothing is measured, or the present settings are looked at."""
        if self.score is None or not self.score.scores[self.chosen].variant.settings:
            return None
        return self.score.scores[self.chosen].variant

    def open(self, collection: str) -> None:
        """Show the questions of a collection."""
        if self._running is not None:
            self._running.cancel()
        self.collection = collection
        self._clear()
        self.asking_changed.emit()
        self.score_changed.emit()
        self._read()

    # ── questions ──

    def ask(self, text: str) -> None:
        """A question was typed: which passage answers it?"""
        self.asking, self.hits = " ".join(text.split()), None
        self.asking_changed.emit()
        if not self.asking:
            return
        asked = self.asking

        def found(hits: tuple[Hit, ...]) -> None:
            if asked == self.asking:
                self.hits = hits
                self.asking_changed.emit()

        operation = self._core.search(asked, OFFERED, (self.collection,))
        follow(operation, self, on_result=found, on_error=self._tell)

    def keep(self, hit: Hit) -> None:
        """This passage answers it."""
        operation = self._core.add_question(self.asking, hit.document, hit.page, hit.start, hit.end)
        self.ask("")
        follow(operation, self, on_result=lambda _: self._changed(), on_error=self._tell)

    def accept(self, number: int, text: str) -> None:
        follow(
            self._core.accept_question(number, text),
            self,
            on_result=lambda _: self._changed(),
            on_error=self._tell,
        )

    def drop(self, *numbers: int) -> None:
        follow(
            self._core.drop_questions(numbers),
            self,
            on_result=lambda _: self._changed(),
            on_error=self._tell,
        )

    def make(self) -> None:
        """Have the model propose some."""
        self._run(
            self._core.make_questions(self.collection, PROPOSED),
            MakingQuestions(0, PROPOSED),
            lambda _: self._read(),
        )

    # ── measuring ──

    def measure(self) -> None:
        operation = self._core.score_library(self.collection)
        self._run(operation, Scoring(0, len(self.accepted)), self._measured)

    def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()

    def choose(self, number: int) -> None:
        """Look at one of the ways that were tried."""
        if self.score is not None and 0 <= number < len(self.score.scores) and number != self.chosen:
            self.chosen = number
            self.score_changed.emit()

    def take(self) -> None:
        """Search this way from now on."""
        variant = self.chosen_variant
        if variant is None:
            return
        for name, value in variant.settings.items():
            self._settings.set(name, value)
        self.score, self.chosen = None, 0
        self.score_changed.emit()
        self.measure()

    # ── what came of it ──

    def _measured(self, score: LibraryScore) -> None:
        self.score, self.chosen = score, score.best
        self.problem = score.problem
        self.score_changed.emit()

    def _run(self, operation: Operation[Any], first: ScoringEvent, came: Any) -> None:
        if self._running is not None:
            return
        self._running, self.step, self.problem = operation, first, None
        collection = self.collection

        def told(event: object) -> None:
            if isinstance(event, Scoring | MakingQuestions):
                self.step = event
                self.score_changed.emit()

        def over() -> None:
            self._running, self.step = None, None

        def result(value: object) -> None:
            over()
            if collection == self.collection:
                came(value)
            self.score_changed.emit()

        def failed(problem: Problem) -> None:
            over()
            self._tell(problem)

        follow(operation, self, told, result, failed)
        self.score_changed.emit()

    def _tell(self, problem: Problem) -> None:
        self.problem = problem if problem.code != "cancelled" else None
        self.score_changed.emit()

    def _changed(self) -> None:
        """What was measured before is of other questions."""
        self.score, self.chosen, self.problem = None, 0, None
        self.score_changed.emit()
        self._read()

    def _read(self) -> None:
        collection = self.collection

        def read(questions: tuple[OwnQuestion, ...]) -> None:
            if collection == self.collection:
                self.questions = questions
                self.questions_changed.emit()

        follow(self._core.own_questions(collection), self, on_result=read, on_error=self._tell)

    def _on_core_event(self, event: CoreEvent) -> None:
        if isinstance(event, DocumentsChanged) and self.collection:
            self._read()
