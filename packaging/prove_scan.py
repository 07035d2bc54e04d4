"""A PDF whose pages are pictures, as a scanner leaves them; made with the standard library and Poppler."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from collections.abc import Sequence
from pathlib import Path


def without_text(source: Path, target: Path, dpi: int = 150) -> None:
    """The pages of a PDF as pictures of themselves, as a scanner leaves them. Needs Poppler."""
    pages = target.with_suffix("")
    pages.mkdir()
    subprocess.run(["pdftoppm", "-r", str(dpi), "-gray", str(source), str(pages / "page")], check=True)
    found = sorted(pages.glob("*.pgm"), key=lambda path: int(re.sub(r"\D", "", path.stem) or 0))
    write_pictures(found, target, dpi)
    shutil.rmtree(pages)


def write_pictures(pages: Sequence[Path], target: Path, dpi: int) -> None:
    """A PDF with one gray picture (binary PGM) on each page and no letter of text."""
    parts: list[bytes] = [b"", b""]  # catalogue and page tree come last, as they name the others
    kids: list[int] = []
    for page in pages:
        width, height, pixels = _read_pgm(page.read_bytes())
        points = (width * 72 / dpi, height * 72 / dpi)
        drawn = b"q %.2f 0 0 %.2f 0 0 cm /I Do Q" % points
        packed = zlib.compress(pixels)
        picture = len(parts) + 1
        parts.append(
            b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray"
            b" /BitsPerComponent 8 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
            % (width, height, len(packed), packed)
        )
        parts.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
        kids.append(len(parts) + 1)
        parts.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Contents %d 0 R"
            b" /Resources << /XObject << /I %d 0 R >> >> >>" % (*points, picture + 1, picture)
        )
    parts[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    named = b" ".join(b"%d 0 R" % kid for kid in kids)
    parts[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), named)
    out = b"%PDF-1.4\n"
    places = []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end_of = (len(parts) + 1, table, len(parts) + 1, len(out))
    out += (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % end_of
    )
    target.write_bytes(out)


def _read_pgm(data: bytes) -> tuple[int, int, bytes]:
    head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+(\d+)\s", data)
    if head is None:
        raise ValueError("the page's picture is of another kind")
    return int(head[1]), int(head[2]), data[head.end() :]
