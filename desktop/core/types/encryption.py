"""What is told of encryption at rest."""

from typing import Literal

import msgspec

EncryptionState = Literal["off", "on", "unfinished", "missing"]


class EncryptionNow(msgspec.Struct, frozen=True):
    """`missing`: this program's SQLite cannot encrypt. `unfinished`: some files are still to be converted."""

    state: EncryptionState
    least_characters: int = 8


class Converting(msgspec.Struct, frozen=True):
    """How far encrypting, or making plain, has come: 0..1."""

    done: float
