"""How well a text answers what a person typed: for the command palette and the settings. Holds no list."""

import unicodedata
from typing import Final

from desktop.core.stream_safe import normalized

NO_MATCH: Final = 0
_WHOLE, _WORD_START, _INSIDE, _LETTERS = 100, 70, 40, 10


def folded(text: str) -> str:
    """`text` without case and accents: "Diseño" and "diseno" are found by each other."""
    split = normalized("NFKD", text.casefold())
    return "".join(letter for letter in split if not unicodedata.combining(letter))


def words_of(query: str) -> tuple[str, ...]:
    """The words a person typed, folded."""
    return tuple(folded(query).split())


def score(words: tuple[str, ...], text: str) -> int:
    """How well a folded text answers the folded words; NO_MATCH where it does not answer each of them.

    A word counts most as the text's beginning, then as a word's, then anywhere; least as letters in order
    ("nch" finds "new chat"), which must begin at a word's beginning.
    """
    total = 0
    for word in words:
        one = _score(word, text)
        if one == NO_MATCH:
            return NO_MATCH
        total += one
    # of equal answers the shorter text
    return total * 1000 - min(len(text), 999) if words else 1


def score_both(words: tuple[str, ...], text: str, more: str) -> int:
    """As `score`, where words that only `more` answers count far less than those of `text`."""
    by_text = score(words, text)
    if by_text != NO_MATCH or not more:
        return by_text
    return min(1, holds(words, f"{text} {more}"))


def holds(words: tuple[str, ...], text: str) -> bool:
    """Whether a folded text holds each of the folded words as it is written."""
    return all(word in text for word in words)


def _score(word: str, text: str) -> int:
    if text.startswith(word):
        return _WHOLE
    at = text.find(word)
    while at > 0:
        if not text[at - 1].isalnum():
            return _WORD_START
        at = text.find(word, at + 1)
    if word in text:
        return _INSIDE
    return _LETTERS if _in_order(word, text) else NO_MATCH


def _in_order(word: str, text: str) -> bool:
    """Whether the letters come in order, the first one as a word's beginning."""
    if len(word) < 2:
        return False
    starts = [at for at, letter in enumerate(text) if letter == word[0] and (at == 0 or text[at - 1] == " ")]
    for start in starts:
        rest = iter(text[start + 1 :])
        if all(letter in rest for letter in word[1:]):
            return True
    return False
