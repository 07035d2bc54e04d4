"""What the library's client asks about a person's own questions."""

from collections.abc import Callable
from typing import Any

from desktop.core.operations import Operation
from rag.found_values import Hit
from rag.keeping_frames import Changed
from rag.protocol import LibraryRequest
from rag.question_frames import (
    AcceptQuestion,
    AddQuestion,
    DropQuestions,
    ListQuestions,
    NewQuestion,
    OwnQuestion,
    OwnQuestions,
    RankIn,
    RanksFound,
    Sampled,
    SamplePassages,
)


class LibraryQuestions:
    """What `LibraryClient` inherits. All methods block until the worker has answered."""

    _ask: Callable[..., Any]

    def questions(self, collection: str) -> tuple[OwnQuestion, ...]:
        found: OwnQuestions = self._ask(ListQuestions(collection), OwnQuestions)
        return found.questions

    def add_question(self, new: NewQuestion) -> int:
        return self._done(AddQuestion(new)).number

    def accept_question(self, number: int, text: str) -> int:
        return self._done(AcceptQuestion(number, text)).count

    def drop_questions(self, numbers: tuple[int, ...]) -> int:
        return self._done(DropQuestions(numbers)).count

    def sample(self, collection: str, count: int, seed: int) -> tuple[Hit, ...]:
        found: Sampled = self._ask(SamplePassages(collection, count, seed), Sampled)
        return found.passages

    def ranks(self, request: RankIn, operation: Operation[Any]) -> RanksFound:
        """Raises Cancelled soon after the operation is cancelled."""
        found: RanksFound = self._ask(request, RanksFound, operation)
        return found

    def _done(self, request: LibraryRequest) -> Changed:
        changed: Changed = self._ask(request, Changed)
        return changed
