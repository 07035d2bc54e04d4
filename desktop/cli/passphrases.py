"""The passphrase of encrypted chats on the command line: from a file, or asked for where a person sits.

Never an argument, and in no environment variable: both can be read by others.
"""

import getpass
from collections.abc import Callable

from desktop.cli.passwords import TRIES, a_person_sits_there, from_file
from desktop.core.encryption.errors import PassphraseNeeded, PassphraseUnreadable, PassphraseWrong
from desktop.core.errors import FileUnreadable
from desktop.core.places import Places
from desktop.i18n import _

Unlock = Callable[[Places], None]


def unlocking(file: str | None, *, as_json: bool, say: Callable[[str], None]) -> Unlock:
    """What opens the key. It raises PassphraseNeeded where there is no file and nobody to ask, or
    PassphraseWrong. `say` tells a person that the one they typed was wrong.
    """

    def open_key(places: Places) -> None:
        from desktop.core.encryption.opening import unlock  # it brings the databases along

        if file is not None:
            unlock(places, _read(file))
            return
        if as_json or not a_person_sits_there():
            raise PassphraseNeeded(folder=str(places.data))
        for number in range(1, TRIES + 1):
            typed = getpass.getpass(_("Passphrase of your chats: "))
            if not typed:
                raise PassphraseNeeded(folder=str(places.data))
            try:
                unlock(places, typed)
            except PassphraseWrong:
                if number == TRIES:
                    raise
                say(_("This is not the passphrase."))
            else:
                return

    return open_key


def _read(file: str) -> str:
    try:
        text = from_file(file)
    except FileUnreadable as error:
        raise PassphraseUnreadable(error.detail, path=file) from error
    if not text:
        raise PassphraseUnreadable(path=file)
    return text
