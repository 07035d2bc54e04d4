"""Find the passages nearest to a question. Belongs to the request thread; changes nothing."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.embedding.embedder import Floats
from rag.errors import ErrorInfo
from rag.index.chroma import ChromaIndex, IndexFailed
from rag.language import guess_language
from rag.protocol import Found, Hit, Search
from rag.question_frames import OwnQuestion, RanksFound
from rag.search.answering import holds
from rag.search.candidates import Weighed
from rag.search.choosing import choose
from rag.search.confidence import confidence
from rag.search.fusion import fuse, language_match
from rag.search.reranking import Reordering, Scores
from rag.search.ruler import Ruler, measured
from rag.search.widening import widen
from rag.search.words import Words, words_of
from rag.search_tuning import Tuning
from rag.search_values import Candidate, Evidence, SearchTrace
from rag.store.queries import Queries
from rag.store.scope import Scope

CANDIDATES = 50  # of either ranking
MOST_HITS = 500
# In a scope this small every vector is compared: faster than a filtered walk through the graph, and exact
SMALL_SCOPE = 2000
_MORE = 4  # times as many are asked of an index that knows nothing of pages and dates


class Searcher:
    """`embed` gives fingerprint and vector of a question; `index` the vector index, when it can be used;
    `distrust` hears of one that failed; `measure` embeds texts by the model of the last question;
    `rerank`: who reads the first ones again."""

    def __init__(
        self,
        queries: Queries,
        embed: Callable[[str], tuple[str, Floats]],
        index: Callable[[str], ChromaIndex | None],
        distrust: Callable[[ChromaIndex], None],
        measure: Callable[[Sequence[str]], Floats],
        rerank: Scores | None = None,
    ) -> None:
        self._queries = queries
        self._rerank = rerank
        self._measure = measure
        self._rulers: dict[str, Ruler] = {}  # by fingerprint
        self._embed = embed
        self._index = index
        self._distrust = distrust

    def search(self, request: Search) -> Found:
        """At most MOST_HITS hits, each with the cosine to the question as its score.

        Raises UnknownCollection, or the embedder's error.
        """
        scope = self._queries.scope(request.collections, request.documents, request.filters)
        return _Search(self, request, scope).found()

    def ranks(self, asked: OwnQuestion, tunings: Sequence[Tuning], k: int) -> RanksFound:
        """Where searches in these ways find the answer, in the question's own collection.

        Raises the embedder's error.
        """
        scope = self._queries.scope((asked.collection,), ())
        return _Search(self, Search(asked.text, k), scope).ranks(asked, tunings)

    # ── what a search asks ──

    def nearest(
        self,
        fingerprint: str,
        model: int | None,
        vector: Floats,
        scope: Scope,
        passages: int,
        most: int,
        wide: bool = False,
    ) -> tuple[list[int], bool]:
        """By meaning, best first; and whether every vector was compared. `passages` are in `scope`, which is
        `wide` where it holds at least half of all."""
        if model is None:
            return [], False  # nothing was embedded by this model yet: words alone answer
        index = self._index(fingerprint)
        if index is not None and (scope.everything or passages > SMALL_SCOPE):
            try:
                found = self._asked(index, vector, scope, most, wide)
            except IndexFailed:
                self._distrust(index)
            else:
                if len(found) >= min(most, passages):
                    return found, False
        return self._queries.nearest(model, vector, scope, most), True

    def _asked(self, index: ChromaIndex, vector: Floats, scope: Scope, most: int, wide: bool) -> list[int]:
        if wide:
            # with a filter the index looks at every passage first; most of the nearest are in it anyway
            among_all = index.nearest(vector, Scope(), _MORE * most)
            found = self._queries.within(among_all, scope)[:most]
            if len(found) == most:
                return found
        if scope == scope.by_index:
            return index.nearest(vector, scope, most)
        found = index.nearest(vector, scope.by_index, _MORE * most)
        return self._queries.within(found, scope)[:most]

    @property
    def queries(self) -> Queries:
        return self._queries

    def reordering(self, question: str) -> Reordering | None:
        return Reordering(question, self._rerank) if self._rerank is not None else None

    def embed(self, question: str) -> tuple[str, Floats]:
        return self._embed(question)

    def ruler(self, fingerprint: str) -> Ruler:
        """Measured once for each model."""
        if fingerprint not in self._rulers:
            self._rulers[fingerprint] = measured(self._measure)
        return self._rulers[fingerprint]


class _Search:
    """One search, step by step, with the time that each step took."""

    def __init__(self, searcher: Searcher, request: Search, scope: Scope) -> None:
        self._searcher = searcher
        self._queries = searcher.queries
        self._request = request
        self._scope = scope
        self._question = " ".join(request.query.split())
        self._language = guess_language(self._question)
        self._took_ms: dict[str, float] = {}
        self._begun = time.perf_counter()
        self._words = Words()
        self._fingerprint = ""
        self._vector: Floats | None = None
        self._ruler = Ruler()
        self._exact = False
        self._passages = self._everything = 0
        self._again = searcher.reordering(self._question)

    def found(self) -> Found:
        wanted = min(self._request.k, MOST_HITS)
        self._count()
        if not self._question or wanted < 1 or not self._passages:
            return Found((), self._trace([], None) if self._request.trace else None)
        ranked = self._ranked(self._candidates(max(CANDIDATES, 2 * wanted)), self._request.tuning)
        hits = self._whole(choose(ranked, wanted, self._request.tuning.floor))
        self._note("choosing")
        return Found(hits, self._trace(ranked, self._about(ranked)) if self._request.trace else None)

    def ranks(self, asked: OwnQuestion, tunings: Sequence[Tuning]) -> RanksFound:
        k = min(self._request.k, MOST_HITS)
        self._count()
        if not self._question or not self._passages:
            return RanksFound((0,) * len(tunings))
        candidates = self._candidates(max(CANDIDATES, 2 * k))
        places = []
        for tuning in tunings:
            ranked = self._ranked([replace(item) for item in candidates], tuning)
            kept = choose(ranked, k, tuning.floor)
            pages = self._queries.page_texts([item.row.id for item in kept])
            held = (holds(item, pages.get(item.row.id, ""), asked) for item in kept)
            places.append(next((place for place, it in enumerate(held, 1) if it), 0))
        return RanksFound(tuple(places), self._problem())

    def _count(self) -> None:
        """A scope that leaves nothing out is none: with one, both indexes look at every passage first,
        .2 s for 100,000."""
        self._passages = self._everything = self._queries.passage_count(self._scope)
        if self._scope.everything:
            return
        self._everything = self._queries.passage_count(Scope())
        if self._passages == self._everything:
            self._scope = Scope()

    def _ranked(self, candidates: Sequence[Weighed], tuning: Tuning) -> list[Weighed]:
        ranked = fuse(candidates, self._ruler, tuning)
        for item in ranked:
            item.confidence = confidence(item, self._ruler)
        if tuning.rerank and self._again is not None:
            self._note("fusing")
            ranked = self._again.reorder(ranked)
            self._note("reranking")
        return ranked

    def _problem(self) -> ErrorInfo | None:
        """What kept the reranker from being asked."""
        problem = self._again.problem if self._again is not None else None
        return problem.info() if problem is not None else None

    def _candidates(self, most: int) -> list[Weighed]:
        self._fingerprint, vector = self._searcher.embed(self._question)
        self._vector = vector
        self._ruler = self._searcher.ruler(self._fingerprint)
        self._note("embedding")
        model = self._queries.model(self._fingerprint)
        by_meaning, self._exact = self._searcher.nearest(
            self._fingerprint,
            model,
            vector,
            self._scope,
            self._passages,
            most,
            wide=not self._scope.everything and 2 * self._passages >= self._everything,
        )
        self._note("meaning")
        self._words = words_of(self._question, self._queries.holding, self._everything)
        by_words = self._queries.by_words(self._words.match, self._scope, most)
        self._note("words")
        rows = self._queries.passages(model, list({*by_meaning, *by_words}))
        found = {
            number: Weighed(row, language_match(self._language, row.language)) for number, row in rows.items()
        }
        for rank, number in enumerate((n for n in by_meaning if n in found), 1):
            found[number].meaning_rank = rank
        for rank, number in enumerate((n for n in by_words if n in found), 1):
            found[number].words_rank, found[number].bm25 = rank, by_words[number]
        for item in found.values():
            self._weigh(item)
        self._note("reading")
        return list(found.values())

    def _weigh(self, item: Weighed) -> None:
        item.words_share = self._words.share(item.row.id)
        own = item.vector
        if own is not None and self._vector is not None:
            item.cosine = float(own @ self._vector)

    def _whole(self, kept: list[Weighed]) -> tuple[Hit, ...]:
        """What is shown of them: with the rest of a sentence that a cut went through."""
        numbers = [item.row.id for item in kept]
        pages = self._queries.page_texts(numbers)
        widen(kept, pages, self._queries.beside(numbers))
        return tuple(_hit(item, pages.get(item.row.id, "")) for item in kept)

    # ── what is told ──

    def _about(self, ranked: list[Weighed]) -> Candidate | None:
        """The passage that was asked for by number."""
        number = self._request.about
        if not number:
            return None
        looked_at = next((item for item in ranked if item.row.id == number), None)
        if looked_at is not None:
            return looked_at.told()
        row = self._queries.passages(self._queries.model(self._fingerprint), [number]).get(number)
        if row is None:
            return Candidate(number, 0, "", "", 0, 0, 0, "", "", Evidence(), "gone")
        item = Weighed(row, language_match(self._language, row.language))
        item.fate = "far" if self._queries.within([number], self._scope) else "outside"
        self._weigh(item)
        item.confidence = confidence(item, self._ruler)
        return item.told()

    def _trace(self, ranked: list[Weighed], about: Candidate | None) -> SearchTrace:
        self._note("telling")
        return SearchTrace(
            question=self._question,
            words=self._words.words,
            language=self._language,
            model=self._fingerprint,
            passages=self._passages,
            exact=self._exact,
            floor=self._request.tuning.floor,
            candidates=tuple(item.told() for item in ranked),
            about=about,
            reranker=self._again.name if self._again is not None else "",
            reranker_problem=self._problem(),
            took_ms=self._took_ms,
        )

    def _note(self, stage: str) -> None:
        now = time.perf_counter()
        self._took_ms[stage] = round(1000 * (now - self._begun), 3)
        self._begun = now


def _hit(item: Weighed, page: str) -> Hit:
    """`page`: the text of the page; "": it has gone meanwhile, and the passage itself is shown."""
    row = item.row
    if not page:
        item.start, item.end = row.start, row.end
    return Hit(
        passage=row.id,
        document=row.document,
        file=row.file,
        title=row.title,
        page=row.page,
        start=item.start,
        end=item.end,
        text=page[item.start : item.end] or row.text,
        heading=row.heading,
        score=round(item.cosine or 0.0, 6),
        evidence=item.evidence(),
    )
