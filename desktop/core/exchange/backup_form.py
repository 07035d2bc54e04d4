"""What a backup looks like: a zip with a manifest and the files that it names. Reads and writes nothing."""

from typing import Final

import msgspec

FORMAT: Final = "sobremesa-backup"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
CHATS: Final = "chats.sqlite3"


class BackedUpFile(msgspec.Struct, frozen=True):
    name: str
    size_bytes: int
    sha256: str  # hexadecimal


class Manifest(msgspec.Struct, frozen=True):
    """Stands first in the zip. `schema`: of chats.sqlite3."""

    format: str
    version: int
    program: str
    schema: int
    created_at: float  # seconds since the epoch
    chats: int
    messages: int
    prompts: int
    files: tuple[BackedUpFile, ...]
