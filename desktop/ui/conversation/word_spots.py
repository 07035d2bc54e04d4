"""Which characters of a message's text stand where in what is shown of it, and back. Knows no widget.

A block shows its text without the marks of Markdown, so the two are brought together word by word.
"""

import re
from typing import Final

from PySide6.QtGui import QTextDocument

from desktop.ui.conversation.piece import Piece
from desktop.ui.conversation.thoughts import KINDS

_WORD: Final = re.compile(r"\w+|[^\w\s]")
_AHEAD: Final = 400  # characters of marks at most between two words
_NEAR: Final = 12  # the same before a sign, which is easily mistaken


def offsets(shown: str, source: str) -> list[int]:
    """For each character of `shown` where it stands in `source`; -1 for one that is not of it."""
    found = [-1] * len(shown)
    at = 0
    for match in _WORD.finditer(shown):
        word = match.group()
        ahead = _AHEAD if word[0].isalnum() else _NEAR
        place = source.find(word, at, at + ahead + len(word))
        if place >= 0:
            found[match.start() : match.end()] = range(place, place + len(word))
            at = place + len(word)
    return found


def character_at(piece: Piece, position: int) -> int | None:
    """The character of the message's text at a place in a piece; None where nothing of it stands."""
    if piece.document is None or piece.block.kind in (*KINDS, "sources"):
        return None
    found = offsets(piece.document.toPlainText(), piece.block.source)
    near = (position, position - 1, position + 1)
    places = (found[at] for at in near if 0 <= at < len(found) and found[at] >= 0)
    place = next(places, None)
    return None if place is None else piece.block.start + place


class Places:
    """Where the characters of one piece stand in its document, found once."""

    def __init__(self, piece: Piece, document: QTextDocument) -> None:
        self._shown: dict[int, int] = {}
        if piece.block.kind not in (*KINDS, "sources"):
            begin = piece.block.start
            for at, place in enumerate(offsets(document.toPlainText(), piece.block.source)):
                if place >= 0:
                    self._shown[begin + place] = at

    def ranges(self, begin: int, end: int) -> list[tuple[int, int]]:
        """Runs of the document that show the characters from `begin` to before `end`."""
        places = sorted(self._shown[character] for character in range(begin, end) if character in self._shown)
        runs: list[tuple[int, int]] = []
        for place in places:
            if runs and runs[-1][1] == place:
                runs[-1] = (runs[-1][0], place + 1)
            else:
                runs.append((place, place + 1))
        return runs
