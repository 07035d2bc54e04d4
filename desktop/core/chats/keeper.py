"""Looks after the chats' file while the program runs: checks a large one, and copies it now and then.

Changes nothing in it. Small files are checked when they are opened, and copied when they are closed.
"""

import logging
import threading
from collections.abc import Callable

from desktop.core.chats import file as chats_file
from desktop.core.chats.good_copy import GoodCopy
from desktop.core.events import StorageProblem
from desktop.core.types import Param, Problem
from rag.errors import DatabaseDamaged, RagError

FIRST_S = 60.0  # after the start, which has more urgent things to do
EVERY_S = 600.0
COPY_AFTER_S = 6 * 3600.0

log = logging.getLogger(__name__)


class ChatsKeeper:
    """A thread of its own, which reads beside the one that owns the database."""

    def __init__(
        self,
        copy: GoodCopy,
        publish: Callable[[StorageProblem], None],
        first_s: float = FIRST_S,
        every_s: float = EVERY_S,
    ) -> None:
        self._copy = copy
        self._publish = publish
        self._waits_s = (first_s, every_s)
        self._closing = threading.Event()
        self._checked = False
        self._thread = threading.Thread(target=self._keep, name="chats-keeper", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End what is being done and the thread."""
        self._closing.set()
        self._copy.stop()
        self._thread.join()

    def _keep(self) -> None:
        wait_s, every_s = self._waits_s
        while not self._closing.wait(wait_s):
            wait_s = every_s
            try:
                self._look()
            except DatabaseDamaged as error:
                self._tell(error)
                return  # nothing is copied from it any more; the next start mends it
            except (RagError, OSError) as error:  # a folder that is gone may come back
                log.warning("looking after the chats: %s", error)

    def _look(self) -> None:
        if not self._checked and self._copy.source.stat().st_size > chats_file.CHECKED_AT_START_BYTES:
            self._checked = self._copy.check()
        if self._copy.age_s > COPY_AFTER_S and not self._closing.is_set():
            self._copy.make()

    def _tell(self, error: DatabaseDamaged) -> None:
        file = self._copy.source
        chats_file.suspect(file)
        params: dict[str, Param] = {"file": str(file), "at_next_start": 1}
        self._publish(StorageProblem(Problem(error.code, params, error.detail)))
