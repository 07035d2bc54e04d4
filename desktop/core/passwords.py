"""Passwords of documents: for the session in memory, and in the system's keyring where the person said so.

They stand in no file of ours, no database and no log. The keyring has one entry for all of them; a small file
without a word in it tells that there is one, so that a keyring is never unlocked for nothing.
"""

import logging
import threading
from pathlib import Path

import msgspec

from desktop.core.private_files import write_private
from rag.protocol import ANY_FILE

SERVICE = "Sobremesa"
ENTRY = "document passwords"
MARK = "keyring-used"

log = logging.getLogger(__name__)


class Unlock(msgspec.Struct, frozen=True):
    """A password to try. `keep`: put it into the system's keyring once it has opened a document."""

    password: str
    keep: bool = False

    def __repr__(self) -> str:
        return "Unlock(…)"


class Passwords:
    """For any thread. A keyring that fails, asks in vain or is not there leaves the session's passwords."""

    def __init__(self, folder: Path) -> None:
        """`folder`: where the mark stands."""
        self._mark = folder / MARK
        self._lock = threading.Lock()
        self._known: dict[str, str] = {}
        self._kept: dict[str, str] | None = None  # None: not asked for yet

    def can_keep(self) -> bool:
        """Whether this machine has a keyring."""
        try:
            import keyring  # here: commands start without it

            return float(keyring.get_keyring().priority) > 0
        except Exception as error:  # noqa: BLE001 - backends of the system, of any quality
            log.info("no keyring: %s", type(error).__name__)
            return False

    def of(self, file: str) -> str | None:
        """The password of a file, where one is known."""
        with self._lock:
            return self._known.get(file) or self._from_keyring().get(file)

    def to_try(self, unlock: Unlock | None) -> dict[str, str]:
        """By file; what is given now is for every file without one of its own."""
        with self._lock:
            known = {**self._from_keyring(), **self._known}
        # what a person types now is newer than what is remembered
        return known if unlock is None else {ANY_FILE: unlock.password}

    def opened(self, file: str, unlock: Unlock) -> bool:
        """It was the right one. Whether the keyring has it, where that was asked for."""
        with self._lock:
            self._known[file] = unlock.password
            return unlock.keep and self._keep(file, unlock.password)

    def files(self) -> tuple[str, ...]:
        """Those whose passwords are known."""
        with self._lock:
            return tuple(sorted({*self._from_keyring(), *self._known}))

    def forget(self, files: tuple[str, ...] = ()) -> int:
        """Of these files, or of all; in the keyring too. How many there were."""
        with self._lock:
            kept = self._from_keyring()
            gone = {file for file in (*kept, *self._known) if not files or file in files}
            for file in gone:
                self._known.pop(file, None)
            if gone & set(kept):
                self._put({file: password for file, password in kept.items() if file not in gone})
            return len(gone)

    def _put(self, kept: dict[str, str]) -> None:
        """What the keyring is to hold. What it does not let go of is not asked for again in this run."""
        self._kept = kept
        try:
            import keyring

            if kept:
                keyring.set_password(SERVICE, ENTRY, msgspec.json.encode(kept).decode())
            else:
                keyring.delete_password(SERVICE, ENTRY)
                self._mark.unlink(missing_ok=True)
        except Exception as error:  # noqa: BLE001 - backends of the system, of any quality
            log.info("the keyring forgets no password: %s", type(error).__name__)

    def _keep(self, file: str, password: str) -> bool:
        kept = {**self._from_keyring(), file: password}
        try:
            import keyring

            keyring.set_password(SERVICE, ENTRY, msgspec.json.encode(kept).decode())
            write_private(self._mark, b"")
        except Exception as error:  # noqa: BLE001 - backends of the system, of any quality
            log.info("the keyring keeps no password: %s", type(error).__name__)
            return False
        self._kept = kept
        return True

    def _from_keyring(self) -> dict[str, str]:
        if self._kept is None:
            self._kept = {}
            if self._mark.exists():
                try:
                    import keyring

                    found = keyring.get_password(SERVICE, ENTRY) or "{}"
                    self._kept = msgspec.json.decode(found, type=dict[str, str])
                except Exception as error:  # noqa: BLE001 - backends of the system, of any quality
                    log.info("the keyring gave no password: %s", type(error).__name__)
        return self._kept
