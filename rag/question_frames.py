"""Frames about a person's own questions with known answers, and how well searches find those.

Part of `rag.protocol`. A question belongs to the document that answers it, and goes where that goes.
"""

import msgspec

from rag.errors import ErrorInfo
from rag.found_values import Hit
from rag.search_tuning import Tuning

LONGEST_QUESTION = 1000  # characters


class NewQuestion(msgspec.Struct, frozen=True):
    """A question, and where its answer stands: characters [start:end] of a page; 0 and 0: anywhere on it.

    `made`: a model wrote it; until a person has accepted it, it does not count.
    """

    text: str
    document: int
    page: int
    start: int = 0
    end: int = 0
    made: bool = False


class OwnQuestion(msgspec.Struct, frozen=True):
    """A question that is kept. `quote`: the words that answer it; "": the page as a whole does."""

    number: int
    collection: str
    text: str
    document: int
    file: str
    title: str
    page: int
    quote: str
    made: bool = False
    accepted: bool = True


class AddQuestion(msgspec.Struct, frozen=True, tag=True):
    """`number` of Changed is the question's. Fails with UnknownDocument or UnknownPage. Words that are asked
    already, with the same place, are not kept twice."""

    question: NewQuestion


class AcceptQuestion(msgspec.Struct, frozen=True, tag=True):
    """From now on it counts, in these words. `count` of Changed: 1, or 0 where it is gone."""

    number: int
    text: str


class DropQuestions(msgspec.Struct, frozen=True, tag=True):
    """`count` of Changed: how many there were."""

    numbers: tuple[int, ...]


class ListQuestions(msgspec.Struct, frozen=True, tag=True):
    """Of a collection; "": of all. Not those of documents in the trash. Events: OwnQuestions | Failed."""

    collection: str = ""


class SamplePassages(msgspec.Struct, frozen=True, tag=True):
    """Passages of a collection that no question asks for yet, of as many documents as there are, always the
    same for a seed. Events: Sampled | Failed."""

    collection: str
    count: int
    seed: int


class RankIn(msgspec.Struct, frozen=True, tag=True):
    """At which place searches in these ways find a question's answer. Events: RanksFound | Failed."""

    question: int
    tunings: tuple[Tuning, ...]
    k: int


class OwnQuestions(msgspec.Struct, frozen=True, tag=True):
    questions: tuple[OwnQuestion, ...]


class Sampled(msgspec.Struct, frozen=True, tag=True):
    passages: tuple[Hit, ...]


class RanksFound(msgspec.Struct, frozen=True, tag=True):
    """For each tuning, the place of the first hit that holds the answer, from 1; 0: none of `k` does.
    `problem`: why the reranker was not asked."""

    ranks: tuple[int, ...]
    problem: ErrorInfo | None = None


QuestionsChange = AddQuestion | AcceptQuestion | DropQuestions
QuestionsQuestion = ListQuestions | SamplePassages | RankIn
QUESTIONS_TERMINAL = (OwnQuestions, Sampled, RanksFound)
QuestionsEvent = OwnQuestions | Sampled | RanksFound
