"""The links of laid out pieces: where they stand, where they lead, and opening them outside."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QTextDocument

from desktop.ui.conversation.blocks import GAP
from desktop.ui.conversation.entry import Entry
from desktop.ui.conversation.inline import CITE, NOTE
from desktop.ui.conversation.piece import Piece
from desktop.ui.conversation.wording import COPY, SCROLL

# Whatever else an answer links to is shown, and not opened: a model's text must not start programs.
OPENED: Final = frozenset({"http", "https", "mailto"})

# No link without one of these.
_SIGNS: Final = re.compile(r"\]\(|://|www\.|<[a-zA-Z][\w+.-]*[:@]|\[\^|\[\s*\d|【")
_LOOKED_AT: Final = 200  # pieces, on the way to the next link


@dataclass(frozen=True)
class Link:
    """A link of one piece of a message: the characters from `begin` to `end`.

    Both are -1 for what is no text: the button of a code block, and a block that scrolls to the side.
    """

    piece: int
    begin: int
    end: int
    href: str

    @property
    def cites(self) -> int | None:
        """The number of the excerpt it names, if it names one."""
        number = self.href.removeprefix(CITE)
        return int(number) if number != self.href and number.isdigit() else None

    @property
    def note(self) -> str | None:
        """The label of the footnote it leads to, if it leads to one."""
        return self.href.removeprefix(NOTE) if self.href.startswith(NOTE) else None


def links_of(entry: Entry) -> list[Link]:
    """Every link of a message in reading order. Lays out only pieces that can hold one."""
    return [link for index in range(len(entry.pieces.all)) for link in links_at(entry, index)]


def links_at(entry: Entry, index: int) -> list[Link]:
    """The links of one piece."""
    piece = entry.pieces.all[index]
    found: list[Link] = []
    if piece.block.kind == "code":
        if piece.continues:
            return []
        found.append(Link(index, -1, -1, COPY))
    elif piece.frame.wide:
        found.append(Link(index, -1, -1, SCROLL))
    if _may_hold_links(piece):
        found += _links_in(index, entry.pieces.lay_out(piece))
    return found


def next_link(entry: Entry, after: Link | None, *, forward: bool) -> Link | None:
    """The link behind another one, or before it; from the message's beginning or end where that is None.

    Of a message without end only some pieces are looked at.
    """
    count, step = len(entry.pieces.all), 1 if forward else -1
    index = after.piece if after is not None else 0 if forward else count - 1
    for at in range(index, count if forward else -1, step)[:_LOOKED_AT]:
        found = links_at(entry, at)[::step]
        if after is not None and at == after.piece and after in found:
            found = found[found.index(after) + 1 :]
        if found:
            return found[0]
    return None


def _may_hold_links(piece: Piece) -> bool:
    kind, source = piece.block.kind, piece.block.source
    if kind in ("plain", "code", "rule", "thought", GAP):
        return False
    return kind in ("sources", "thoughts", "files") or _SIGNS.search(source) is not None


def _links_in(index: int, document: QTextDocument) -> Iterator[Link]:
    block = document.begin()
    while block.isValid():
        link: Link | None = None
        places = block.begin()
        while not places.atEnd():
            fragment = places.fragment()
            places += 1
            href = fragment.charFormat().anchorHref() if fragment.charFormat().isAnchor() else ""
            begin, end = fragment.position(), fragment.position() + fragment.length()
            if link is not None and link.href == href and link.end == begin:
                link = Link(index, link.begin, end, href)
                continue
            if link is not None:
                yield link
            link = Link(index, begin, end, href) if href else None
        if link is not None:
            yield link
        block = block.next()


def open_outside(href: str) -> bool:
    """Hand a link over to the system, if it is of a kind that only shows something."""
    url = QUrl(href)
    return url.scheme().lower() in OPENED and QDesktopServices.openUrl(url)
