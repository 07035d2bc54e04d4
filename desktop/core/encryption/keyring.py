"""Where the key is while the program runs: in this object, which every part of the core shares."""

from rag.sealing import Key


class Keyring:
    """`key` None: nothing is encrypted, or nobody has given the passphrase yet."""

    __slots__ = ("key",)

    def __init__(self, key: Key | None = None) -> None:
        self.key = key

    def __repr__(self) -> str:
        return "Keyring(...)"
