"""What a core offers to measure how well a person's own documents are found."""

from typing import Protocol

from desktop.core.operations import Operation
from desktop.core.types.scoring import LibraryScore, OwnQuestion


class ScoringCore(Protocol):
    """See desktop.core.contract. Questions are kept with the documents that answer them."""

    def own_questions(self, collection: str = "") -> Operation[tuple[OwnQuestion, ...]]:
        """Of a collection, proposals too, the oldest first; "": of all. Ends in unknown_collection too."""
        ...

    def add_question(
        self, text: str, document: int, page: int, start: int = 0, end: int = 0
    ) -> Operation[int]:
        """Keep a person's question, answered by characters [start:end] of a page; 0 and 0: by the page.

        Gives its number. Ends in EmptyQuestion, QuestionTooLong, unknown_document or unknown_page too.
        """
        ...

    def accept_question(self, number: int, text: str) -> Operation[bool]:
        """Let a proposal count, or word a question anew. False: it is gone."""
        ...

    def drop_questions(self, numbers: tuple[int, ...]) -> Operation[int]:
        """Gives how many there were."""
        ...

    def make_questions(
        self, collection: str, count: int, model: str = ""
    ) -> Operation[tuple[OwnQuestion, ...]]:
        """Have the model propose questions, each from another passage; they wait to be accepted.

        Emits MakingQuestions, LoadingModel. Fewer come where the model has nothing that will do. Cancelled,
        those that are there are kept and given.
        """
        ...

    def score_library(self, collection: str) -> Operation[LibraryScore]:
        """Ask all accepted questions by the present settings, and by others. Changes nothing.

        Emits Scoring. Ends in NoQuestions where there is none, and in Cancelled.
        """
        ...
