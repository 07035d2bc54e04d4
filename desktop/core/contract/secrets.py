"""What a core offers about what is secret: passwords of documents, the Chroma server's token."""

from typing import Protocol

from desktop.core.operations import Operation


class SecretsCore(Protocol):
    """See desktop.core.contract."""

    def kept_passwords(self) -> Operation[tuple[str, ...]]:
        """The files whose passwords are known: kept in the keyring, or given since the program started."""
        ...

    def forget_passwords(self, files: tuple[str, ...] = ()) -> Operation[int]:
        """Also in the keyring; no files: all of them. Gives how many. What was read of them stays."""
        ...

    def has_server_token(self) -> Operation[bool]: ...

    def set_server_token(self, token: str) -> Operation[bool]:
        """ "" forgets it. Whether the keyring keeps it; else it is known until the program ends."""
        ...
