"""What the documents give to a question: passages, whole documents, something of each. Writes no reply.

Decides by the question's words and by the settings how documents are asked; finds through the library; what
is found is frozen into the question's turn by whoever asks.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import PurePath
from typing import Any, NamedTuple

from msgspec.structs import replace

from desktop.core.answers import intents, standalone
from desktop.core.answers.standalone import Said
from desktop.core.answers.tuning import tuning_of
from desktop.core.errors import Cancelled, CoreError, Reported
from desktop.core.events import ExcerptsFound, QuestionRewritten, SearchingDocuments, VisitingDocument
from desktop.core.operations import Operation
from desktop.core.replies.jobs import EngineJobs
from desktop.core.settings import Settings
from desktop.core.types import Excerpt, ExcerptsPart, Reading
from desktop.core.workers.library import LibraryClient
from rag.errors import UnknownCollection
from rag.protocol import DocumentInfo, Hit, Search
from rag.search_values import Evidence
from rag.whole_values import PageText, ReadWhole

WHOLE_CHARACTERS = 60_000  # more is not even counted
EXCERPTS_PER_DOCUMENT = 2  # where every document is visited
# Below this confidence of its best passage a question counts as not answered by the documents; across
# languages passages are told apart less well. What that costs and brings: packaging/decisions/0157
LEAST_CONFIDENCE, LEAST_ACROSS = 0.17, 0.08
PAGES_LOOKED_AT = 12  # passages, for a question that wants to know the page
BEGINNING_CHARACTERS = 2500  # of a document that is summed up by how it begins

# the engine's turn, with a model that writes for the program
Jobs = Callable[[Operation[Any]], AbstractContextManager[EngineJobs]]

log = logging.getLogger(__name__)


class Asked(NamedTuple):
    """A question to documents. `fits`: whether the prompt has room for so much; None: nobody can tell."""

    text: str
    collections: tuple[str, ...]
    documents: tuple[int, ...] = ()
    before: tuple[Said, ...] = ()
    reading: Reading = "automatic"
    fits: Callable[[tuple[Excerpt, ...]], bool] | None = None


class Lookup:
    """Blocks its thread, which is the operation's own."""

    def __init__(self, library: LibraryClient, settings: Settings, jobs: Jobs) -> None:
        """`jobs`: the model that is loaded already, at work for the program; raises Cancelled without one."""
        self._library = library
        self._settings = settings
        self._jobs = jobs

    def find(self, asked: Asked, operation: Operation[Any]) -> ExcerptsPart:
        """Excerpts numbered from 1, the nearest first. Raises Cancelled, and what keeps the library."""
        operation.emit(SearchingDocuments())
        query = self._query(asked, operation)
        try:
            found = self._in_its_way(asked, query, operation)
        except Reported as error:
            if error.problem().code != UnknownCollection.code:
                raise
            # one was switched on for the chat and has been removed since: the others still answer
            left = asked._replace(collections=self._known(asked.collections))
            found = self._in_its_way(left, query, operation) if left.collections else ExcerptsPart(())
        found = replace(self._counted(asked, found), query=query if query != asked.text else "")
        operation.emit(ExcerptsFound.of(found))
        return found

    def _in_its_way(self, asked: Asked, query: str, operation: Operation[Any]) -> ExcerptsPart:
        automatic = asked.reading == "automatic"
        if asked.reading == "every" or (automatic and intents.asks_every_document(asked.text)):
            return self._every(asked, query, operation)
        if automatic and intents.asks_for_page(asked.text):
            hits = self._founded(asked, self._search(asked, query, PAGES_LOOKED_AT, operation))
            return ExcerptsPart(_numbered(hits), "page")
        if asked.reading == "whole" or (automatic and self._settings.flag("whole_documents")):
            excerpts = self._whole(asked)
            if excerpts:
                return ExcerptsPart(excerpts, "whole")
        hits = self._search(asked, query, self._settings.whole("excerpts"), operation)
        return ExcerptsPart(_numbered(self._founded(asked, hits)))

    def _founded(self, asked: Asked, hits: Sequence[Hit]) -> Sequence[Hit]:
        """`hits`, or none of them where none is likely to hold the answer."""
        if not self._settings.flag("say_nothing_found") or intents.asks_for_summary(asked.text):
            return hits
        return hits if any(_likely(hit.evidence) for hit in hits) else ()

    def _counted(self, asked: Asked, found: ExcerptsPart) -> ExcerptsPart:
        """With how many documents were asked, of how many, while some cannot be searched yet."""
        if not asked.collections:
            return found
        inside = [info for info in self._library.collections() if info.name in asked.collections]
        read = found.documents or sum(info.documents for info in inside)
        coming = sum(info.indexing for info in inside)
        if not coming:
            return found
        return replace(found, read=read, documents=read + coming, indexing=coming)

    def _known(self, collections: tuple[str, ...]) -> tuple[str, ...]:
        """Without those that are gone."""
        known = {info.name for info in self._library.collections()}
        return tuple(name for name in collections if name in known)

    # ── what is searched for ──

    def _query(self, asked: Asked, operation: Operation[Any]) -> str:
        if not asked.before or not intents.leans_on_chat(asked.text):
            return asked.text
        query = self._rewritten(asked, operation) or standalone.joined(asked.before, asked.text)
        operation.emit(QuestionRewritten(query))
        return query

    def _rewritten(self, asked: Asked, operation: Operation[Any]) -> str:
        if not self._settings.flag("rewrite_questions"):
            return ""
        try:
            with self._jobs(operation) as jobs:
                written = jobs.write(standalone.request(asked.before, asked.text))
        except Cancelled:
            if operation.cancelled:
                raise
            return ""  # no model is loaded yet: the search does not wait for one
        except CoreError as error:
            log.warning("no question of its own: %s", error)
            return ""
        return standalone.usable(written, asked.before, asked.text)

    # ── ways ──

    def _search(self, asked: Asked, query: str, k: int, operation: Operation[Any]) -> Sequence[Hit]:
        tuning = tuning_of(self._settings.value)
        request = Search(query, k, asked.collections, asked.documents, tuning=tuning)
        return self._library.search(request, operation).hits

    def _whole(self, asked: Asked) -> tuple[Excerpt, ...]:
        """Every page as one excerpt; none where they do not fit."""
        read = self._library.whole(ReadWhole(asked.collections, asked.documents, WHOLE_CHARACTERS))
        excerpts = tuple(_page(n, page) for n, page in enumerate(read.pages, start=1))
        return excerpts if excerpts and asked.fits is not None and asked.fits(excerpts) else ()

    def _every(self, asked: Asked, query: str, operation: Operation[Any]) -> ExcerptsPart:
        """The nearest passages of each document; its first ones where a summary is asked for."""
        documents = self._documents(asked)
        excerpts: list[Excerpt] = []
        summary = intents.asks_for_summary(asked.text)
        for number, document in enumerate(documents, start=1):
            if operation.cancelled:
                raise Cancelled
            operation.emit(VisitingDocument(document.title, number, len(documents)))
            one = asked._replace(collections=(), documents=(document.document,))
            hits = () if summary else self._search(one, query, EXCERPTS_PER_DOCUMENT, operation)
            if hits:
                excerpts += _numbered(hits, len(excerpts) + 1)
            elif summary and (beginning := self._beginning(document, len(excerpts) + 1)):
                excerpts.append(beginning)
        return ExcerptsPart(tuple(excerpts), "every", read=len(documents), documents=len(documents))

    def _documents(self, asked: Asked) -> tuple[DocumentInfo, ...]:
        """Those that can be read, each file once."""
        if asked.collections:
            found = [info for name in asked.collections for info in self._library.documents(name)]
        else:
            found = [info for info in self._library.documents(None) if info.document in asked.documents]
        return tuple({info.file: info for info in found if info.passages}.values())

    def _beginning(self, document: DocumentInfo, n: int) -> Excerpt | None:
        pages = self._library.whole(ReadWhole((), (document.document,), 1 << 40)).pages
        return _page(n, pages[0], BEGINNING_CHARACTERS) if pages else None


def _likely(evidence: Evidence) -> bool:
    if evidence == Evidence():
        return True  # of a server, which says nothing of it
    floor = LEAST_ACROSS if evidence.language == "other" else LEAST_CONFIDENCE
    return evidence.confidence >= floor


def _numbered(hits: Sequence[Hit], first: int = 1) -> tuple[Excerpt, ...]:
    return tuple(excerpt_of(n, hit) for n, hit in enumerate(hits, start=first))


def excerpt_of(n: int, hit: Hit) -> Excerpt:
    return Excerpt(
        n=n,
        passage=hit.passage,
        document=hit.document,
        file=hit.file,
        title=hit.title or PurePath(hit.file).name,
        page=hit.page,
        start=hit.start,
        end=hit.end,
        text=hit.text,
        heading=hit.heading,
        score=hit.score,
    )


def _page(n: int, page: PageText, most: int = 0) -> Excerpt:
    """A page, or its first characters, as an excerpt without a passage of its own."""
    text = page.text[:most] if most else page.text
    start = len(text) - len(text.lstrip())
    text = text.strip()
    title = page.title or PurePath(page.file).name
    return Excerpt(n, 0, page.document, page.file, title, page.page, start, start + len(text), text)
