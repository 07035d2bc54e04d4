"""How well an engine's text of a page reads, as a number. Chooses between engines; changes no text."""

import unicodedata
from collections.abc import Sequence

LONGEST_WORD = 25  # longer tokens are mostly words glued together
GOOD_ENOUGH = 0.9  # below this a second engine is asked
_NO_WORD = ".·…_-=–—*•"


def readability(words: Sequence[str]) -> float:
    """From 0 (noise) to 1: the share of words of plausible length times the share of printable characters.

    1.0 for a page without words: nothing can be read better there.
    """
    words = [word for word in words if word.strip(_NO_WORD)]  # dot leaders and drawn rules are none
    if not words:
        return 1.0
    characters = sum(map(len, words))
    glued = sum(len(word) for word in words if len(word) > LONGEST_WORD and not _may_be_long(word))
    noise = sum(1 for word in words if not word.isascii() for c in word if _is_noise(c))
    return (1 - glued / characters) * (1 - noise / characters)


def _may_be_long(word: str) -> bool:
    """Addresses, paths and scripts that write no spaces are long and read well."""
    return any(mark in word for mark in "/.@_-:\\") or (not word.isascii() and _writes_no_spaces(word))


def _writes_no_spaces(word: str) -> bool:
    return sum(c > "\u0e00" for c in word) > len(word) / 2


def _is_noise(character: str) -> bool:
    """Replacement characters, private use and unassigned code points: no font says what they are."""
    return character == "\ufffd" or unicodedata.category(character) in {"Co", "Cn", "Cs"}
