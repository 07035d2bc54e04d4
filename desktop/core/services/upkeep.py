"""The core's methods that look after the library."""

from desktop.core.operations import Operation, start
from desktop.core.workers.library import LibraryClient
from rag.protocol import Checked, Rebuilt


class UpkeepServices:
    """What `Services` inherits. Its methods are described in `desktop.core.contract.upkeep`."""

    _library: LibraryClient

    def check_library(self, *, thorough: bool = False) -> Operation[Checked]:
        return start(lambda operation: self._library.check(thorough, operation), "check library")

    def rebuild_library(self) -> Operation[Rebuilt]:
        return start(self._library.rebuild, "rebuild library")
