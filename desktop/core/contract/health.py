"""What a core offers to look at itself: the whole installation, and what may be told to others of it."""

from typing import Protocol

from desktop.core.operations import Operation
from desktop.core.types.health import Health, Paper


class HealthCore(Protocol):
    """See desktop.core.contract."""

    def check_health(self, *, thorough: bool = False, repair: bool = False) -> Operation[Health]:
        """Look at program, devices, models, databases, index, disk and rights. Emits LookingAt.

        `thorough`: databases and index to their last page. `repair`: mend what can be mended; what lies in
        files that are in use is mended at the next start, and the finding says so.
        """
        ...

    def diagnostics(self) -> Operation[tuple[Paper, ...]]:
        """Texts that tell others about this installation: no words of the person's, no folders of theirs."""
        ...

    def save_diagnostics(self, path: str) -> Operation[str]:
        """Write them as one zip. Ends in StorageFull, DataUnwritable."""
        ...
