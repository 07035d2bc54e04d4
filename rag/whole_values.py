"""Whole documents, as they were read, across the library's pipe."""

import msgspec


class ReadWhole(msgspec.Struct, frozen=True, tag=True):
    """The text of all pages, of the documents of these collections and of these documents; empty: of all.

    With more than `limit_characters` together, none is told. Events: WholeRead | Failed.
    """

    collections: tuple[str, ...] = ()
    documents: tuple[int, ...] = ()
    limit_characters: int = 0


class PageText(msgspec.Struct, frozen=True):
    """A page that has text, as it is stored: spans of passages count in it."""

    document: int
    file: str
    title: str
    page: int
    text: str


class WholeRead(msgspec.Struct, frozen=True, tag=True):
    """`pages` by file and number; () where `characters` were more than asked for."""

    pages: tuple[PageText, ...]
    documents: int
    characters: int
