"""A question's vector from whichever model answers at the moment. Knows neither passages nor the index."""

from collections.abc import Callable

from rag.errors import Cancelled, Forwarded
from rag.indexing.embedding import GONE
from rag.indexing.port import Answer, EmbedderPort
from rag.store.queries import Queries

MODELS_PER_QUESTION = 3  # tried in turn when each is stopped while it is asked


def vector_of(question: str, port: EmbedderPort, queries: Queries, cancelled: Callable[[], bool]) -> Answer:
    """Raises the embedder's error, or Cancelled once `cancelled` says so."""
    for _ in range(MODELS_PER_QUESTION - 1):
        try:
            return _asked(question, port, queries, cancelled)
        except Forwarded as error:
            if cancelled() or error.info().code != Cancelled.code:
                raise
        # nobody took the question back: the core stopped this model because another one took its place since
        # the question was handed over, and that one answers
    return _asked(question, port, queries, cancelled)


def _asked(question: str, port: EmbedderPort, queries: Queries, cancelled: Callable[[], bool]) -> Answer:
    try:
        return port.embed("query", [question], cancelled, queries.fact("source"))
    except Forwarded as error:
        coming = queries.fact("next_source")
        if not coming or error.info().code not in GONE:
            raise
        # the model that answers is gone: what the next one has embedded is found, and words
        return port.embed("query", [question], cancelled, coming)
