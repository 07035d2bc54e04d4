"""The part of the fake core about secrets: in memory."""

from collections.abc import Callable
from typing import Any

from desktop.core.operations import Operation


class FakeSecrets:
    """What FakeCore inherits."""

    has_keyring: bool
    server_token = ""
    passwords: dict[str, str]
    _now: Callable[..., Operation[Any]]

    def kept_passwords(self) -> Operation[tuple[str, ...]]:
        return self._now("kept_passwords", lambda: tuple(sorted(self._passwords_known())))

    def forget_passwords(self, files: tuple[str, ...] = ()) -> Operation[int]:
        def work() -> int:
            known = self._passwords_known()
            gone = [file for file in known if not files or file in files]
            for file in gone:
                del known[file]
            return len(gone)

        return self._now("forget_passwords", work, files)

    def has_server_token(self) -> Operation[bool]:
        return self._now("has_server_token", lambda: bool(self.server_token))

    def set_server_token(self, token: str) -> Operation[bool]:
        def work() -> bool:
            self.server_token = token
            return self.has_keyring or not token

        return self._now("set_server_token", work)

    def _passwords_known(self) -> dict[str, str]:
        return self.__dict__.setdefault("passwords", {})
