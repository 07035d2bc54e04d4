"""What is painted for a token: its text, with what cannot be seen made visible. Knows no model."""

import unicodedata
from functools import cache
from typing import Final

_LINE: Final = "↵"
_SEEN: Final = str.maketrans({" ": "·", "\t": "⇥", "\u00a0": "⍽"})


def shown(text: str, number: int, *, blanks: bool) -> str:
    """`blanks`: spaces and line ends show as signs. A token without text shows as its number."""
    if not text:
        return f"#{number}"
    return _shown(text, blanks)


@cache
def _shown(text: str, blanks: bool) -> str:
    lines = text.replace("\r", "").replace("\n", _LINE if blanks or not text.strip() else "")
    if blanks:
        lines = lines.translate(_SEEN)
    return "".join(letter if _visible(letter) else "▯" for letter in lines.replace("\t", "  ")) or " "


def _visible(letter: str) -> bool:
    # what turns the direction of text, or takes no room, would make a token look like another
    return letter.isprintable() and unicodedata.category(letter) not in ("Cf", "Cc", "Mn", "Me")


def quoted(text: str) -> str:
    """A token's text for a sentence about it."""
    return f"“{_shown(text, True)}”"
