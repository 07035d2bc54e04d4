"""The core's methods about the score on one's own documents."""

import random
from collections.abc import Sequence

from desktop.core.answers.tuning import tuning_of
from desktop.core.errors import Cancelled, EmptyQuestion, NoQuestions, QuestionTooLong, Reported
from desktop.core.operations import Operation
from desktop.core.operations import start as begin  # `add_question` has a parameter of that name
from desktop.core.replies.answering import Answering
from desktop.core.scoring import making
from desktop.core.scoring.variants import DEEPEST, together, tried
from desktop.core.settings import Settings
from desktop.core.types.scoring import (
    LibraryScore,
    MakingQuestions,
    OwnQuestion,
    Scoring,
    Variant,
    VariantScore,
)
from desktop.core.workers.library import LibraryClient
from rag.errors import ErrorInfo
from rag.question_frames import LONGEST_QUESTION, NewQuestion, RankIn

PASSAGES_PER_QUESTION = 4  # that are read at most; small models often have nothing that will do


class ScoringServices:
    """What `Services` inherits. Its methods are described in `desktop.core.contract.scoring`."""

    _library: LibraryClient
    _answering: Answering
    _settings: Settings

    def own_questions(self, collection: str = "") -> Operation[tuple[OwnQuestion, ...]]:
        return begin(lambda _: self._library.questions(collection), "own questions")

    def add_question(
        self, text: str, document: int, page: int, start: int = 0, end: int = 0
    ) -> Operation[int]:
        def work(_: Operation[int]) -> int:
            new = NewQuestion(_checked(text), document, page, start, end)
            return self._library.add_question(new)

        return begin(work, "add question")

    def accept_question(self, number: int, text: str) -> Operation[bool]:
        return begin(lambda _: bool(self._library.accept_question(number, _checked(text))), "accept question")

    def drop_questions(self, numbers: tuple[int, ...]) -> Operation[int]:
        return begin(lambda _: self._library.drop_questions(numbers), "drop questions")

    def make_questions(
        self, collection: str, count: int, model: str = ""
    ) -> Operation[tuple[OwnQuestion, ...]]:
        def work(operation: Operation[tuple[OwnQuestion, ...]]) -> tuple[OwnQuestion, ...]:
            seed = random.randrange(1 << 30)  # noqa: S311 - which passages come first is no secret
            passages = self._library.sample(collection, PASSAGES_PER_QUESTION * count, seed)
            made: list[int] = []
            try:
                with self._answering.jobs(model, operation) as jobs:
                    for hit in passages:
                        if len(made) == count:
                            break
                        operation.emit(MakingQuestions(len(made), count))
                        text = making.usable(jobs.write(making.request(hit.text)), hit.text)
                        if text:
                            place = (hit.document, hit.page, hit.start, hit.end)
                            made.append(self._library.add_question(NewQuestion(text, *place, made=True)))
            except Cancelled:
                if not made:
                    raise
            return tuple(one for one in self._library.questions(collection) if one.number in made)

        return begin(work, "make questions")

    def score_library(self, collection: str) -> Operation[LibraryScore]:
        def work(operation: Operation[LibraryScore]) -> LibraryScore:
            asked = tuple(one for one in self._library.questions(collection) if one.accepted)
            if not asked:
                raise NoQuestions(name=collection)
            scores, problem = self._scores(asked, tried(self._settings.value), operation)
            joined = together(scores)
            if joined is not None:
                more, _ = self._scores(asked, (joined,), operation)
                scores = (*scores, *more)
            told = Reported.of(problem).problem() if problem is not None else None
            return LibraryScore(collection, asked, scores, told)

        return begin(work, "score library")

    def _scores(
        self, asked: Sequence[OwnQuestion], variants: Sequence[Variant], operation: Operation[LibraryScore]
    ) -> tuple[tuple[VariantScore, ...], ErrorInfo | None]:
        """A question is embedded once for all variants."""
        tunings = tuple(tuning_of(self._settings.value, variant.settings) for variant in variants)
        rows: list[tuple[int, ...]] = []
        problem = None
        for number, question in enumerate(asked):
            if operation.cancelled:
                raise Cancelled
            operation.emit(Scoring(number, len(asked)))
            found = self._library.ranks(RankIn(question.number, tunings, DEEPEST), operation)
            problem = problem or found.problem
            rows.append(found.ranks)
        operation.emit(Scoring(len(asked), len(asked)))
        ranks = zip(*rows, strict=True)
        return tuple(VariantScore(*both) for both in zip(variants, ranks, strict=True)), problem


def _checked(text: str) -> str:
    line = " ".join(text.split())
    if not line:
        raise EmptyQuestion
    if len(line) > LONGEST_QUESTION:
        raise QuestionTooLong(limit=LONGEST_QUESTION)
    return line
