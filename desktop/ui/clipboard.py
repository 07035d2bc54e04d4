"""What becomes of the clipboard when the program ends. Copies nothing."""

from typing import Final

from PySide6.QtGui import QGuiApplication

# Platforms of Qt that have no clipboard of a system. They share one inside Qt that is freed after Python
# has ended, and what was made in Python and lies there takes the process down with it (PySide6 6.11).
_WITHOUT_SYSTEM: Final = frozenset({"offscreen", "minimal", "minimalegl", "eglfs", "linuxfb", "vnc"})


def leave_clipboard() -> None:
    """Call it when the window is gone. A system's clipboard keeps what was copied."""
    if QGuiApplication.platformName() in _WITHOUT_SYSTEM:
        QGuiApplication.clipboard().clear()
