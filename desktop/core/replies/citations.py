"""Find what a reply refers to: its own `[n]`, or, without any, what its sentences were drawn from.

Works on the text and the excerpts of the turn alone, so that the window, the commands and an export all
resolve a stored reply to the same passages. Changes no text.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from desktop.core.stream_safe import normalized
from desktop.core.types import Chat, Citation, Excerpt

LONGEST_RANGE = 10
FEW_WORDS = 2  # that are enough where an excerpt holds all of them
WORDS_NEEDED = 3  # words or numbers a sentence must share with the excerpt it is attributed to
NEAREST_PAGES = 3
SHARE_NEEDED = 0.6  # of its words, all of its numbers
KEY_LETTERS = 6  # "ticket" and "tickets" count as one word

_NUMBERS = r"\d{1,3}(?:\s*(?:,|;|-|–|&|and|y)\s*\d{1,3})*"
_LABEL = r"(?:(?:excerpts?|extractos?|fragmentos?|sources?|fuentes?)\s+)?"
_MARKER = re.compile(rf"[\[【]\^?{_LABEL}({_NUMBERS})[\]】]", re.IGNORECASE)
_RANGE = re.compile(r"(\d{1,3})\s*[-–]\s*(\d{1,3})")
_UNFINISHED = re.compile(r"[\[【][^\[\]【】\n]{0,24}$")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?](?!\s|$)[^.!?\n]*)*(?:[.!?]+|\n|$)")
_NAME = re.compile(r"\b[^\W\d_a-z][^\W\d_]{3,}")
# below U+0370 these are all that combine; to take them out at once takes a third of looking at each
_BEYOND_LATIN = re.compile("[^\x00-\u036f]")
_LATIN_MARKS = re.compile("[\u0300-\u034e\u0350-\u036f]+")
_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+")
# words that say nothing of a source, without accents
_COMMON_WORDS = (
    "about according after also and answer answers are because been before being between both but can "
    "could did does each excerpt excerpts for from had has have her him his here how into its more most "
    "must not only other our over question should some such text than that the their them then there "
    "these they this those under was were what when where which while who whom whose why will with "
    "would you your "
    "algo ante aqui cada como con contra cual cuando del desde donde durante ella ellos entre era eran "
    "esa ese esta estas este esto estos extracto extractos fragmento fue fueron han hasta hay las los "
    "mas muy para pero por porque pregunta que quien respuesta segun ser sido sin sobre son sus tambien "
    "texto tiene todo todos una uno unos"
)
_COMMON = frozenset(_COMMON_WORDS.split())


class Marker(msgspec.Struct, frozen=True):
    """Where a reply cites: characters [start:end] of its text, and the excerpts' numbers, known ones only.

    `attributed`: nothing is written there; the numbers belong behind the sentence that ends at `start`.
    """

    start: int
    end: int
    numbers: tuple[int, ...]
    attributed: bool = False


def cite(text: str, excerpts: Sequence[Excerpt], question: str = "") -> tuple[Citation, ...]:
    """The excerpts a reply refers to, each once, in the order of their first mention. `question`: what it
    replies to, which tells what a word alone speaks of."""
    by_number = {excerpt.n: excerpt for excerpt in excerpts}
    cited: dict[int, Citation] = {}
    for marker in markers(text, excerpts, question):
        for n in marker.numbers:
            if n not in cited:
                cited[n] = _citation(by_number[n], attributed=marker.attributed)
    return tuple(cited.values())


def with_citations(chat: Chat) -> Chat:
    """What the finished replies of a chat cite. A millisecond for each that names no source itself, so that
    whoever shows a long chat need not look."""
    found: dict[int, tuple[Citation, ...]] = {}
    excerpts: tuple[Excerpt, ...] = ()
    asked = ""
    for message in chat.messages:
        if message.role == "user":
            excerpts, asked = message.excerpts, message.text
        elif message.role == "assistant" and excerpts and message.state != "streaming":
            found[message.id] = cite(message.text, excerpts, asked)
    return replace(chat, citations=found)


def markers(text: str, excerpts: Sequence[Excerpt], question: str = "") -> tuple[Marker, ...]:
    """Where a reply cites, in order. Numbers without an excerpt are ignored: they stay text.

    When the model wrote no number at all, sentences are attributed to the excerpts that hold their words
    and numbers. Call it with `written` alone while a reply still grows.
    """
    return written(text, excerpts) or attributed(text, excerpts, question)


def written(text: str, excerpts: Sequence[Excerpt]) -> tuple[Marker, ...]:
    """The `[n]`, `[n, m]` and `[n-m]` that stand in the text outside of code. Safe on half a reply."""
    known = {excerpt.n for excerpt in excerpts}
    if not known:
        return ()
    code = [match.span() for match in _CODE.finditer(text)]
    found = []
    for match in _MARKER.finditer(text):
        if any(start <= match.start() < end for start, end in code):
            continue
        numbers = tuple(dict.fromkeys(n for n in _expand(match.group(1)) if n in known))
        if numbers:
            found.append(Marker(match.start(), match.end(), numbers))
    return tuple(found)


def unknown_markers(text: str, excerpts: Sequence[Excerpt]) -> tuple[tuple[int, int], ...]:
    """Where the text cites numbers none of which is an excerpt's: characters [start:end], outside of code."""
    known = {excerpt.n for excerpt in excerpts}
    plain = outside_code(text)
    return tuple(
        match.span() for match in _MARKER.finditer(plain) if not known.intersection(_expand(match.group(1)))
    )


