"""The core's methods about what is secret."""

from desktop.core.operations import Operation, start
from desktop.core.passwords import Passwords
from desktop.core.secrets import ServerToken
from desktop.core.workers.library import LibraryClient


class SecretsServices:
    """What `Services` inherits. Its methods are described in `desktop.core.contract.secrets`."""

    _library: LibraryClient
    _passwords: Passwords
    _token: ServerToken

    def kept_passwords(self) -> Operation[tuple[str, ...]]:
        return start(lambda _: self._passwords.files(), "list passwords")

    def forget_passwords(self, files: tuple[str, ...] = ()) -> Operation[int]:
        return start(lambda _: self._passwords.forget(files), "forget passwords")

    def has_server_token(self) -> Operation[bool]:
        return start(lambda _: bool(self._token.value()), "look for a token")

    def set_server_token(self, token: str) -> Operation[bool]:
        def work(_: Operation[bool]) -> bool:
            kept = self._token.put(token)
            self._library.use_server()
            return kept

        return start(work, "keep a token")
