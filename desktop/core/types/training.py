"""Values about what a model is taught by. Frozen; no behaviour."""

import msgspec


class ExamplesWritten(msgspec.Struct, frozen=True):
    """Conversations of chats, as a file of rows. `replies`: how many will be learnt."""

    path: str
    examples: int
    replies: int
    chats: int


class TextsWritten(msgspec.Struct, frozen=True):
    """Documents of the library as text files in a folder. `empty`: documents that have no text."""

    folder: str
    documents: int
    characters: int
    empty: tuple[str, ...] = ()


class GatheringMaterial(msgspec.Struct, frozen=True, tag=True):
    """Chats or documents that were looked through."""

    done: int
    total: int
