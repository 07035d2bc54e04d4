"""Text that can be normalized in time: no letter carries marks without end. Holds nothing.

Putting marks in their order costs the square of their number: 10 s and more for a letter with 60,000 of them,
and Python's lock is held meanwhile. See Unicode Standard Annex 15, section 13, for the limit.
"""

import re
import unicodedata
from typing import Final, Literal

_MOST: Final = 30  # marks behind each other
_MARK: Final = (
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0730-\u074a"
    "\u08ca-\u08ff\u0e38-\u0e4b\u0f71-\u0f87\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\u302a-\u302f\u3099\u309a"
    "\ufe20-\ufe2f\U000101fd\U0001d165-\U0001d1ad\U0001e000-\U0001e02f\U0001e8d0-\U0001e94a]"
)
_TOO_MANY: Final = re.compile(f"({_MARK}{{{_MOST}}}){_MARK}+")


def normalized(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """`unicodedata.normalize` of the text without the marks that no letter needs."""
    return unicodedata.normalize(form, text if text.isascii() else _TOO_MANY.sub(r"\1", text))
