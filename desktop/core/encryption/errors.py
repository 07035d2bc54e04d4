"""What encryption can refuse or fail at."""

from desktop.core.errors import CoreError


class PassphraseNeeded(CoreError):
    """Chats and documents in {folder} are encrypted, and nobody has given the passphrase yet."""

    code = "passphrase_needed"


class PassphraseWrong(CoreError):
    """The passphrase does not open the key."""

    code = "passphrase_wrong"


class PassphraseShort(CoreError):
    """A new passphrase has at least {least} characters."""

    code = "passphrase_short"


class PassphraseUnreadable(CoreError):
    """The file {path} that was named for the passphrase cannot be read, or holds none."""

    code = "passphrase_unreadable"


class KeyFileDamaged(CoreError):
    """Neither {file} nor its copy can be read as it was written."""

    code = "key_file_damaged"


class KeyFileNewer(CoreError):
    """{file} was written by a later version."""

    code = "key_file_newer"


class EncryptionMissing(CoreError):
    """This program's SQLite cannot encrypt."""

    code = "encryption_missing"


class EncryptionDiffers(CoreError):
    """Already encrypted, or not encrypted at all."""

    code = "encryption_differs"
