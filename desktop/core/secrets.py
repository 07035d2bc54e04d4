"""The token of the Chroma server: in the system's keyring, or, where there is none, in memory for this run.

It stands in no file of ours, no setting and no log. A small file without a word in it tells that the keyring
has one, so that a keyring is never unlocked for nothing.
"""

import contextlib
import logging
import os
import threading
from pathlib import Path

from desktop.core.addresses import is_loopback
from desktop.core.passwords import SERVICE
from desktop.core.private_files import write_private
from desktop.core.settings import Settings
from rag.server_values import UseServer

ENTRY = "chroma server token"
MARK = "keyring-server-token"
TOKEN_VARIABLE = "SOBREMESA_CHROMA_TOKEN"  # noqa: S105 - goes before what is kept, for one run

log = logging.getLogger(__name__)


class ServerToken:
    """For any thread."""

    def __init__(self, folder: Path) -> None:
        """`folder`: where the mark stands."""
        self._mark = folder / MARK
        self._lock = threading.Lock()
        self._token: str | None = None  # None: not asked for yet

    def value(self) -> str:
        """ "" where there is none."""
        given = os.environ.get(TOKEN_VARIABLE, "")
        if given:
            return given
        with self._lock:
            if self._token is None:
                self._token = self._from_keyring() if self._mark.exists() else ""
            return self._token

    def put(self, token: str) -> bool:
        """ "" forgets it. Whether the keyring keeps it beyond this run, or there is nothing to keep."""
        with self._lock:
            self._token = token
            if not token:
                if self._mark.exists():
                    self._forget()
                return True
            try:
                import keyring  # here: commands start without it

                keyring.set_password(SERVICE, ENTRY, token)
                write_private(self._mark, b"")
            except Exception as error:  # noqa: BLE001 - backends of the system, of any quality
                log.info("the keyring keeps no token: %s", type(error).__name__)
                return False
            return True

    def _from_keyring(self) -> str:
        try:
            import keyring

            return keyring.get_password(SERVICE, ENTRY) or ""
        except Exception as error:  # noqa: BLE001 - backends of the system, of any quality
            log.info("the keyring gave no token: %s", type(error).__name__)
            return ""

    def _forget(self) -> None:
        with contextlib.suppress(Exception):
            import keyring

            keyring.delete_password(SERVICE, ENTRY)
        with contextlib.suppress(OSError):
            self._mark.unlink()


class ServerChoice:
    """Which Chroma server the library may use at this moment."""

    def __init__(self, settings: Settings, token: ServerToken) -> None:
        self._settings = settings
        self.token = token

    @property
    def host(self) -> str:
        """ "": none is wanted."""
        return self._settings.text("chroma_host").strip()

    @property
    def forbidden(self) -> bool:
        """One is wanted, and the person wants no network; a server on this machine needs none."""
        return bool(self.host) and self._settings.flag("offline") and not is_loopback(self.host)

    def wanted(self) -> UseServer:
        if not self.host or self.forbidden:
            return UseServer()
        return UseServer(
            self.host,
            self._settings.whole("chroma_port"),
            self._settings.flag("chroma_tls"),
            self.token.value(),
            self._settings.flag("chroma_share"),
        )
