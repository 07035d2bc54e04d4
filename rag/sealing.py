"""How a file says that it is encrypted, and with which key. Opens no database.

The first 16 bytes of an encrypted database are SQLCipher's salt. Ours is no random number, as the key is one:
it is a sign by which such a file is told from a plain and from a damaged one, and the mark of the key.
"""

import hashlib
import hmac
from enum import Enum
from pathlib import Path
from typing import Final, Self

KEY_BYTES: Final = 32
SIGN: Final = b"SBRMSEAL"  # stands where SQLite has "SQLite f"
_PLAIN: Final = b"SQLite format 3\x00"
_HEAD_BYTES: Final = len(_PLAIN)


class Key:
    """32 random bytes that open every database of one installation. Shows nothing of itself in a log."""

    __slots__ = ("_secret", "mark")

    def __init__(self, secret: bytes) -> None:
        """Raises ValueError for another length than KEY_BYTES."""
        if len(secret) != KEY_BYTES:
            raise ValueError("a key has 32 bytes")
        self._secret = secret
        self.mark: Final = hmac.digest(secret, b"sobremesa: mark of the key", "sha256")[:8]

    @classmethod
    def of(cls, secret: bytes) -> Self | None:
        """For what came over a pipe: b"" is no key."""
        return cls(secret) if secret else None

    @property
    def secret(self) -> bytes:
        return self._secret

    @property
    def salt(self) -> bytes:
        return SIGN + self.mark

    @property
    def spelled(self) -> str:
        """As SQLCipher takes a key without deriving it: https://www.zetetic.net/sqlcipher/sqlcipher-api/#key"""
        return f"x'{self._secret.hex()}{self.salt.hex()}'"

    def page_secrets(self) -> tuple[bytes, bytes]:
        """What pages are encrypted with, and what their sums are made with (SQLCipher 4's derivation)."""
        summing_salt = bytes(byte ^ 0x3A for byte in self.salt)
        return self._secret, hashlib.pbkdf2_hmac("sha512", self._secret, summing_salt, 2, KEY_BYTES)

    def __repr__(self) -> str:
        return "Key(...)"


class Form(Enum):
    """What the first bytes of a database say. `unknown`: its beginning is damaged."""

    EMPTY = "empty"
    PLAIN = "plain"
    SEALED = "sealed"
    UNKNOWN = "unknown"


def form_of(path: Path) -> Form:
    """A missing file is an empty one, as opening makes it. Raises OSError."""
    head = _head(path)
    if not head:
        return Form.EMPTY
    if head == _PLAIN:
        return Form.PLAIN
    return Form.SEALED if head.startswith(SIGN) else Form.UNKNOWN


def fits(key: Key | None, path: Path) -> bool:
    """False: the file is encrypted, and not with this key. Raises OSError."""
    head = _head(path)
    return not head.startswith(SIGN) or (key is not None and head == key.salt)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except FileNotFoundError:
        return b""
