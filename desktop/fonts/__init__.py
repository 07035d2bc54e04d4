"""Free fonts for computers that have none: DejaVu Sans, its bold, and DejaVu Sans Mono (LICENSE.txt).

They are brought only where the system's own font has no letters, or no letters of one width for code.
Formulas need none of them: they are drawn as outlines.
"""

from pathlib import Path
from typing import Final, NamedTuple

from PySide6.QtGui import QFontDatabase, QFontMetricsF

_FOLDER: Final = Path(__file__).parent
_READ: Final = (ord("a"), ord("ñ"), ord("0"))


class Brought(NamedTuple):
    """The families to use instead of the system's; "" where the system's own will do."""

    interface: str = ""
    code: str = ""


def bring() -> Brought:
    """Give Qt the fonts that are missing. Reads a file of ours only where one is; needs an application."""
    general = QFontMetricsF(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont))
    readable = all(general.inFontUcs4(letter) for letter in _READ)
    interface = "" if readable else _add("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
    # after the other one: a system without fonts would take that for code as well
    fixed = QFontMetricsF(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    columns = readable and all(fixed.inFontUcs4(letter) for letter in _READ)
    even = columns and abs(fixed.horizontalAdvance("iiiiiiii") - fixed.horizontalAdvance("WWWWWWWW")) < 1
    return Brought(interface, "" if even else _add("DejaVuSansMono.ttf"))


def _add(*files: str) -> str:
    """The family of the first of them; "" when Qt will not have it."""
    numbers = [QFontDatabase.addApplicationFont(str(_FOLDER / file)) for file in files]
    families = QFontDatabase.applicationFontFamilies(numbers[0]) if numbers[0] >= 0 else []
    return families[0] if families else ""
