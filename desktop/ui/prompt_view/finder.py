"""Find a text in a prompt, wherever its tokens cut it. Knows no widget."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate


class Finder:
    """`tokens` are all that have a part in a hit; `count` is how many hits there are."""

    def __init__(self) -> None:
        self._text = ""
        self._begins: list[int] = []
        self._hits: list[tuple[int, int]] = []
        self.tokens: frozenset[int] = frozenset()

    @property
    def count(self) -> int:
        return len(self._hits)

    def read(self, texts: Sequence[str]) -> None:
        """Search in these tokens from now on."""
        lowered = [text.lower() for text in texts]
        self._text = "".join(lowered)
        self._begins = [0, *accumulate(len(text) for text in lowered)][: len(texts)]

    def find(self, wanted: str) -> int:
        """Look for a text in any case; gives how often it is there."""
        wanted = wanted.lower()
        self._hits = []
        at = self._text.find(wanted) if wanted else -1
        while at >= 0:
            self._hits.append((self._token(at), self._token(at + len(wanted) - 1)))
            at = self._text.find(wanted, at + len(wanted))
        self.tokens = frozenset(token for begin, end in self._hits for token in range(begin, end + 1))
        return len(self._hits)

    def step(self, by: int, here: int) -> int | None:
        """The first token of the hit after (1) or before (-1) a token, or at it or after it (0), around."""
        begins = [begin for begin, _ in self._hits]
        if not begins:
            return None
        if by < 0:
            return next((begin for begin in reversed(begins) if begin < here), begins[-1])
        return next((begin for begin in begins if (begin > here if by else begin >= here)), begins[0])

    def _token(self, character: int) -> int:
        # the last that begins there: tokens without text take no room
        return bisect_right(self._begins, character) - 1
