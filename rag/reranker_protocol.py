"""Frames between the core and the reranker worker. Values only; what they have in common with all of rag's
workers stands in `rag.protocol`."""

import msgspec

from rag.worker_values import Cancel, Failed, Ready, Shutdown


class Rerank(msgspec.Struct, frozen=True, tag=True):
    """How well does each text answer the query? Events: Scores | Failed."""

    query: str
    texts: tuple[str, ...]


class Scores(msgspec.Struct, frozen=True, tag=True):
    """One for each text, higher is better."""

    scores: tuple[float, ...]


RerankerRequest = Rerank | Cancel | Shutdown
RerankerEvent = Ready | Scores | Failed
RERANKER_TERMINAL = (Scores, Failed)


class RerankerRequestFrame(msgspec.Struct, frozen=True):
    id: int
    body: RerankerRequest


class RerankerEventFrame(msgspec.Struct, frozen=True):
    id: int
    body: RerankerEvent
