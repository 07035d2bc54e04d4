"""The part of the fake core that looks after the library: always sound, rebuilt at once."""

from collections.abc import Callable
from typing import Any

from desktop.core.operations import Operation
from rag.protocol import Checked, DocumentInfo, Rebuilt


class FakeUpkeep:
    """What FakeCore inherits. A test sets `checked` for a library that is not sound."""

    documents: list[DocumentInfo]
    checked: Checked | None = None
    _now: Callable[..., Operation[Any]]

    def check_library(self, *, thorough: bool = False) -> Operation[Checked]:
        def work() -> Checked:
            pages = sum(info.pages for info in self.documents)
            passages = sum(info.passages for info in self.documents)
            counts = len(self.documents), pages, passages, passages, passages
            return self.checked or Checked(*counts, "fake/8", thorough)

        return self._now("check_library", work, thorough)

    def rebuild_library(self) -> Operation[Rebuilt]:
        return self._now("rebuild_library", lambda: Rebuilt(sum(info.passages for info in self.documents)))
