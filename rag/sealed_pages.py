"""Pages of an encrypted database without SQLite: for what can still be read of a damaged file.

SQLCipher 4: 4096 bytes a page, at its end 16 bytes of IV and 64 of HMAC-SHA512; AES-256-CBC; the first page
begins with the salt. https://www.zetetic.net/sqlcipher/design/
"""

import hmac
from pathlib import Path
from typing import Final

from rag.database import make_private
from rag.sealing import Key

PAGE_BYTES: Final = 4096
IV_BYTES, SUM_BYTES, SALT_BYTES = 16, 64, 16
RESERVED_BYTES: Final = IV_BYTES + SUM_BYTES
_FIRST: Final = b"SQLite format 3\x00"


class Pages:
    """Pages are numbered from 1, as SQLite does."""

    def __init__(self, key: Key) -> None:
        self._key, self._summing = key.page_secrets()

    def opened(self, number: int, raw: bytes) -> bytes:
        """What SQLite would see of a page, whatever its sum says; the reserved bytes are zeros."""
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        if len(raw) < PAGE_BYTES:
            return b""
        skipped = SALT_BYTES if number == 1 else 0
        end = PAGE_BYTES - RESERVED_BYTES
        cipher = Cipher(algorithms.AES(self._key), modes.CBC(raw[end : end + IV_BYTES])).decryptor()
        plain = cipher.update(raw[skipped:end]) + cipher.finalize()
        return (_FIRST if skipped else b"") + plain + bytes(RESERVED_BYTES)

    def summed(self, number: int, raw: bytes) -> bytes:
        """The page with the sum that its bytes have now."""
        skipped = SALT_BYTES if number == 1 else 0
        end = PAGE_BYTES - SUM_BYTES
        told = raw[skipped:end] + number.to_bytes(4, "little")
        return raw[:end] + hmac.digest(self._summing, told, "sha512")


def mend_sums(source: Path, target: Path, key: Key) -> None:
    """Copy a damaged encrypted database with its journal, every page with a sum that fits: SQLite then reads
    past a wrong byte, which costs the 32 bytes around it and not the page. Raises OSError.
    """
    pages = Pages(key)
    make_private(target)
    with source.open("rb") as old, target.open("r+b") as new:
        number = 1
        while len(raw := old.read(PAGE_BYTES)) == PAGE_BYTES:
            new.write(pages.summed(number, raw) if any(raw) else raw)  # a page of zeros is an empty one
            number += 1
        new.write(raw)
        new.seek(0)
        new.write(key.salt)
    journal = source.with_name(source.name + "-wal")
    if journal.exists():
        copy = target.with_name(target.name + "-wal")
        make_private(copy)
        copy.write_bytes(journal.read_bytes())
