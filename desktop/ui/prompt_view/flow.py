"""Tokens in rows, as words stand in a text: where each row begins. Knows no widget and paints nothing.

Only the beginnings of rows are kept, so that a long prompt is laid out in a moment and a part at a time.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

GAP_PX: Final = 1.0  # between two tokens
STEP: Final = 3_000  # tokens that are laid out in one go


class Row(NamedTuple):
    """Tokens from `begin` to before `end`; or, with `extra`, something of its own before token `begin`."""

    begin: int
    end: int
    extra: object | None = None


class Flow:
    """Rows for texts at a width. `extras` stand before the token of that number, and end the row above.

    `ends`: whether a token ends its line. Call `step` until it says that nothing is left.
    """

    def __init__(
        self,
        texts: Sequence[str],
        ends: Sequence[bool],
        width: float,
        measure: Callable[[str], float],
        extras: Mapping[int, Sequence[object]],
    ) -> None:
        self.texts = texts
        self.rows: list[Row] = []
        self._ends = ends
        self._width = width
        self._measure = measure
        self._extras = extras
        self._widths: dict[str, float] = {}
        self._begins: list[int] = []
        self._begin, self._x = 0, 0.0  # of the row that is not full yet
        self._at = 0
        self.done = False

    def width_of(self, token: int) -> float:
        """Of one token, without the gap after it."""
        text = self.texts[token]
        found = self._widths.get(text)
        if found is None:
            found = self._widths[text] = self._measure(text)
        return found

    def step(self, tokens: int = STEP) -> bool:
        """Lay out so many more; True when there is more to do."""
        end = min(len(self.texts), self._at + tokens)
        begin, x = self._begin, self._x
        for token in range(self._at, end):
            if token in self._extras:
                self._close(begin, token)
                begin, x = token, 0.0
                for extra in self._extras[token]:
                    self._add(Row(token, token, extra))
            width = self.width_of(token)
            if x and x + width > self._width:
                self._close(begin, token)
                begin, x = token, 0.0
            x += width + GAP_PX
            if self._ends[token]:
                self._close(begin, token + 1)
                begin, x = token + 1, 0.0
        self._at, self._begin, self._x = end, begin, x
        self.done = end == len(self.texts)
        if self.done:
            self._close(begin, end)
            for extra in self._extras.get(end, ()):
                self._add(Row(end, end, extra))
        return not self.done

    def row_of(self, token: int) -> int:
        """The row in which a token stands; the last one while it is not laid out."""
        return max(0, bisect_right(self._begins, token) - 1)

    def at(self, row: int, x: float) -> int | None:
        """The token of a row at a distance from the left; None where there is none."""
        found = self.rows[row] if 0 <= row < len(self.rows) else None
        if found is None or found.extra is not None:
            return None
        left = 0.0
        for token in range(found.begin, found.end):
            left += self.width_of(token) + GAP_PX
            if x < left:
                return token
        return None

    def left_of(self, token: int) -> float:
        """How far from the left a token stands in its row."""
        row = self.rows[self.row_of(token)]
        return sum(self.width_of(other) + GAP_PX for other in range(row.begin, token))

    def _close(self, begin: int, end: int) -> None:
        if end > begin:
            self._add(Row(begin, end))

    def _add(self, row: Row) -> None:
        self.rows.append(row)
        self._begins.append(row.begin)
