"""The parts that the program is made of, as a person may read of them."""

from typing import Literal

import msgspec

PartKind = Literal["own", "python", "system"]


class Notice(msgspec.Struct, frozen=True):
    """One part. `kind`: ours or built for this, a package of Python's, or a library of the system's.

    `licence`: its name, such as "MIT"; "" where only its text says it.
    """

    name: str
    version: str
    licence: str
    kind: PartKind = "python"
