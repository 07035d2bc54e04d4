"""Words that are looked for in a text: read from what was typed, found without regard to accents and case.

The same rules as the search index's: a word is letters and digits, and is found by its beginning; what stands
in quotation marks is found as it stands. Knows no database.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from desktop.core.stream_safe import normalized
from desktop.core.types.chats import Span

SNIPPET_CHARACTERS = 130
BEFORE_CHARACTERS = 20  # of a snippet, before the first found word: two narrow lines must hold both

_WORD = re.compile(r"[^\W_]+")
_QUOTED = re.compile(r'["“”„«»]([^"“”„«»]*)["“”„«»]?')
_MARKS = re.compile(r"[\u0300-\u036f]")


@dataclass(frozen=True)
class Term:
    """Words that follow each other, folded. `whole`: the last of them is a word and not its beginning."""

    words: tuple[str, ...]
    whole: bool = False

    @property
    def expression(self) -> str:
        """As FTS5 wants it. Quoted, because a person's "and" or "*" is no operator.
        https://www.sqlite.org/fts5.html#full_text_query_syntax
        """
        return f'"{" ".join(self.words)}"' + ("" if self.whole else "*")


def folded(text: str) -> str:
    """Lower case without accents."""
    if text.isascii():
        return text.lower()
    return normalized("NFC", _MARKS.sub("", normalized("NFD", text.lower())))


@lru_cache(maxsize=64)
def terms_of(query: str) -> tuple[Term, ...]:
    """What a query asks for; () where it holds no word. `"two words"` is one term."""
    terms: list[Term] = []
    at = 0
    for quoted in _QUOTED.finditer(query):
        terms += _single(query[at : quoted.start()])
        words = tuple(folded(word) for word in _WORD.findall(quoted[1]))
        if words:
            terms.append(Term(words, whole=True))
        at = quoted.end()
    terms += _single(query[at:])
    return tuple(dict.fromkeys(terms))


def holds(text: str, terms: tuple[Term, ...]) -> bool:
    """Whether all terms stand in `text`. Much faster than `marks_in`, which says where."""
    if not terms:
        return False
    within = folded(text)
    return all(_pattern(term).search(within) for term in terms)


@lru_cache(maxsize=64)
def _pattern(term: Term) -> re.Pattern[str]:
    words = r"[\W_]+".join(map(re.escape, term.words))
    return re.compile(rf"(?<![^\W_]){words}" + (r"(?![^\W_])" if term.whole else ""))


def marks_in(text: str, terms: tuple[Term, ...]) -> tuple[Span, ...]:
    """Where the terms stand in `text`: from each found word's first character to its last, in order."""
    if not terms:
        return ()
    words = [(folded(match[0]), match.span()) for match in _WORD.finditer(text)]
    found: set[Span] = set()
    for term in terms:
        count = len(term.words)
        first = term.words[0]
        for at in range(len(words) - count + 1):
            if words[at][0] == first or (count == 1 and not term.whole and words[at][0].startswith(first)):
                stretch = words[at : at + count]
                if _matches(term, [word for word, _span in stretch]):
                    found.update(span for _word, span in stretch)
    return tuple(sorted(found))


def snippet_of(text: str, terms: tuple[Term, ...]) -> tuple[str, tuple[Span, ...]]:
    """A piece of `text` on one line around the first found word, and where the found words are in it."""
    marks = marks_in(text, terms)
    start = _word_border(text, max(0, marks[0][0] - BEFORE_CHARACTERS)) if marks else 0
    # a long stretch of blanks would leave little of the piece
    line = " ".join(text[start : start + 4 * SNIPPET_CHARACTERS].split())
    piece = ("…" if start else "") + line
    if len(piece) > SNIPPET_CHARACTERS or start + 4 * SNIPPET_CHARACTERS < len(text):
        cut = piece[:SNIPPET_CHARACTERS]
        piece = (cut.rsplit(" ", 1)[0] if " " in cut[BEFORE_CHARACTERS:] else cut).rstrip() + "…"
    return piece, marks_in(piece, terms)


def _single(query: str) -> list[Term]:
    words = [folded(word) for word in _WORD.findall(query)]
    # beginnings of one letter are every second word, and slow to look up; "C" and "5" are words
    return [Term((word,), whole=len(word) == 1 and word.isascii()) for word in words]


def _matches(term: Term, words: list[str]) -> bool:
    *before, last = words
    return tuple(before) == term.words[:-1] and (
        last == term.words[-1] if term.whole else last.startswith(term.words[-1])
    )


def _word_border(text: str, at: int) -> int:
    """The start of the next word, where one begins soon."""
    if at == 0:
        return 0
    space = re.compile(r"\s").search(text, at - 1, at + BEFORE_CHARACTERS // 2)
    return space.end() if space else at
