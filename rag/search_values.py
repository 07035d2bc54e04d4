"""What a search is asked and what it tells of itself: filters, evidence, a trace. Values only."""

from typing import Literal, NamedTuple

import msgspec

from rag.errors import ErrorInfo

LanguageMatch = Literal["same", "other", "unknown"]
# What became of a candidate. "joined": its text is part of another hit; "budget": it came after the last
# place. The others are said of a passage that is asked for by number: "far" is among neither the nearest nor
# the passages with the question's words, "outside" is kept out by a filter, "gone" is in no document now.
Fate = Literal["kept", "floor", "duplicate", "joined", "budget", "far", "outside", "gone"]


class Filters(msgspec.Struct, frozen=True):
    """Which pages and which documents may be searched. 0 leaves an end open.

    Pages count from 1, both inclusive. `since` and `until` (exclusive) are when the document's file was last
    changed, in seconds since the epoch.
    """

    first_page: int = 0
    last_page: int = 0
    since: float = 0.0
    until: float = 0.0

    def __bool__(self) -> bool:
        return self != Filters()


class Beside(NamedTuple):
    """The span of another passage of the same page and heading."""

    start: int
    end: int


class Evidence(msgspec.Struct, frozen=True):
    """Why a passage stands where it stands. Ranks count from 1; 0: it is not in that ranking.

    `cosine` is None where the model in use has not embedded it yet. `confidence` (0..1) is the share of
    passages with evidence like this that held the answer on measured questions: comparable between
    questions, which cosines are not.
    """

    cosine: float | None = None
    meaning_rank: int = 0
    words_rank: int = 0
    words_share: float = 0.0  # how much of what the question's words weigh is in the passage, 0..1
    language: LanguageMatch = "unknown"
    fused: float = 0.0
    fused_rank: int = 0
    reranked: float | None = None  # the reranker's own score, where one is chosen
    confidence: float = 0.0


class Candidate(msgspec.Struct, frozen=True):
    """A passage that a search looked at, with its own span, and what became of it.

    `because`: the passage that it repeats or is joined to, where that is its fate.
    """

    passage: int
    document: int
    file: str
    title: str
    page: int
    start: int
    end: int
    heading: str
    opening: str  # the first characters of its text
    evidence: Evidence
    fate: Fate
    because: int = 0


class SearchTrace(msgspec.Struct, frozen=True):
    """How a search came to its hits: `candidates` best first, whatever their fate.

    `about` is the passage that was asked for by number, candidate or not. `model` is the fingerprint of the
    embedding model. `exact`: every vector was compared; else the index was asked. `took_ms` by stage.
    """

    question: str
    words: tuple[str, ...]
    language: str
    model: str
    passages: int  # that the filters let through
    exact: bool
    floor: float  # of `Evidence.confidence`
    candidates: tuple[Candidate, ...]
    about: Candidate | None = None
    reranker: str = ""
    reranker_problem: ErrorInfo | None = None
    took_ms: dict[str, float] = {}
