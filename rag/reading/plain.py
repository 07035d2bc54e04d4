"""Text and Markdown files as pages: encodings, form feeds. No layout, so no boxes."""

import codecs
from pathlib import Path

from rag.errors import DocumentDamaged, DocumentEmpty, DocumentTooLarge, DocumentTooLong, NotText
from rag.reading.cleaning import clean_plain, clean_source

LARGEST_BYTES = 64 * 1024 * 1024
# a text that is given to a question whole: some million tokens, more than any context window holds
LONGEST_CHARACTERS = 4_000_000
# A text without form feeds is cut into sheets, which count as its pages: a page is read, shown and
# searched as a whole
SHEET_CHARACTERS = 20_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_plain(path: Path, *, exact: bool = False) -> list[str]:
    """The cleaned text of each page; pages end at form feeds. See `sheets` for long ones.

    `exact`: characters stay as they are, as source files need it. Raises DocumentEmpty when there is
    nothing but white space, DocumentDamaged when it is no text, DocumentTooLarge.
    """
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise DocumentTooLarge(f"{size} bytes of text", file=str(path), limit_mb=LARGEST_BYTES >> 20)
    text = decode(path.read_bytes())
    if text is None:
        raise DocumentDamaged("not a text file", file=str(path))
    pages = [(clean_source if exact else clean_plain)(page) for page in text.split("\f")]
    while pages and not pages[-1]:
        pages.pop()
    if not pages:
        raise DocumentEmpty(file=str(path))
    return pages


def read_exact(path: Path) -> str:
    """The text of a file as it stands, with plain line ends and without NUL.

    Raises DocumentEmpty when there is nothing but white space, DocumentTooLong, NotText.
    """
    too_long = DocumentTooLong(file=str(path), limit=LONGEST_CHARACTERS)
    if path.stat().st_size > 4 * LONGEST_CHARACTERS:  # bytes of a character at most
        raise too_long
    text = decode(path.read_bytes())
    if text is None:
        raise NotText(file=str(path))
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if not text.strip():
        raise DocumentEmpty(file=str(path))
    if len(text) > LONGEST_CHARACTERS:
        raise too_long
    return text


def sheets(text: str, most: int = SHEET_CHARACTERS) -> list[tuple[int, int]]:
    """Spans of at most `most` characters that end at a paragraph, a line or a word where they can."""
    spans: list[tuple[int, int]] = []
    start = 0
    while len(text) - start > most:
        end = start + most
        for border in ("\n\n", "\n", " "):
            found = text.rfind(border, start + most // 2, end)
            if found > 0:
                end = found + len(border)
                break
        spans.append((start, end))
        start = end
    return [*spans, (start, len(text))]


def decode(data: bytes) -> str | None:
    """The text of these bytes; None for binary data.

    A byte order mark decides; then UTF-8, UTF-16 without a mark by its zero bytes, and last Windows-1252,
    in which old Spanish and English files are written and in which no byte is an error here.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                return None
    if data[:4096].count(0) * 200 > len(data[:4096]):  # a stray zero makes no file binary
        return _decode_wide(data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    # a file cut in the middle of a character is still UTF-8
    text = data.decode("utf-8", "replace")
    if text.count("\ufffd") * 1000 < len(text):
        return text
    controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in data[:4096])
    if controls * 50 > len(data[:4096]):
        return None
    return data.decode("cp1252", "replace").replace("\ufffd", "")


def _decode_wide(data: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of mostly Latin text is zero."""
    sample = data[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    if max(even, odd) * 4 < len(sample) or min(even, odd) * 50 > len(sample):
        return None
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
