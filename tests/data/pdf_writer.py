"""Write small PDFs for tests: pages of text in Helvetica, outline, rotation, crop box. No layout engine.

The fonts are two of the fourteen that every reader has, so the files stay at a few kilobytes and are
the same on every machine. Source of the widths: Adobe's Core 14 AFM files.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

A4 = (595, 842)

# thousandths of the font size, for the characters from space to tilde
_WIDTHS = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556"
    " 278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722"
    " 667 611 722 667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500"
    " 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 260 334 584"
)


@dataclass(frozen=True)
class Line:
    """One line of text: points from the left and from the top edge of the unrotated page."""

    x: float
    y: float
    text: str
    size: float = 11
    bold: bool = False
    grey: float = 0.0


@dataclass
class Page:
    lines: list[Line] = field(default_factory=list)
    size: tuple[int, int] = A4
    rotate: int = 0
    crop: tuple[int, int, int, int] | None = None  # left, bottom, right, top
    outline: tuple[str, ...] = ()
    drawing: str = ""  # more operators of the content stream


def width(text: str, size: float) -> float:
    """About how wide a line gets, in points; accented letters count as the letter below them."""
    table = [int(number) for number in _WIDTHS.split()]
    return sum(table[ord(c) - 32] if 32 <= ord(c) < 127 else 556 for c in text) * size / 1000


def wrapped(text: str, size: float, limit: float) -> list[str]:
    """Break a paragraph into lines of at most `limit` points."""
    lines: list[str] = []
    current = ""
    for word in text.split():
        candidate = f"{current} {word}".strip()
        if current and width(candidate, size) > limit:
            lines.append(current)
            current = word
        else:
            current = candidate
    return [*lines, current] if current else lines


def pdf(pages: Sequence[Page], title: str = "", author: str = "", language: str = "") -> bytes:
    """The bytes of a PDF 1.7 file with these pages."""
    writer = _Objects()
    catalogue, tree = writer.reserve(), writer.reserve()
    regular = writer.add(_font("Helvetica"))
    bold = writer.add(_font("Helvetica-Bold"))
    numbers = []
    for page in pages:
        stream = zlib.compress(_content(page).encode("cp1252"), 9)
        content = writer.add(
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(stream), stream)
        )
        crop = f" /CropBox [{' '.join(map(str, page.crop))}]" if page.crop else ""
        numbers.append(
            writer.add(
                f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 {page.size[0]} {page.size[1]}]{crop}"
                f" /Rotate {page.rotate} /Contents {content} 0 R"
                f" /Resources << /Font << /F1 {regular} 0 R /F2 {bold} 0 R >> >> >>".encode()
            )
        )
    kids = " ".join(f"{number} 0 R" for number in numbers)
    writer.fill(tree, f"<< /Type /Pages /Count {len(numbers)} /Kids [{kids}] >>".encode())
    outline = _outline(writer, [(t, n) for p, n in zip(pages, numbers, strict=True) for t in p.outline])
    lang = f" /Lang ({language})" if language else ""
    writer.fill(catalogue, f"<< /Type /Catalog /Pages {tree} 0 R{outline}{lang} >>".encode())
    info = writer.add(b"<< /Title %b /Author %b >>" % (_string(title), _string(author)))
    return writer.file(catalogue, info)


def write(path: Path, pages: Sequence[Page], title: str = "", author: str = "", language: str = "") -> Path:
    path.write_bytes(pdf(pages, title, author, language))
    return path


class _Objects:
    """The numbered objects of a file, and its cross-reference table."""

    def __init__(self) -> None:
        self._bodies: list[bytes] = []

    def reserve(self) -> int:
        self._bodies.append(b"")
        return len(self._bodies)

    def fill(self, number: int, body: bytes) -> None:
        self._bodies[number - 1] = body

    def add(self, body: bytes) -> int:
        self._bodies.append(body)
        return len(self._bodies)

    def file(self, root: int, info: int) -> bytes:
        out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        offsets = []
        for number, body in enumerate(self._bodies, 1):
            offsets.append(len(out))
            out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
        for offset in offsets:
            out += b"%010d 00000 n \n" % offset
        out += b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R >>\n" % (len(offsets) + 1, root, info)
        return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def _font(name: str) -> bytes:
    return f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode()


def _content(page: Page) -> str:
    parts = [page.drawing] if page.drawing else []
    for line in page.lines:
        escaped = line.text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        font = "F2" if line.bold else "F1"
        style = f"{line.grey:g} g /{font} {line.size:g} Tf"
        parts.append(f"BT {style} {line.x:g} {page.size[1] - line.y:g} Td ({escaped}) Tj ET")
    return "\n".join(parts)


def _outline(writer: _Objects, entries: list[tuple[str, int]]) -> str:
    if not entries:
        return ""
    root = writer.reserve()
    numbers = [writer.reserve() for _ in entries]
    for index, (title, page) in enumerate(entries):
        before = f" /Prev {numbers[index - 1]} 0 R" if index else ""
        after = f" /Next {numbers[index + 1]} 0 R" if index + 1 < len(numbers) else ""
        rest = f" /Parent {root} 0 R /Dest [{page} 0 R /Fit]{before}{after} >>"
        writer.fill(numbers[index], b"<< /Title %b%b" % (_string(title), rest.encode()))
    writer.fill(root, f"<< /First {numbers[0]} 0 R /Last {numbers[-1]} 0 R /Count {len(numbers)} >>".encode())
    return f" /Outlines {root} 0 R"


def _string(text: str) -> bytes:
    return b"<" + (b"\xfe\xff" + text.encode("utf-16-be")).hex().encode() + b">"
