"""Answers from documents with the starter models: citations, refusals, and what comes before the first word.

`--parts gate,attribution,answers,time`. Texts that are not ours are found by SOBREMESA_BENCH_TEXTS; how many
questions are put to the model, by SOBREMESA_BENCH_QUESTIONS (60); passages of the library that `time` asks,
by SOBREMESA_BENCH_PASSAGES (100000).

gate: every second question of a set, once with its gold text in the library and once without (the search is
kept to all other documents): the best confidence among the hits is what a floor cuts. A floor is chosen on
the first half for so many false refusals, and told for the second. answers: a right answer has the words in
it that people gave as the answer, so that its excerpts support it; what a small model makes up beside the
gold text is told apart. attribution: the answers that people gave stand in the model's place, alone and
without any `[n]`, to the same excerpts; and each question with the answer of another one, which stands in
none of its excerpts. A citation resolves when the stored page, cut by its span, is its quote.
time: our own share is the time to the first token less what the engine says it took for it.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from desktop.core.answers.grounding import doubts
from desktop.core.answers.lookup import LEAST_CONFIDENCE, excerpt_of
from desktop.core.events import ExcerptsFound, Planned, TextAdded
from desktop.core.places import Places
from desktop.core.replies.citations import cite
from desktop.core.services import Services
from desktop.core.types import Answer, Citation
from rag.embedding.loading import load_embedder
from rag.protocol import SearchTrace
from tests.bench import _rag_sets as sets
from tests.bench import _rag_synthetic as synthetic
from tests.bench._rag_house import MODEL, WAIT_S, house, wait_until

PARTS = ("gate", "attribution", "answers", "time")
FALSE_REFUSALS = (0.01, 0.02, 0.05, 0.1)
EVERY = 2  # of a set's questions
COLLECTION = "default"
REPLY_TOKENS = 80
TIMED = 40
EXCERPTS = 5
Row = tuple[str, float, str]


def rows(parts: tuple[str, ...] = PARTS) -> Iterator[Row]:
    """Name, value and unit of each figure."""
    for part in parts:
        yield from getattr(sys.modules[__name__], f"_{part}")()


# ── answered or not ──


def _gate() -> Iterator[Row]:
    for one in sets.sets():
        if one.name in ("XQuAD-en", "XQuAD-es", "es to en"):
            yield from _refusals(one)


def _refusals(one: sets.Set) -> Iterator[Row]:
    known, unknown = [], []
    with _library(one) as (core, documents):
        for asked in one.asked[::EVERY]:
            (gold,) = asked.gains
            others = tuple(number for name, number in documents.items() if name != gold)
            known.append(_best(core.trace_search(asked.question, 5).result(WAIT_S)))
            unknown.append(_best(core.trace_search(asked.question, 5, (), others).result(WAIT_S)))
    half = len(known) // 2
    for wanted in FALSE_REFUSALS:
        floor = sorted(known[:half])[int(wanted * half)]
        yield f"{one.name}: floor for {wanted} false refusals", floor, "confidence"
        yield f"{one.name}: false refusals there", _below(known[half:], floor), "part"
        yield f"{one.name}: refused without their text", _below(unknown[half:], floor), "part"


def _best(trace: SearchTrace) -> float:
    kept = (one.evidence.confidence for one in trace.candidates if one.fate == "kept")
    return max(kept, default=0.0)


def _below(confidences: list[float], floor: float) -> float:
    return sum(value < floor for value in confidences) / len(confidences)


# ── what is answered ──


def _answers() -> Iterator[Row]:
    one = next(one for one in sets.sets() if one.name == "XQuAD-en")
    count = int(os.environ.get("SOBREMESA_BENCH_QUESTIONS", "60"))
    chosen = one.asked[:: max(1, len(one.asked) // count)][:count]
    with _library(one) as (core, _):
        told = [(asked, _timed_answer(core, asked.question)) for asked in chosen]
        resolved = [_resolves(core, citation) for _, (answer, _) in told for citation in answer.citations]
    answers = [(asked, answer) for asked, (answer, _) in told]
    refused = [answer for _, answer in answers if not answer.excerpts]
    supported = [(a, b) for a, b in answers if any(Path(e.file).stem in a.gains for e in b.excerpts)]
    right = [(a, b) for a, b in supported if any(answer.lower() in b.text.lower() for answer in a.answers)]
    cited = [(a, b) for a, b in supported if b.citations]
    gold = [b for a, b in cited if any(Path(c.file).stem in a.gains for c in b.citations)]
    by_model = [b for _, b in cited if not b.citations[0].attributed]
    looked_at = [b for a, b in supported if doubts(b.text, b.excerpts, a.question)]
    yield "questions", len(chosen), ""
    yield f"answered with nothing found, at {LEAST_CONFIDENCE}", len(refused) / len(chosen), "part"
    yield "gold text among at most five excerpts", len(supported) / len(chosen), "part"
    yield "right answers", len(right) / max(1, len(supported)), "part"
    yield (
        "right answers with a citation",
        sum(bool(b.citations) for _, b in right) / max(1, len(right)),
        "part",
    )
    yield "all these answers with a citation", len(cited) / max(1, len(supported)), "part"
    yield "of these, written by the model itself", len(by_model) / max(1, len(cited)), "part"
    yield "of these, the gold text is cited", len(gold) / max(1, len(cited)), "part"
    yield "shown citations that resolve", sum(resolved) / max(1, len(resolved)), "part"
    yield (
        "supported answers with something to look at",
        len(looked_at) / max(1, len(supported)),
        "part",
    )
    yield from _stages([times for _, (_, times) in told if times.first_ms])


# ── what is found afterwards ──


def _attribution() -> Iterator[Row]:
    for one in sets.sets():
        if one.name in ("XQuAD-en", "XQuAD-es"):
            yield from _attributed(one)


def _attributed(one: sets.Set) -> Iterator[Row]:
    right, gold, wrong = [], [], []
    with _library(one) as (core, _):
        for place, asked in enumerate(one.asked):
            hits = core.search(asked.question, EXCERPTS).result(WAIT_S)
            excerpts = [excerpt_of(n, hit) for n, hit in enumerate(hits, 1)]
            said = asked.answers[0]
            if any(said in e.text for e in excerpts if Path(e.file).stem in asked.gains):
                cited = cite(said, excerpts, asked.question)
                right.append(bool(cited))
                if cited:
                    gold.append(any(Path(c.file).stem in asked.gains for c in cited))
            other = one.asked[(place * 7 + 13) % len(one.asked)].answers[0]
            if not any(other.lower() in e.text.lower() for e in excerpts):
                wrong.append(bool(cite(other, excerpts, asked.question)))
    yield f"{one.name}: people's answers alone, with a citation", statistics.mean(right), "part"
    yield f"{one.name}: of these, the gold text is cited", statistics.mean(gold), "part"
    yield f"{one.name}: answers of other questions, with a citation", statistics.mean(wrong), "part"


def _resolves(core: Services, citation: Citation) -> bool:
    place = (citation.document, citation.page, citation.start, citation.end)
    page = core.locate(*place).result(WAIT_S).page_text
    return page[citation.start : citation.end] == citation.quote


# ── what comes before the first word ──


class Times(NamedTuple):
    """Milliseconds from the question; `first_ms` 0: no model wrote."""

    found_ms: float
    planned_ms: float
    first_ms: float
    model_ms: float


def _time() -> Iterator[Row]:
    size = int(os.environ.get("SOBREMESA_BENCH_PASSAGES", "100000"))
    embedder = load_embedder(Places.of().models / MODEL)
    with house(lambda folder: synthetic.make(folder, size, embedder)) as (core, _):
        core.set_setting("say_nothing_found", False).result(WAIT_S)
        asked = synthetic.questions(TIMED + 1)
        core.search(asked[0], 1).result(WAIT_S)
        wait_until(lambda: not core.trace_search(asked[0], 1).result(WAIT_S).exact)
        _timed_answer(core, asked[0])
        times = [_timed_answer(core, question, 4)[1] for question in asked[1:]]
    for name, value, unit in _stages(times):
        yield f"{size} passages: {name}", value, unit


def _stages(times: list[Times]) -> Iterator[Row]:
    if not times:
        return
    own = [one.first_ms - one.model_ms for one in times]
    yield "until excerpts are found, median", statistics.median(one.found_ms for one in times), "ms"
    yield "until the prompt is planned, median", statistics.median(one.planned_ms for one in times), "ms"
    yield "until the first token, median", statistics.median(one.first_ms for one in times), "ms"
    yield "of this the model's, median", statistics.median(one.model_ms for one in times), "ms"
    yield "our own share, median", statistics.median(own), "ms"
    yield "our own share, p95", statistics.quantiles(own, n=20)[-1], "ms"


def _timed_answer(core: Services, question: str, tokens: int = REPLY_TOKENS) -> tuple[Answer, Times]:
    at: dict[type, float] = {}
    begun = time.perf_counter()

    def heard(event: Any) -> None:
        at.setdefault(type(event), 1000 * (time.perf_counter() - begun))

    operation = core.answer((), question, collections=(COLLECTION,), max_tokens=tokens)
    operation.subscribe(heard)
    answer = operation.result(WAIT_S)
    model_ms = 1000 * answer.stats.ttft_s
    first = at.get(TextAdded, 0.0) if model_ms else 0.0
    return answer, Times(at.get(ExcerptsFound, 0.0), at.get(Planned, 0.0), first, model_ms)


@contextmanager
def _library(one: sets.Set) -> Iterator[tuple[Services, dict[str, int]]]:
    """A set's texts, indexed, and the documents' numbers by name."""
    with tempfile.TemporaryDirectory() as name, house() as (core, _):
        folder = sets.written(one.texts, Path(name) / "texts")
        core.index((str(folder),), COLLECTION).result(WAIT_S)
        infos = core.list_documents().result(WAIT_S)
        yield core, {Path(info.file).stem: info.document for info in infos}
