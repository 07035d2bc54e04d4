"""In the place of the vector index where the library is encrypted: vectors tell much of their texts.

Chroma would keep them in plain files. Every search compares exactly, as it does while an index is built; the
vectors are in library.db, which is encrypted.
"""

import logging
import shutil

from rag.indexing.keeper import IndexKeeper
from rag.indexing.staged import StagedIndex
from rag.store.values import Change
from rag.store.writer import LibraryWriter

log = logging.getLogger(__name__)


class NoIndex(IndexKeeper):
    """Deletes what a plain library left."""

    wanted = False

    def attach(self, writer: LibraryWriter) -> None:
        super().attach(writer)
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._folder.exists():
            log.warning("the vector index could not be deleted")

    def follow(self, change: Change) -> None:  # noqa: ARG002
        self.changed()

    def hold(self, change: Change) -> None:
        self.follow(change)

    def settle(self) -> None:
        pass

    def catch_up(self) -> None:
        pass

    def stage(self, fingerprint: str, model: int) -> bool:  # noqa: ARG002
        return True

    def taken_over(self, fingerprint: str) -> None:  # noqa: ARG002
        self.changed()

    def begin_rebuild(self) -> StagedIndex | None:
        return None

    def drop_others(self) -> None:
        pass
