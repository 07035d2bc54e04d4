"""What is asked and told about the library's own soundness: checks, rebuilt indexes. Values only."""

from typing import Literal

import msgspec

UpkeepStage = Literal["database", "texts", "words", "vectors", "index", "building"]
FaultKind = Literal[
    "database_damaged",  # the file contradicts itself; `detail` has SQLite's words
    "pages_missing",  # documents with fewer pages than were stored
    "spans_wrong",  # passages that are no part of their page
    "words_wrong",  # passages that the search by words does not hold, or holds though they are gone
    "vectors_missing",  # texts that the model in use has not embedded
    "vectors_wrong",  # vectors that are no numbers, or of another length
    "index_closed",  # the vector index cannot be opened
    "index_missing",  # vectors that it does not hold
    "index_extra",  # vectors that it holds though their passages are gone
    "index_wrong",  # vectors in it that are not the library's
    "index_blind",  # vectors that it holds and does not find
]


class CheckLibrary(msgspec.Struct, frozen=True, tag=True):
    """Look whether all that is stored agrees. Changes nothing. Events: UpkeepProgress*, Checked | Failed.

    `thorough`: every page of the database's file, every span and every vector, which takes minutes.
    """

    thorough: bool = False


class RebuildIndex(msgspec.Struct, frozen=True, tag=True):
    """Make all that is derived anew from what is stored: the words, and the vector index beside the old one,
    which answers meanwhile. Events: UpkeepProgress*, Rebuilt | Failed; cancelled, the old one stays."""


class UpkeepProgress(msgspec.Struct, frozen=True, tag=True):
    """`done` of `total` steps of a stage; what a step is differs from stage to stage."""

    stage: UpkeepStage
    done: int
    total: int


class Fault(msgspec.Struct, frozen=True):
    """`count` things are wrong in the same way. `rebuildable`: `RebuildIndex` mends it."""

    kind: FaultKind
    count: int
    detail: str = ""

    @property
    def rebuildable(self) -> bool:
        return self.kind.startswith(("index_", "words_", "vectors_"))


class Checked(msgspec.Struct, frozen=True, tag=True):
    """What is there, and what is wrong with it. `indexed`: vectors in the index; -1: it cannot be asked."""

    documents: int
    pages: int
    passages: int
    vectors: int
    indexed: int
    model: str  # fingerprint of the embedding model in use; "" before the first
    thorough: bool
    faults: tuple[Fault, ...] = ()


class Rebuilt(msgspec.Struct, frozen=True, tag=True):
    """How many passages the new indexes hold."""

    passages: int
