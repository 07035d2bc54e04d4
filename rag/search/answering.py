"""Whether a hit holds the answer that a person pointed at. Searches nothing.

The place is kept as words, not as numbers: a document that is read anew may be cut in other places.
"""

import re

from rag.question_frames import OwnQuestion
from rag.search.candidates import Weighed

HALF = 0.5  # of the quote, or of the hit where that is shorter
_WORD = re.compile(r"\w+")


def holds(hit: Weighed, page: str, asked: OwnQuestion) -> bool:
    """`page`: the text on which the hit stands."""
    if (hit.row.document, hit.row.page) != (asked.document, asked.page):
        return False
    if not asked.quote:
        return True
    begin = page.find(asked.quote)
    if begin < 0:  # the page was read anew, and not quite as before
        return _shared(page[hit.start : hit.end], asked.quote) >= HALF
    end = begin + len(asked.quote)
    common = min(end, hit.end) - max(begin, hit.start)
    return common >= HALF * min(len(asked.quote), hit.end - hit.start)


def _shared(text: str, quote: str) -> float:
    """The share of the quote's words that a text holds."""
    words, wanted = set(_WORD.findall(text.lower())), set(_WORD.findall(quote.lower()))
    return len(words & wanted) / max(1, len(wanted))
