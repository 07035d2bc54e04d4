"""What in a reply its sources do not say: citations that lead nowhere, numbers and names that stand in none.

Judges words, not meaning: a doubt says "look here", not "this is wrong", and a sentence without one may still
be wrong. Works on the text, the question and the excerpts alone, as `citations` does. Changes no text.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from desktop.core.replies.citations import (
    cited_numbers,
    folded_key,
    is_common,
    markers,
    outside_code,
    sentences,
    unknown_markers,
)
from desktop.core.types import Doubt as Doubt
from desktop.core.types import Excerpt
from rag.language import guess_language

NEAR = 64  # characters before a word that tell whether a sentence begins with it

_NUMBER = re.compile(r"\d+(?:[.,:   ']\d+)*")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_LIST_ITEM = re.compile(r"\s*(?:[-*+•]\s+|\d{1,3}[.)]\s+)")
_OPENS = re.compile(r"(?:^|[\s(])[\"'“«‘(*_#>\[]*$|[:.!?…]\s*[\"'“«‘(*_]*$")
_SPELLED = (
    ("zero cero", 0),
    ("one uno una", 1),
    ("two dos", 2),
    ("three tres", 3),
    ("four cuatro", 4),
    ("five cinco", 5),
    ("six seis", 6),
    ("seven siete", 7),
    ("eight ocho", 8),
    ("nine nueve", 9),
    ("ten diez", 10),
    ("eleven once", 11),
    ("twelve doce", 12),
    ("thirteen trece", 13),
    ("fourteen catorce", 14),
    ("fifteen quince", 15),
    ("sixteen dieciseis", 16),
    ("seventeen diecisiete", 17),
    ("eighteen dieciocho", 18),
    ("nineteen diecinueve", 19),
    ("twenty veinte", 20),
    ("thirty treinta", 30),
    ("forty cuarenta", 40),
    ("fifty cincuenta", 50),
    ("sixty sesenta", 60),
    ("seventy setenta", 70),
    ("eighty ochenta", 80),
    ("ninety noventa", 90),
    ("hundred cien ciento", 100),
    ("thousand mil", 1000),
)
SPELLED = {folded_key(word): str(value) for words, value in _SPELLED for word in words.split()}


class _Source(NamedTuple):
    numbers: frozenset[str]
    words: frozenset[str]
    language: str


def doubts(text: str, excerpts: Sequence[Excerpt], question: str = "") -> tuple[Doubt, ...]:
    """In the order of the text. None for a reply that was given no excerpts."""
    if not excerpts:
        return ()
    found = [
        Doubt(start, end, "no_such_source", text[start:end]) for start, end in unknown_markers(text, excerpts)
    ]
    sources = {one.n: _source(f"{one.heading} {one.title} {one.text}") for one in excerpts}
    asked = _source(question)
    marked = markers(text, excerpts, question)
    for start, end, sentence in sentences(text):
        cited = cited_numbers(marked, start, end)
        against = [sources[n] for n in cited] or list(sources.values())
        found += _unsupported(sentence, start, [*against, asked])
    return tuple(sorted(set(found), key=lambda doubt: (doubt.start, doubt.end)))


def _unsupported(sentence: str, offset: int, sources: Sequence[_Source]) -> Iterator[Doubt]:
    plain = outside_code(sentence)
    item = _LIST_ITEM.match(plain)
    begin = item.end() if item else 0
    if not _WORD.search(plain, begin):
        return  # a lone number is the label of something
    said: set[str] = set().union(*(source.numbers for source in sources))
    for match in _NUMBER.finditer(plain, begin):
        if not _inside_marker(plain, match) and not (_readings(match.group()) & said):
            yield Doubt(offset + match.start(), offset + match.end(), "not_in_source", match.group())
    languages = {source.language for source in sources} - {""}
    language = guess_language(plain)
    if language and languages and language not in languages:
        return  # names are written in other ways in other languages
    words: set[str] = set().union(*(source.words for source in sources))
    for match in _names(plain, begin):
        if folded_key(match.group()) not in words:
            yield Doubt(offset + match.start(), offset + match.end(), "not_in_source", match.group())


def _names(sentence: str, begin: int) -> Iterator["re.Match[str]"]:
    """Words that begin with a capital where no sentence begins."""
    for match in _WORD.finditer(sentence, begin):
        word = match.group()
        if not word[0].isupper() or len(word) < 2 or is_common(word):
            continue
        before = sentence[max(begin, match.start() - NEAR) : match.start()]
        opens = not before.strip() or _OPENS.search(before.rstrip(" ")) is not None
        if not opens or (word.isupper() and len(word) > 2):
            yield match


def _source(text: str) -> _Source:
    words = frozenset(folded_key(word) for word in _WORD.findall(text))
    parts = frozenset(folded_key(part) for word in _WORD.findall(text) for part in re.split(r"['’-]", word))
    numbers: set[str] = set()
    for match in _NUMBER.finditer(text):
        numbers |= _readings(match.group())
        numbers |= {reading for part in re.findall(r"\d+", match.group()) for reading in _readings(part)}
    numbers |= {SPELLED[word] for word in words if word in SPELLED}
    return _Source(frozenset(numbers), words | parts, guess_language(text))


def _readings(number: str) -> set[str]:
    """What a number may stand for, as plain digits: "1,000" is 1000 or 1.000."""
    digits = re.sub(r"\D", "", number)
    whole = digits.lstrip("0") or "0"
    readings = {whole}
    decimal = re.fullmatch(r"(.*\d)[.,](\d{1,6})", number)
    if decimal:
        before = re.sub(r"\D", "", decimal[1]).lstrip("0") or "0"
        rest = decimal[2].rstrip("0")
        readings.add(f"{before}.{rest}" if rest else before)
        if len(decimal[2]) != 3:  # no thousands: one reading is left
            readings.discard(whole)
    return readings


def _inside_marker(sentence: str, match: "re.Match[str]") -> bool:
    opened = max(sentence.rfind("[", 0, match.start()), sentence.rfind("【", 0, match.start()))
    closed = max(sentence.rfind("]", 0, match.start()), sentence.rfind("】", 0, match.start()))
    return opened > closed
