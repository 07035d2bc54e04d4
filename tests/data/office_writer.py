"""Write small Word files and EPUB books for tests. No styles beyond those that a test asks for."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
STYLES = (
    f"<w:styles {_W}>"
    '<w:style w:styleId="Ttulo1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:styleId="Ttulo2"><w:name w:val="Own name"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
    '<w:style w:styleId="MiTtulo"><w:name w:val="Mine"/><w:basedOn w:val="Ttulo2"/></w:style>'
    "</w:styles>"
)


def paragraph(text: str, style: str = "", before: str = "") -> str:
    """A paragraph of one run; `before` is XML of runs in front of it."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    run = f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    return f"<w:p>{properties}{before}{run}</w:p>"


def table(rows: Sequence[Sequence[str]]) -> str:
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def docx(path: Path, body: str, more: Mapping[str, str] | None = None, before: str = "") -> Path:
    """A Word file. `more`: further members by name; `before`: what stands before the root element."""
    document = f"{before}<w:document {_W} {_MC}><w:body>{body}</w:body></w:document>"
    members = {"word/styles.xml": STYLES, **(more or {}), "word/document.xml": document}
    return packed(path, members)


def packed(path: Path, members: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def epub(
    path: Path,
    parts: Mapping[str, str],
    titles: Mapping[str, str],
    order: Sequence[str] | None = None,
    more: Mapping[str, str | bytes] | None = None,
) -> Path:
    """A book: the bodies of its parts by file name, their titles in the contents, and the spine's order."""
    items = "".join(
        f'<item id="i{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(parts)
    )
    numbers = {name: n for n, name in enumerate(parts)}
    spine = "".join(f'<itemref idref="i{numbers[name]}"/>' for name in order or list(parts))
    entries = "".join(f'<li><a href="{name}">{escape(title)}</a></li>' for name, title in titles.items())
    members: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
        "OEBPS/book.opf": '<package xmlns="http://www.idpf.org/2007/opf"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>The Book</dc:title>'
        f"<dc:language>es-ES</dc:language></metadata><manifest>{items}"
        '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/></manifest>'
        f"<spine>{spine}</spine></package>",
        "OEBPS/nav.xhtml": '<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"'
        f' xmlns:epub="http://www.idpf.org/2007/ops"><body><nav epub:type="toc"><ol>{entries}</ol></nav>'
        '<nav epub:type="page-list"><ol><li><a href="a.xhtml">17</a></li></ol></nav></body></html>',
    }
    for name, body in parts.items():
        members[f"OEBPS/{name}"] = f"<html><head><title>x</title></head><body>{body}</body></html>"
    return packed(path, {**members, **(more or {})})
