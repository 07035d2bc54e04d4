"""The scorer: what the search finds of texts that people judged. Knows no part of the search.

How texts become passages: each gold text is a file of its own (NAME.txt), indexed as any file is. Whatever
passage of that file is found stands for the text. XQuAD's questions have one gold text each; Cranfield's
queries several.

Gains: a text with a Cranfield code from 1 (best) to 4 counts 1, whatever the code, as in the figures that
stand beside ours; -1 and texts that nobody judged count 0. "graded" counts 5 - code. Gold texts of XQuAD
count 1.

recall@5: of the first five hits, those whose text is gold, each text once, divided by how many there could
be (at most five). Two hits of one text take two places. nDCG@10: texts in the order of their first hit, the
discount log2(rank + 1), divided by the best order's sum. MRR: 1 / the first gold text's rank; 0 past 10.
"""

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench._rag_house import shared

RANKED = 10
FIRST = 5
HITS = 20  # asked for, so that ten different texts are among them

# recall@5 and nDCG@10 of others on the same texts, as measured beside them: BM25 (stemmed), all-MiniLM-L6-v2,
# both by reciprocal ranks, multilingual-e5-small, BM25 and e5 by reciprocal ranks
BASELINES: dict[str, tuple[tuple[float, float] | None, ...]] = {
    "XQuAD-en": ((0.986, 0.963), (0.982, 0.943), (0.992, 0.971), (0.995, 0.970), (0.994, 0.978)),
    "XQuAD-es": ((0.984, 0.962), (0.715, 0.632), (0.907, 0.840), (0.989, 0.958), (0.994, 0.971)),
    "es to en": ((0.591, 0.524), (0.594, 0.503), (0.708, 0.634), (0.982, 0.937), (0.905, 0.837)),
    "Cranfield": ((0.382, 0.376), (0.391, 0.395), (0.428, 0.423), None, None),
}
BASELINE_NAMES = ("BM25", "MiniLM", "BM25+MiniLM", "e5", "BM25+e5")


class Asked(NamedTuple):
    """A question with the gain of each text that answers it, and the words that do, where those are known."""

    question: str
    gains: dict[str, float]
    answers: tuple[str, ...] = ()


class Set(NamedTuple):
    name: str
    texts: dict[str, str]
    asked: tuple[Asked, ...]


class Score(NamedTuple):
    recall: float
    ndcg: float
    mrr: float


def sets() -> tuple[Set, ...]:
    """English, Spanish, Spanish questions to English texts, Cranfield."""
    english, spanish = _passages("xquad-en"), _passages("xquad-es")
    in_spanish = _questions("xquad-es")
    return (
        Set("XQuAD-en", english, _questions("xquad-en")),
        Set("XQuAD-es", spanish, in_spanish),
        Set("es to en", english, in_spanish),
        cranfield(lambda code: 1.0),
    )


def cranfield(gain: Callable[[int], float]) -> Set:
    """Two of its texts are empty and are left out; no query is judged by them."""
    texts = {row["id"]: row["text"] for row in _rows("cranfield", "corpus") if row["text"].strip()}
    gains: dict[str, dict[str, float]] = {}
    for row in _rows("cranfield", "qrels"):
        if row["code"] > 0:
            gains.setdefault(row["query"], {})[row["doc"]] = gain(row["code"])
    asked = tuple(Asked(row["question"], gains[row["id"]]) for row in _rows("cranfield", "queries"))
    return Set("Cranfield", texts, asked)


def graded(code: int) -> float:
    return 5.0 - code


def written(texts: dict[str, str], folder: Path) -> Path:
    """Each text as a file."""
    folder.mkdir()
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, "utf-8")
    return folder


def score(asked: Sequence[Asked], find: Callable[[str], Sequence[str]]) -> Score:
    """`find` gives the texts of the hits for a question, best first; a text may come more than once."""
    scores = [_score(find(one.question), one.gains) for one in asked]
    return Score(*(sum(values) / len(scores) for values in zip(*scores, strict=True)))


def _score(hits: Sequence[str], gains: dict[str, float]) -> Score:
    order = list(dict.fromkeys(hits))[:RANKED]
    found = len({name for name in hits[:FIRST] if name in gains})
    gained = sum(gains.get(name, 0.0) / math.log2(rank + 1) for rank, name in enumerate(order, 1))
    best = sorted(gains.values(), reverse=True)[:RANKED]
    ideal = sum(gain / math.log2(rank + 1) for rank, gain in enumerate(best, 1))
    first = next((rank for rank, name in enumerate(order, 1) if name in gains), 0)
    return Score(found / min(FIRST, len(gains)), gained / ideal, 1 / first if first else 0.0)


def _passages(name: str) -> dict[str, str]:
    return {row["id"]: row["text"] for row in _rows(name, "passages")}


def _questions(name: str) -> tuple[Asked, ...]:
    return tuple(
        Asked(row["question"], {row["passage"]: 1.0}, tuple(row.get("answers", ())))
        for row in _rows(name, "questions")
    )


def _rows(name: str, part: str) -> list[dict[str, Any]]:
    path = shared("retrieval") / name / f"{part}.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
