"""The part of the fake core that encrypts: remembers the passphrase, writes nothing."""

from collections.abc import Callable
from typing import Any

from desktop.core.encryption.errors import EncryptionDiffers, PassphraseShort, PassphraseWrong
from desktop.core.operations import Operation
from desktop.core.types.encryption import EncryptionNow, EncryptionState


class FakeEncryption:
    """What FakeCore inherits. A test sets `encryption_state`, or holds calls by `held_encryption`."""

    encryption_state: EncryptionState = "off"
    passphrase: str = ""
    held_encryption: bool = False  # the next conversion stays under way: see `conversions`
    _now: Callable[..., Operation[Any]]

    @property
    def conversions(self) -> list[Operation[EncryptionNow]]:
        return self.__dict__.setdefault("_conversions", [])

    def encryption(self) -> Operation[EncryptionNow]:
        return self._now("encryption", self._told)

    def encrypt(self, passphrase: str) -> Operation[EncryptionNow]:
        def work() -> EncryptionNow:
            if self.encryption_state != "off":
                raise EncryptionDiffers
            self._take(passphrase, "on")
            return self._told()

        return self._held() or self._now("encrypt", work, passphrase)

    def change_passphrase(self, passphrase: str, new: str) -> Operation[EncryptionNow]:
        def work() -> EncryptionNow:
            self._check(passphrase)
            self._take(new, "on")
            return self._told()

        return self._now("change_passphrase", work, passphrase, new)

    def decrypt(self, passphrase: str) -> Operation[EncryptionNow]:
        def work() -> EncryptionNow:
            self._check(passphrase)
            self.encryption_state, self.passphrase = "off", ""
            return self._told()

        return self._held() or self._now("decrypt", work, passphrase)

    def _held(self) -> Operation[EncryptionNow] | None:
        if not self.held_encryption:
            return None
        operation: Operation[EncryptionNow] = Operation()
        self.conversions.append(operation)
        return operation

    def _check(self, passphrase: str) -> None:
        if self.encryption_state == "off":
            raise EncryptionDiffers
        if passphrase != self.passphrase:
            raise PassphraseWrong

    def _take(self, passphrase: str, state: EncryptionState) -> None:
        if len(passphrase) < 8:
            raise PassphraseShort(least=8)
        self.passphrase, self.encryption_state = passphrase, state

    def _told(self) -> EncryptionNow:
        return EncryptionNow(self.encryption_state)
