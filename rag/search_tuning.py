"""What weighs how much in a search, and what tells one way of searching from another. Values only."""

import msgspec

from rag.errors import ErrorInfo

# Less likely than this is not shown. Of the passages that hold the answer, one in a thousand lies below; of
# what is found for questions about something else altogether, up to half does
FLOOR = 0.005


class Tuning(msgspec.Struct, frozen=True):
    """`words`: how much words count beside meaning, in parts of what was measured to be best (0: not at all).
    `alike`: whether passages that are like good ones are drawn towards them. `floor`: the confidence (0..1)
    below which nothing is shown. `rerank`: whether the chosen reranker reads the first ones again."""

    words: float = 1.0
    alike: bool = True
    floor: float = FLOOR
    rerank: bool = False


class RerankTexts(msgspec.Struct, frozen=True, tag=True):
    """The library asks how well each text answers the query, with id 0: its Reranker port, which the core
    wires to a worker."""

    call: int
    query: str
    texts: tuple[str, ...]


class Reranked(msgspec.Struct, frozen=True, tag=True):
    """The core's answer to `RerankTexts` number `call`: a score for each text, higher is better; none where
    `error` is set. `name` is the reranker's."""

    call: int
    scores: tuple[float, ...] = ()
    name: str = ""
    error: ErrorInfo | None = None
