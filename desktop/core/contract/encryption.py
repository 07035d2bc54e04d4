"""What the core promises about encryption at rest."""

from typing import Protocol

from desktop.core.operations import Operation
from desktop.core.types.encryption import EncryptionNow


class EncryptionCore(Protocol):
    """A part of `desktop.core.contract.Core`. A passphrase is never logged, stored or sent to another
    process.
    """

    def encryption(self) -> Operation[EncryptionNow]:
        """Whether chats and library are encrypted."""
        ...

    def encrypt(self, passphrase: str) -> Operation[EncryptionNow]:
        """Encrypt chats, library and what is kept of them for safety. Emits Converting; cannot be stopped.

        Fails with passphrase_short, encryption_missing, encryption_differs (it is on already), disk_full or a
        database error; what is left to do after the last two is done at the next start.
        """
        ...

    def change_passphrase(self, passphrase: str, new: str) -> Operation[EncryptionNow]:
        """Wrap the key anew: no database is written. Fails with passphrase_wrong, passphrase_short."""
        ...

    def decrypt(self, passphrase: str) -> Operation[EncryptionNow]:
        """Make everything plain again. Emits Converting; cannot be stopped. Fails with passphrase_wrong."""
        ...
