"""The scoring part of the fake core: questions in memory, places that follow from their numbers."""

import itertools
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from desktop.core.errors import EmptyQuestion, NoQuestions, QuestionTooLong, Reported
from desktop.core.operations import Operation
from desktop.core.scoring.variants import together, tried
from desktop.core.types.scoring import LibraryScore, OwnQuestion, VariantScore
from rag.errors import UnknownCollection, UnknownDocument, UnknownPage
from rag.protocol import DocumentInfo
from rag.question_frames import LONGEST_QUESTION
from tests.fakes.samples import excerpt, page_text


class FakeScoring:
    """What FakeCore inherits. `places`: the ranks that the present settings have, for the first questions."""

    documents: list[DocumentInfo]
    settings: dict[str, object]
    _now: Callable[..., Operation[Any]]
    _known: Callable[[], Any]

    def _open_scoring(self) -> None:
        self.questions: list[OwnQuestion] = []
        self.places: list[int] = [1, 2, 0, 6]
        self._question_numbers = itertools.count(1)

    def own_questions(self, collection: str = "") -> Operation[tuple[OwnQuestion, ...]]:
        return self._now("own_questions", lambda: self._kept(collection), collection)

    def add_question(
        self, text: str, document: int, page: int, start: int = 0, end: int = 0
    ) -> Operation[int]:
        def work() -> int:
            quote = page_text()[start:end].strip()
            return self._add(_checked(text), document, page, quote, made=False)

        return self._now("add_question", work, text, document, page, start, end)

    def accept_question(self, number: int, text: str) -> Operation[bool]:
        def work() -> bool:
            line = _checked(text)
            there = any(one.number == number for one in self.questions)
            self.questions = [
                replace(one, text=line, accepted=True) if one.number == number else one
                for one in self.questions
            ]
            return there

        return self._now("accept_question", work, number, text)

    def drop_questions(self, numbers: tuple[int, ...]) -> Operation[int]:
        def work() -> int:
            before = len(self.questions)
            self.questions = [one for one in self.questions if one.number not in numbers]
            return before - len(self.questions)

        return self._now("drop_questions", work, numbers)

    def make_questions(
        self, collection: str, count: int, model: str = ""
    ) -> Operation[tuple[OwnQuestion, ...]]:
        def work() -> tuple[OwnQuestion, ...]:
            self._kept(collection)
            documents = [info for info in self.documents if info.collection == collection and info.passages]
            one = excerpt(1)
            for number in range(count if documents else 0):
                text = f"How much does a ticket cost on day {number + 1}?"
                self._add(text, documents[0].document, one.page, one.text, made=True)
            return self._kept(collection)[-count:] if documents else ()

        return self._now("make_questions", work, collection, count, model)

    def score_library(self, collection: str) -> Operation[LibraryScore]:
        def work() -> LibraryScore:
            asked = tuple(one for one in self._kept(collection) if one.accepted)
            if not asked:
                raise NoQuestions(name=collection)
            scores = []
            for number, variant in enumerate(tried(lambda name: self.settings[name])):  # type: ignore[arg-type, return-value]
                ranks = itertools.islice(itertools.cycle(self.places), len(asked))
                better = number % 3 == 1  # some ways find more
                scores.append(VariantScore(variant, tuple(max(1, r - 1) if better else r for r in ranks)))
            joined = together(scores)
            if joined is not None:
                scores.append(VariantScore(joined, (1,) * len(asked)))
            return LibraryScore(collection, asked, tuple(scores))

        return self._now("score_library", work, collection)

    def _kept(self, collection: str) -> tuple[OwnQuestion, ...]:
        if collection and collection not in self._known():
            raise Reported.of(UnknownCollection(name=collection))
        return tuple(one for one in self.questions if collection in ("", one.collection))

    def _add(self, text: str, document: int, page: int, quote: str, *, made: bool) -> int:
        info = next((info for info in self.documents if info.document == document), None)
        if info is None:
            raise Reported.of(UnknownDocument(document=document, page=page))
        if not 1 <= page <= info.pages:
            raise Reported.of(UnknownPage(document=document, page=page, pages=info.pages))
        for one in self.questions:
            if (one.text, one.document, one.page, one.quote) == (text, document, page, quote):
                return one.number
        new = OwnQuestion(
            next(self._question_numbers),
            info.collection,
            text,
            document,
            info.file,
            info.title,
            page,
            quote,
            made,
            accepted=not made,
        )
        self.questions.append(new)
        return new.number


def _checked(text: str) -> str:
    line = " ".join(text.split())
    if not line:
        raise EmptyQuestion
    if len(line) > LONGEST_QUESTION:
        raise QuestionTooLong(limit=LONGEST_QUESTION)
    return line
