"""What is found in the library, as values that cross its pipe: passages, boxes, collections."""

import msgspec

from rag.search_values import Evidence


class Box(msgspec.Struct, frozen=True, array_like=True):
    """A rectangle on a page, fractions of its width and height."""

    left: float
    top: float
    right: float
    bottom: float


class Hit(msgspec.Struct, frozen=True):
    """A passage found. Slicing the stored page text by [start:end] gives `text`. Higher score is nearer.

    The span may be wider than the passage: neighbours that were found too are joined to it, and a sentence
    that was cut is whole.
    """

    passage: int
    document: int
    file: str
    title: str
    page: int
    start: int
    end: int
    text: str
    heading: str
    score: float
    evidence: Evidence = Evidence()


class CollectionInfo(msgspec.Struct, frozen=True):
    """`server`: the host of the Chroma server that holds it; "": it is in this library. `indexing`: documents
    of it that wait to be searchable; `documents` can be searched already."""

    name: str
    documents: int
    passages: int
    server: str = ""
    indexing: int = 0
