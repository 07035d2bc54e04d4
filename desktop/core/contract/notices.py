"""What a core can tell of the parts that the program is made of."""

from typing import Protocol

from desktop.core.operations import Operation
from desktop.core.types.notices import Notice


class NoticesCore(Protocol):
    """See desktop.core.contract."""

    def list_notices(self) -> Operation[tuple[Notice, ...]]:
        """Every part with its licence's name: ours first, the others by name."""
        ...

    def read_notice(self, name: str) -> Operation[str]:
        """The licence of a part in full; "" where it brought none."""
        ...
