"""How well searches find the answers to a person's own questions. Values, and what is read off them."""

import msgspec

from desktop.core.types import Problem
from rag.question_frames import OwnQuestion as OwnQuestion

Value = bool | str | int | float

# What one more passage has to bring, in parts of the questions, to be worth the time to read it
WORTH_A_PASSAGE = 0.01


class Variant(msgspec.Struct, frozen=True):
    """A way of searching: the settings that differ from the present ones ({}: none does), and how many
    passages it gives."""

    settings: dict[str, Value]
    passages: int


class VariantScore(msgspec.Struct, frozen=True):
    """`ranks`: for each question the place of the first hit that holds its answer, from 1; 0: none does."""

    variant: Variant
    ranks: tuple[int, ...]

    def found(self, k: int) -> int:
        """How many questions have their answer among the first `k` hits."""
        return sum(0 < rank <= k for rank in self.ranks)

    def recall(self, k: int) -> float:
        """The same as a part of all, 0..1."""
        return self.found(k) / len(self.ranks) if self.ranks else 0.0

    @property
    def mrr(self) -> float:
        """Mean reciprocal rank: 1 where every answer is in the first hit."""
        return sum(1 / rank for rank in self.ranks if rank) / len(self.ranks) if self.ranks else 0.0


class LibraryScore(msgspec.Struct, frozen=True):
    """The present settings come first. `problem`: why the reranker was not asked."""

    collection: str
    questions: tuple[OwnQuestion, ...]
    scores: tuple[VariantScore, ...]
    problem: Problem | None = None

    @property
    def present(self) -> VariantScore:
        return self.scores[0]

    @property
    def best(self) -> int:
        """Which of `scores` to take: found answers count first, then how far in front they are; a passage
        more has to bring something. The present one where none is better."""
        present = self.present.variant.passages

        def worth(score: VariantScore) -> tuple[float, float]:
            more = score.variant.passages - present
            return round(score.recall(score.variant.passages) - WORTH_A_PASSAGE * more, 6), score.mrr

        return max(range(len(self.scores)), key=lambda place: (worth(self.scores[place]), -place))


class Scoring(msgspec.Struct, frozen=True, tag=True):
    """On the way to a score: `done` of `total` questions were asked."""

    done: int
    total: int


class MakingQuestions(msgspec.Struct, frozen=True, tag=True):
    """A model reads passages: `made` of `wanted` questions are there."""

    made: int
    wanted: int


ScoringEvent = Scoring | MakingQuestions
