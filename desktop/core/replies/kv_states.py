"""Which file keeps a chat's KV state, and when it goes. Writes none: the engine does.

A state is derived: the program only answers later without it, so that whatever goes wrong with one is
logged and never told. packaging/decisions/0084 says what is kept, when, and why.
"""

import contextlib
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from desktop.core.settings import Settings
from desktop.core.types.comparing import SIDES
from engine.protocol import Adapter, SwitchChat

SUFFIX = ".kv"
MIB = 1 << 20

log = logging.getLogger(__name__)


class KvStates:
    """The folder of the states. May be used from any thread."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        forget: Callable[[str], None],
        allowed: Callable[[], bool] = lambda: True,
    ) -> None:
        """`forget` tells running engines that a file is not to be written again. `allowed` False: chats are
        encrypted, and a state tells what was said in them: none is kept, whatever the settings say.
        """
        self._allowed = allowed
        self._folder = folder
        self._settings = settings
        self._forget = forget

    def switch_to(self, chat: int | None, adapters: tuple[Adapter, ...] = (), side: int = 0) -> SwitchChat:
        """What the engine is told before a turn. None: a chat of which nothing may be kept.

        `side` of a comparison: the second has a file of its own, as it goes on in another branch.
        """
        limit_bytes = self._settings.whole("kept_chats_mib") * MIB
        if not self._allowed():
            return SwitchChat("", 0, adapters)
        return SwitchChat("" if chat is None else str(self._file(chat, side)), limit_bytes, adapters)

    def drop(self, chat: int) -> None:
        """A chat was deleted."""
        for side in range(SIDES):
            file = self._file(chat, side)
            self._forget(str(file))
            _delete(file)

    def give_up(self, chats: Iterable[int]) -> None:
        """Delete all states; what an engine holds of these chats is not written any more."""
        for chat in chats:
            self.drop(chat)
        self.sweep(())

    def sweep(self, chats: Iterable[int]) -> None:
        """Delete what belongs to none of these chats, and everything where nothing is to be kept."""
        keeps = self._settings.whole("kept_chats_mib") > 0 and self._allowed()
        names = {self._file(chat, side).name for chat in chats for side in range(SIDES)} if keeps else set()
        try:
            files = list(self._folder.iterdir())
        except OSError as error:
            log.warning("the folder of KV states: %s", error)
            return
        for file in files:
            if file.name not in names:
                _delete(file)

    def _file(self, chat: int, side: int = 0) -> Path:
        return self._folder / (f"{chat}-{side}{SUFFIX}" if side else f"{chat}{SUFFIX}")


def _delete(file: Path) -> None:
    with contextlib.suppress(OSError):
        file.unlink(missing_ok=True)
