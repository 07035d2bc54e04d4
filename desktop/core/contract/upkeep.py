"""What a core offers to look after its library: its soundness, its index."""

from typing import Protocol

from desktop.core.operations import Operation
from rag.protocol import Checked, Rebuilt


class UpkeepCore(Protocol):
    """See desktop.core.contract."""

    def check_library(self, *, thorough: bool = False) -> Operation[Checked]:
        """Whether all that is stored agrees; changes nothing. Emits UpkeepProgress.

        `thorough`: every vector and every page of the database, which takes minutes.
        """
        ...

    def rebuild_library(self) -> Operation[Rebuilt]:
        """Make anew what is derived: the search by words, and the vector index beside the old one, which
        answers meanwhile. Emits UpkeepProgress. Cancelled, the old one stays. Ends in disk_full too."""
        ...
