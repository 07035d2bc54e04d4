"""From a passphrase to an open data folder: what is asked before anything in it is read."""

import logging
from collections.abc import Callable

from desktop.core.encryption import files, key_file
from desktop.core.encryption.errors import EncryptionMissing, PassphraseNeeded
from desktop.core.errors import CoreError
from desktop.core.places import Places
from desktop.core.types import Problem
from rag.sealing import Form
from rag.sqlite import ENCRYPTS

log = logging.getLogger(__name__)


def unlock(places: Places, passphrase: str) -> None:
    """Put the key on the keyring, where there is one. Takes half a second.

    Raises PassphraseWrong, KeyFileDamaged or KeyFileNewer.
    """
    file = key_file.read(places.data)
    if file is not None:
        places.keyring.key = key_file.unwrapped(file, passphrase)


def begin(places: Places) -> Problem | None:
    """Before the first database is opened, by the one owner of the folder: finish what a kill interrupted.

    Gives what keeps that from being finished; everything can be opened all the same. Raises PassphraseNeeded,
    EncryptionMissing, KeyFileDamaged or KeyFileNewer.
    """
    file, key = key_file.read(places.data), places.keyring.key
    files.clear_parts(places)
    if file is None:
        places.keyring.key = None
        return None
    if not ENCRYPTS:
        raise EncryptionMissing
    if key is None:
        if file.state != "decrypting" or files.any_sealed(places):
            raise PassphraseNeeded(folder=str(places.data))
        key_file.remove(places.data)  # all was plain again, but for this
        return None
    try:
        finish(places, file)
    except CoreError as error:
        log.warning("encryption is not finished: %s", error.code)
        return error.problem()
    return None


def finish(
    places: Places, file: key_file.KeyFile, tell: Callable[[float], None] = lambda _done: None
) -> None:
    """Bring the files to what the key file says of them. `tell` hears 0..1. Raises CoreError."""
    key = places.keyring.key
    if key is None:
        return
    if key_file.state_of(file, key) == "decrypting":
        files.convert_all(places, key, sealed=False, tell=tell)
        key_file.remove(places.data)
        places.keyring.key = None
        return
    if file.state != "on" or not files.all_in(Form.SEALED, places):
        files.convert_all(places, key, sealed=True, tell=tell)
    key_file.write(places.data, key_file.in_state(file, key, "on"))