def cited_numbers(marked: Sequence[Marker], start: int, end: int) -> tuple[int, ...]:
    """What the sentence at [start:end] cites: within it, or right behind its last character."""
    within = (n for marker in marked if start <= marker.start <= end + 1 for n in marker.numbers)
    return tuple(dict.fromkeys(within))


def nearest(excerpts: Sequence[Excerpt]) -> tuple[Citation, ...]:
    """For a reply that refers to nothing: the closest excerpts, one for a page, at most three."""
    pages: dict[tuple[int, int], Citation] = {}
    for excerpt in excerpts:
        pages.setdefault((excerpt.document, excerpt.page), _citation(excerpt, attributed=False))
    return tuple(pages.values())[:NEAREST_PAGES]


def settled_length(text: str) -> int:
    """How much of a growing reply can be shown as it is: up to a "[" that may become a marker."""
    match = _UNFINISHED.search(text)
    return len(text) if match is None else match.start()


def attributed(text: str, excerpts: Sequence[Excerpt], question: str = "") -> tuple[Marker, ...]:
    """For each sentence the excerpt that clearly supports it, if there is one."""
    if not excerpts:
        return ()
    sources = [(excerpt.n, _keys(f"{excerpt.heading} {excerpt.text}")) for excerpt in excerpts]
    asked = _keys(question)
    found = []
    for _start, end, sentence in sentences(text):
        n = _source_of(sentence, sources, asked) or _source_of_few(sentence, sources, asked)
        if n is not None:
            found.append(Marker(end, end, (n,), attributed=True))
    return tuple(found)


def _source_of(
    sentence: str, sources: Sequence[tuple[int, frozenset[str]]], asked: frozenset[str]
) -> int | None:
    """The one excerpt that holds all numbers of a sentence, and most of its words or most of what it adds to
    the question; the better of several."""
    keys = _keys(sentence)
    added = keys - asked
    numbers = {key for key in keys if key[0].isdigit()}
    best, best_score = None, 0.0
    for n, source in sources:
        shared = keys & source
        if not numbers <= source or len(shared) < WORDS_NEEDED:
            continue
        score = len(shared) / len(keys)
        if asked and added and len(asked & source) >= FEW_WORDS:
            score = max(score, len(added & source) / len(added))
        if score >= SHARE_NEEDED and score > best_score:
            best, best_score = n, score
    return best


def _source_of_few(
    sentence: str, sources: Sequence[tuple[int, frozenset[str]]], asked: frozenset[str]
) -> int | None:
    """For "Seven euros." and "In 1927.": the excerpt that holds every word, and most of what was asked.

    A lone word that is neither a number nor a name ("closed") needs an excerpt that speaks of the question.
    """
    keys = _keys(sentence)
    if not 0 < len(keys) < WORDS_NEEDED:
        return None
    telling = len(keys) >= FEW_WORDS or any(key[0].isdigit() for key in keys) or _NAME.search(sentence)
    needed = 0 if telling else max(1, min(FEW_WORDS, len(asked)))
    holding = [(len(asked & source), -n) for n, source in sources if keys <= source]
    shared, n = max(holding, default=(-1, 0))
    return -n if shared >= needed else None


def outside_code(text: str) -> str:
    """The text with blanks where code stands, so that every other character keeps its place."""
    return _CODE.sub(lambda match: " " * len(match.group()), text)


def sentences(text: str) -> Iterator[tuple[int, int, str]]:
    """Each sentence with the offsets of its begin and its end, without space around it. Code is left out."""
    for match in _SENTENCE.finditer(outside_code(text)):
        sentence = match.group().strip()
        if sentence:
            start = match.start() + match.group().index(sentence)
            yield start, start + len(sentence), sentence


def _keys(text: str) -> frozenset[str]:
    """Words that say something, folded and cut to their first letters; numbers whole."""
    return frozenset(
        word if word[0].isdigit() else word[:KEY_LETTERS]
        for word in set(_WORD.findall(_folded(text)))
        if word[0].isdigit() or (len(word) > 2 and word not in _COMMON)
    )


def folded_key(word: str) -> str:
    """What a word is compared by: without case, accents and its later letters."""
    return _folded(word)[:KEY_LETTERS]


def is_common(word: str) -> bool:
    """Whether it says nothing of a source."""
    return _folded(word) in _COMMON


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    decomposed = normalized("NFD", text.casefold())
    if _BEYOND_LATIN.search(decomposed):
        return "".join(c for c in decomposed if not unicodedata.combining(c))
    return _LATIN_MARKS.sub("", decomposed)


def _expand(numbers: str) -> Iterator[int]:
    """ "1, 3-5" -> 1, 3, 4, 5."""
    for part in re.split(r"\s*(?:,|;|&|and|y)\s*", numbers, flags=re.IGNORECASE):
        span = _RANGE.fullmatch(part)
        if span is None:
            yield from (int(n) for n in re.findall(r"\d+", part))
            continue
        first, last = int(span[1]), int(span[2])
        yield from range(first, last + 1) if 0 <= last - first < LONGEST_RANGE else (first, last)


def _citation(excerpt: Excerpt, *, attributed: bool) -> Citation:
    return Citation(
        n=excerpt.n,
        document=excerpt.document,
        file=excerpt.file,
        title=excerpt.title,
        page=excerpt.page,
        start=excerpt.start,
        end=excerpt.end,
        quote=excerpt.text,
        attributed=attributed,
    )
