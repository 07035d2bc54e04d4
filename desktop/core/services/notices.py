"""The core's methods about the parts that the program is made of."""

from desktop.core.notices import Notices
from desktop.core.operations import Operation, start
from desktop.core.places import Places
from desktop.core.types.notices import Notice


class NoticesServices:
    """What `Services` inherits. Its methods are described in `desktop.core.contract.notices`."""

    places: Places

    def list_notices(self) -> Operation[tuple[Notice, ...]]:
        return start(lambda _: Notices(self.places.program).all(), "list notices")

    def read_notice(self, name: str) -> Operation[str]:
        return start(lambda _: Notices(self.places.program).text(name), "read notice")
