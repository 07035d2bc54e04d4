"""Says words to assistive technology, whichever way what listens there understands. Decides nothing."""

import time
from typing import Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleInterface, QGuiApplication
from PySide6.QtWidgets import QAccessibleWidget, QApplication, QLabel, QWidget

VOICES: Final = 4
_INSTALLED: Final = "voice_accessible"
_WITH_NOTIFICATIONS: Final = ("xcb", "wayland")


def tell(widget: QWidget, words: str, *, urgent: bool = False) -> None:
    """Have `words` said for `widget`. `urgent`: they may interrupt. Silent where nothing listens.

    On Linux by a notification that comes into sight: every Orca speaks it, and Qt's announcements only from
    version 45 on (Debian 12 has 43).
    """
    if not words or not QAccessible.isActive():
        return
    if QGuiApplication.platformName() in _WITH_NOTIFICATIONS:
        _voice_of(widget.window()).say(words)
        return
    event = QAccessibleAnnouncementEvent(widget, words)
    politeness = QAccessible.AnnouncementPoliteness
    event.setPoliteness(politeness.Assertive if urgent else politeness.Polite)
    QAccessible.updateAccessibility(event)


def _voice_of(window: QWidget) -> "Voice":
    """Which has been silent longest: a screen reader that is behind reads what stands in it by then."""
    voices = window.findChildren(Voice, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return Voice(window) if len(voices) < VOICES else min(voices, key=lambda voice: voice.spoke_at)


class Voice(QWidget):
    """A notification of one pixel: to be heard, not seen."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        app = QApplication.instance()
        if isinstance(app, QApplication) and not app.property(_INSTALLED):
            QAccessible.installFactory(_made)
            app.setProperty(_INSTALLED, True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setGeometry(0, 0, 1, 1)
        self.spoke_at = 0.0
        self.label = QLabel(self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setGeometry(0, 0, 1, 1)
        self.label.setStyleSheet("color: transparent")
        self.hide()

    def say(self, words: str) -> None:
        self.spoke_at = time.monotonic()
        self.hide()
        self.label.setText(words)
        self.label.setAccessibleName(words)
        self.show()
        self.lower()


def _made(_key: str, which: QObject) -> QAccessibleInterface | None:
    return QAccessibleWidget(which, QAccessible.Role.Notification) if isinstance(which, Voice) else None
