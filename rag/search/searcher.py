"""Find the passages nearest to a question. Belongs to the request thread; changes nothing."""

from collections.abc import Callable

import numpy as np

from rag.embedding.embedder import Floats
from rag.index.chroma import ChromaIndex, IndexFailed
from rag.language import Language, content_words, guess_language
from rag.protocol import Found, Hit, Search
from rag.search.fusion import fuse, weight_of_words
from rag.store.queries import PassageRow, Queries, Scope

CANDIDATES = 50  # of either ranking
MOST_HITS = 500
# In a scope this small every vector is compared: faster than a filtered walk through the graph, and exact
SMALL_SCOPE = 2000


class Searcher:
    """`embed` gives fingerprint and vector of a question; `index` the vector index, when it can be used;
    `distrust` hears of one that failed."""

    def __init__(
        self,
        queries: Queries,
        embed: Callable[[str], tuple[str, Floats]],
        index: Callable[[str], ChromaIndex | None],
        distrust: Callable[[ChromaIndex], None],
    ) -> None:
        self._queries = queries
        self._embed = embed
        self._index = index
        self._distrust = distrust

    def search(self, request: Search) -> Found:
        """Hits in their fused order, at most MOST_HITS, each with the cosine to the question as its score.

        Raises UnknownCollection, or the embedder's error.
        """
        question = " ".join(request.query.split())
        scope = self._queries.scope(request.collections, request.documents)
        passages = self._queries.passage_count(scope)
        wanted = min(request.k, MOST_HITS)
        if not question or wanted < 1 or not passages:
            return Found(())
        fingerprint, vector = self._embed(question)
        model = self._queries.model(fingerprint)
        most = max(CANDIDATES, 2 * wanted)
        by_meaning = self._by_meaning(fingerprint, model, vector, scope, passages, most)
        by_words = self._queries.by_words(_match(question), scope, most)
        rows = self._queries.passages(model, list({*by_meaning, *by_words}))
        by_meaning = [passage for passage in by_meaning if passage in rows]
        by_words = [passage for passage in by_words if passage in rows]
        language = guess_language(question)
        weights = {passage: _weight(language, rows[passage]) for passage in by_words}
        order = fuse(by_meaning, by_words, weights)
        return Found(tuple(_hits([rows[passage] for passage in order], vector, wanted)))

    def _by_meaning(
        self, fingerprint: str, model: int | None, vector: Floats, scope: Scope, passages: int, most: int
    ) -> list[int]:
        if model is None:
            return []  # nothing was embedded by this model yet: words alone answer
        filtered = bool(scope.collections or scope.documents)
        index = self._index(fingerprint)
        if index is not None and not (filtered and passages <= SMALL_SCOPE):
            try:
                found = index.nearest(vector, scope, most)
            except IndexFailed:
                self._distrust(index)
            else:
                if len(found) >= min(most, passages):
                    return found
        return self._queries.nearest(model, vector, scope, most)


def _weight(question: Language, row: PassageRow) -> float:
    """How much a word hit counts; what this model has not embedded yet can be found by its words alone."""
    return 1.0 if row.vector is None else weight_of_words(question, row.language)


def _match(question: str) -> str:
    """An FTS5 expression: any of the words, each quoted, so that nothing in them is an operator."""
    return " OR ".join(f'"{word}"' for word in content_words(question)) or '""'


def _hits(rows: list[PassageRow], vector: Floats, k: int) -> list[Hit]:
    """The first `k` rows, each text once: the same page in two collections is one hit."""
    seen: set[bytes] = set()
    hits: list[Hit] = []
    for row in rows:
        if row.digest in seen:
            continue
        seen.add(row.digest)
        score = float(np.frombuffer(row.vector, dtype="<f4") @ vector) if row.vector else 0.0
        hits.append(
            Hit(
                passage=row.id,
                document=row.document,
                file=row.file,
                title=row.title,
                page=row.page,
                start=row.start,
                end=row.end,
                text=row.text,
                heading=row.heading,
                score=round(score, 6),
            )
        )
        if len(hits) == k:
            break
    return hits
