"""Whether things may move while they change. Without movement, menus and tips are there at once, the text
cursor does not blink, and a bar that nobody knows the end of stands still beside its words.
"""

import sys
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QProgressBar

from desktop.ui.theme.appearance import appearance

_FLASH: Final = "sobremesa_cursor_flash_ms"  # how the system has it
_EFFECTS: Final = (
    Qt.UIEffect.UI_AnimateMenu,
    Qt.UIEffect.UI_FadeMenu,
    Qt.UIEffect.UI_AnimateCombo,
    Qt.UIEffect.UI_AnimateTooltip,
    Qt.UIEffect.UI_FadeTooltip,
    Qt.UIEffect.UI_AnimateToolBox,
)


def set_motion(app: QApplication, choice: str) -> None:
    """ "less", "full", or "system": on Windows as it is set there; Qt knows of no such setting elsewhere."""
    if app.property(_FLASH) is None:
        app.setProperty(_FLASH, app.cursorFlashTime())
    general = Qt.UIEffect.UI_General
    asked = sys.platform == "win32" and not QApplication.isEffectEnabled(general)
    still = choice == "less" or (choice == "system" and asked)
    worn = appearance(app)
    if worn is not None:
        worn.still = still
    if choice != "system" or still:
        for effect in _EFFECTS:
            QApplication.setEffectEnabled(effect, not still)
    app.setCursorFlashTime(0 if still else int(app.property(_FLASH)))


def is_still() -> bool:
    """Whether less motion is wanted."""
    worn = appearance()
    return worn is not None and worn.still


def show_busy(bar: QProgressBar) -> None:
    """Something goes on, and nobody knows how far it is."""
    bar.setRange(0, 1 if is_still() else 0)
    bar.setValue(0)
