"""Encryption at rest as the core offers it: the files are converted while chats and library stand still."""

import os
import threading
from typing import Any

from desktop.core.chats.store import ChatStore
from desktop.core.chats.thread import StoreThread
from desktop.core.encryption import files, key_file, opening
from desktop.core.encryption.errors import EncryptionDiffers, EncryptionMissing
from desktop.core.errors import Reported
from desktop.core.exchange.safety import SafetyCopies
from desktop.core.operations import Operation, start
from desktop.core.places import Places
from desktop.core.replies.kv_states import KvStates
from desktop.core.types.encryption import Converting, EncryptionNow, EncryptionState
from desktop.core.workers.library import LibraryClient
from rag.errors import RagError
from rag.sealing import KEY_BYTES, Key
from rag.sqlite import ENCRYPTS


class EncryptionServices:
    """What `Services` inherits. Its methods are described in `desktop.core.contract.encryption`."""

    places: Places
    _store: StoreThread
    _library: LibraryClient
    _states: KvStates
    _safety: SafetyCopies
    _converting: threading.Lock

    def encryption(self) -> Operation[EncryptionNow]:
        return start(lambda _: self._encryption_now(), "encryption")

    def encrypt(self, passphrase: str) -> Operation[EncryptionNow]:
        def work(operation: Operation[EncryptionNow]) -> EncryptionNow:
            with self._converting:
                return self._encrypt(passphrase, operation)

        return start(work, "encrypt")

    def change_passphrase(self, passphrase: str, new: str) -> Operation[EncryptionNow]:
        def work(_: Operation[EncryptionNow]) -> EncryptionNow:
            with self._converting:
                file = self._key_file()
                key = key_file.unwrapped(file, passphrase)
                key_file.write(self.places.data, key_file.wrapped(key, new, key_file.state_of(file, key)))
                return self._encryption_now()

        return start(work, "change passphrase")

    def decrypt(self, passphrase: str) -> Operation[EncryptionNow]:
        def work(operation: Operation[EncryptionNow]) -> EncryptionNow:
            with self._converting:
                file = self._key_file()
                key = key_file.unwrapped(file, passphrase)
                _check_room(self.places)
                file = key_file.in_state(file, key, "decrypting")
                key_file.write(self.places.data, file)
                self._converted(file, key, operation)
                return self._encryption_now()

        return start(work, "decrypt")

    def _encryption_now(self) -> EncryptionNow:
        return EncryptionNow(self._encryption_state(), key_file.LEAST_CHARACTERS)

    def _encryption_state(self) -> EncryptionState:
        file = key_file.read(self.places.data)
        if file is None:
            return "off" if ENCRYPTS else "missing"
        return "on" if file.state == "on" else "unfinished"

    def _key_file(self) -> key_file.KeyFile:
        file = key_file.read(self.places.data)
        if file is None:
            raise EncryptionDiffers
        return file

    def _encrypt(self, passphrase: str, operation: Operation[EncryptionNow]) -> EncryptionNow:
        if not ENCRYPTS:
            raise EncryptionMissing
        if key_file.read(self.places.data) is not None:
            raise EncryptionDiffers
        key = Key(os.urandom(KEY_BYTES))
        file = key_file.wrapped(key, passphrase, "encrypting")
        _check_room(self.places)
        # from here on whatever is encrypted can be opened again
        key_file.write(self.places.data, file)
        self._converted(file, key, operation)
        return self._encryption_now()

    def _converted(self, file: key_file.KeyFile, key: Key, operation: Operation[Any]) -> None:
        """Bring the files where the key file wants them, while nobody else has them open."""

        def convert() -> None:
            self.places.keyring.key = key
            opening.finish(self.places, file, lambda done: operation.emit(Converting(done)))

        try:
            with self._library.at_rest(), self._safety.at_rest():
                self._store.call(lambda store: store.converted(convert))
        finally:  # also where some files could not be converted, and the rest is encrypted
            self._library.wake()
            if self.places.keyring.key is not None:
                self._states.give_up(self._store.call(ChatStore.every_chat))


def _check_room(places: Places) -> None:
    try:
        files.check_room(places)
    except RagError as error:
        raise Reported.of(error) from error
