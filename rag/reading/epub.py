"""EPUB books as running text, in the order of their spine: a page for each part, chapter titles as headings.

Source: EPUB 3.3 (W3C), open container and package document; EPUB 2's NCX.
"""

from pathlib import Path

from rag.errors import DocumentDamaged, DocumentProtected
from rag.reading.archives import Archive, Attributes
from rag.reading.flow import Flow
from rag.reading.html import HtmlFlow, decode_html

_CONTAINER = "META-INF/container.xml"
_RIGHTS = "META-INF/encryption.xml"
_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
MOST_PARTS = 5_000


def read_epub(path: Path, flow: Flow) -> tuple[str, str]:
    """Put the book's text into the flow; its title and language ("" for what it does not say).

    Raises DocumentDamaged, DocumentProtected or DocumentTooLarge.
    """
    with Archive(path) as archive:
        if _RIGHTS in archive.names:
            _refuse_protected(archive)
        package = _Package(archive, _package_name(archive))
        titles = _titles(archive, package)
        parts = [name for name in package.spine if name != package.navigation][:MOST_PARTS]
        if not any(parts):
            raise DocumentDamaged("no part of it is there", file=str(path))
        for part in parts:
            _read_part(archive, part, titles.get(part, ""), flow)
        return package.title, package.language


def _read_part(archive: Archive, name: str, title: str, flow: Flow) -> None:
    """A part that is missing, or no text, is an empty page."""
    text = decode_html(archive.read(name)) if name else None
    if text:
        if title:
            flow.section(0, title)
        parser = HtmlFlow(flow, chapter=title)
        parser.feed(text)
        parser.close()
    flow.end_page()


def _refuse_protected(archive: Archive) -> None:
    """Fonts may be hidden; text that is encrypted is for the shop's own reader."""
    used: list[str] = []

    def start(tag: str, attributes: Attributes) -> None:
        if tag == "EncryptionMethod":
            used.append(attributes.get("Algorithm", ""))

    archive.parse(_RIGHTS, start)
    if any(method not in _FONTS for method in used):
        raise DocumentProtected(file=str(archive.path))


def _package_name(archive: Archive) -> str:
    found: list[str] = []

    def start(tag: str, attributes: Attributes) -> None:
        if tag == "rootfile":
            found.append(attributes.get("full-path", ""))

    if _CONTAINER in archive.names:
        archive.parse(_CONTAINER, start)
    else:
        found = [name for name in sorted(archive.names) if name.endswith(".opf")]
    names = [name for name in found if name in archive.names]
    if not names:
        raise DocumentDamaged("no package document", file=str(archive.path))
    return names[0]


class _Package:
    """The package document: what the book is called, its parts in order, its tables of contents."""

    def __init__(self, archive: Archive, name: str) -> None:
        self._archive = archive
        self.name = name
        self.title = self.language = self.navigation = self.ncx = ""
        self._items: dict[str, str] = {}
        self._order: list[str] = []
        self._inside = ""
        archive.parse(name, self._start, self._end, self._text)
        self.spine = [self._items.get(item, "") for item in self._order]

    def _start(self, tag: str, attributes: Attributes) -> None:
        self._inside = tag if tag in ("title", "language") else ""
        if tag == "item":
            target = self._archive.resolve(self.name, attributes.get("href", ""))
            self._items[attributes.get("id", "")] = target
            if "nav" in attributes.get("properties", "").split():
                self.navigation = target
            if attributes.get("media-type") == "application/x-dtbncx+xml":
                self.ncx = target
        elif tag == "itemref":
            self._order.append(attributes.get("idref", ""))

    def _end(self, tag: str) -> None:
        if tag == self._inside == "title" and self.title:
            self.title = " ".join(self.title.split())[:300]
        self._inside = ""

    def _text(self, data: str) -> None:
        if self._inside == "title" and len(self.title) < 300:
            self.title += data
        elif self._inside == "language" and not self.language:
            self.language = data.strip().split("-")[0].lower()


def _titles(archive: Archive, package: _Package) -> dict[str, str]:
    """The first title that a table of contents gives each part."""
    for name, inside, entry in (
        (package.navigation, "nav", "a"),
        (package.ncx, "navMap", "navPoint"),
    ):
        if name:
            contents = _Contents(archive, name, inside, entry)
            try:
                archive.parse(name, contents.start, contents.end, contents.text)
            except DocumentDamaged:
                continue  # the parts have headings of their own
            if contents.titles:
                return contents.titles
    return {}


class _Contents:
    """Hears a table of contents of either kind."""

    def __init__(self, archive: Archive, name: str, inside: str, entry: str) -> None:
        self._archive = archive
        self._name = name
        self._around = inside
        self._entry = entry
        self._is_contents = False
        self._label: list[str] | None = None
        self._target = ""
        self.titles: dict[str, str] = {}

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == self._around:
            # a book has other lists too: of its pages, of its figures
            self._is_contents = attributes.get("type", "toc") == "toc"
        elif not self._is_contents:
            return
        elif tag == self._entry:
            self._label = []
            self._target = self._archive.resolve(self._name, attributes.get("href", ""))
            if tag == "a":
                return
        elif tag == "content":
            self._target = self._archive.resolve(self._name, attributes.get("src", ""))
            self._keep()

    def end(self, tag: str) -> None:
        if tag == self._around:
            self._is_contents = False
        elif tag == "a" and self._entry == "a":
            self._keep()

    def text(self, data: str) -> None:
        if self._label is not None:
            self._label.append(data)

    def _keep(self) -> None:
        title = " ".join("".join(self._label or ()).split())[:300]
        self._label = None
        if title and self._target:
            self.titles.setdefault(self._target, title)
