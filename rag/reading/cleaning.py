"""From an engine's lines to the text that is stored, with the run of every word. Reads no files.

Compatibility characters become plain ones (NFKC), words cut at a line's end are put together again, the
lines of a paragraph are joined, and control characters vanish. Each word keeps the box it came from.
"""

import re
import unicodedata
from collections.abc import Sequence

from rag.protocol import Box
from rag.reading.layout import Line
from rag.reading.runs import Run

# Control characters, soft hyphens, byte order marks and directional marks: nothing that can be read.
# Joiners (U+200C, U+200D) stay: Persian and Indic spelling needs them.
_UNREADABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]"
)
_UNREADABLE_PLAIN = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]"
)
_LEADER = re.compile(r"[.·…_]{4,}")
_SAME_SIZE = 0.1  # lines whose letters differ by more than this share are no one paragraph
_FULL_LINE = 0.85  # a line that reaches this far is followed by its own continuation
_INDENT = 0.1  # a line that begins further in, by this share of the one before, is no continuation
_PARAGRAPH_GAP = 1.1  # white space above a new paragraph, in line heights


def compose(lines: Sequence[Line]) -> tuple[str, list[Run]]:
    """The text of a page and the runs of its words; lines of one paragraph are joined by a space."""
    parts: list[str] = []
    runs: list[Run] = []
    length = 0
    previous: Line | None = None
    for index, line in enumerate(lines):
        separator = ""
        if previous is not None:
            separator = " " if _goes_on(lines, index) else "\n"
        for word in line.words:
            text = clean_word(word.text)
            if not text:
                continue
            if word.before == "hyphen":
                separator = "" if text[0].islower() else "-"
            elif word.before == "nothing" and separator != "\n":
                separator = ""
            if length:
                parts.append(separator)
                length += len(separator)
            if word.box is not None:
                runs.append(Run(length, length + len(text), word.box))
            parts.append(text)
            length += len(text)
            separator = " "
            previous = line
    return "".join(parts), runs


def clean_word(word: str) -> str:
    """One word in its stored spelling; empty when nothing of it can be read or it is a dot leader."""
    if word.isascii():
        if word.isalnum():
            return word
        text = word if word.isprintable() else _UNREADABLE.sub("", word)
    else:
        text = " ".join(_UNREADABLE.sub("", unicodedata.normalize("NFKC", word)).split())
        text = text.encode("utf-8", "ignore").decode("utf-8")  # lone surrogates cannot be stored
    return _LEADER.sub("", text) if len(text) >= 4 else text


def clean_plain(text: str) -> str:
    """The stored spelling of a text that has lines and indentation of its own."""
    text = unicodedata.normalize("NFKC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n"))
    text = _UNREADABLE_PLAIN.sub("", text).encode("utf-8", "ignore").decode("utf-8")
    text = re.sub(r"[ \t\u2028\u2029]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n ")


def clean_source(text: str) -> str:
    """As `clean_plain`, for text in which every character and every indentation means something."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _UNREADABLE_PLAIN.sub("", text).encode("utf-8", "ignore").decode("utf-8")
    return text.strip("\n").rstrip()


def _goes_on(lines: Sequence[Line], index: int) -> bool:
    """Whether line `index` continues the line before it: cells of one row, or lines of one paragraph."""
    before, line = lines[index - 1], lines[index]
    if line.words and line.words[0].before == "hyphen":
        return True
    a, b = before.box, line.box
    if a is None or b is None:
        return False
    if _beside(a, b):
        return b.left >= a.right
    height = max(a.bottom - a.top, 1e-6)
    if abs(before.size - line.size) > _SAME_SIZE * max(before.size, line.size):
        return False
    if b.top < a.top or b.top - a.bottom > _PARAGRAPH_GAP * height:
        return False
    if b.left > a.left + _INDENT * (a.right - a.left):
        return False
    if _is_row(lines, index - 1) or _is_row(lines, index):
        return False
    return _is_full(lines, index - 1)


def _is_row(lines: Sequence[Line], index: int) -> bool:
    """Whether a line is of a table: wide gaps within it, or another cell beside it."""
    box = lines[index].box
    neighbours = (lines[other].box for other in (index - 1, index + 1) if 0 <= other < len(lines))
    return lines[index].is_row or any(
        box is not None and other is not None and _beside(box, other) for other in neighbours
    )


def _beside(a: Box, b: Box) -> bool:
    """Whether two lines stand on the same height."""
    shared = min(a.bottom, b.bottom) - max(a.top, b.top)
    return shared > 0.5 * min(a.bottom - a.top, b.bottom - b.top)


def _is_full(lines: Sequence[Line], index: int) -> bool:
    """Whether a line reaches as far to the right as those around it in its column."""
    a = lines[index].box
    if a is None:
        return False
    left, right = a.left, a.right
    for other in lines[max(0, index - 3) : index + 5]:
        box = other.box
        if box is not None and box.right >= a.left and box.left <= a.right:
            left, right = min(left, box.left), max(right, box.right)
    return a.right - left >= _FULL_LINE * (right - left)
