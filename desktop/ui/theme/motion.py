"""Whether things may move while they change. Without movement, menus and tips are there at once, the text
cursor does not blink, and a bar that nobody knows the end of stands still beside its words.
"""

from typing import Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QProgressBar

from desktop.core.operations import start
from desktop.ui.theme import system_motion
from desktop.ui.theme.appearance import appearance
from desktop.view_models.bridge import follow

_FLASH: Final = "sobremesa_cursor_flash_ms"  # how the system has it
_EFFECTS: Final = (
    Qt.UIEffect.UI_AnimateMenu,
    Qt.UIEffect.UI_FadeMenu,
    Qt.UIEffect.UI_AnimateCombo,
    Qt.UIEffect.UI_AnimateTooltip,
    Qt.UIEffect.UI_FadeTooltip,
    Qt.UIEffect.UI_AnimateToolBox,
)


class Motion(QObject):
    """The person's choice, and what the desktop says; one for the application. Asks on a thread, and again
    whenever the program comes to the front: a person who changes it there comes back from there."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._choice = "full"
        self._asking = False
        self.desktop_still = system_motion.wants_less(app)
        app.applicationStateChanged.connect(self._came_or_went)

    def choose(self, choice: str) -> None:
        """ "less", "full", or "system"."""
        self._choice = choice
        self._apply()
        if choice == "system":
            self.ask()

    def ask(self) -> None:
        """Learn what the desktop has."""
        if self._asking:
            return
        self._asking = True
        looking = start(lambda _: system_motion.look(), "motion of the desktop")
        follow(looking, self, on_result=self._learn, on_error=lambda _: self._learn(False))

    def _learn(self, still: bool) -> None:
        self._asking = False
        still = still or system_motion.wants_less(self._app)
        if still != self.desktop_still:
            self.desktop_still = still
            self._apply()

    def _came_or_went(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive and self._choice == "system":
            self.ask()

    def _apply(self) -> None:
        app, choice = self._app, self._choice
        if app.property(_FLASH) is None:
            app.setProperty(_FLASH, app.cursorFlashTime())
        still = choice == "less" or (choice == "system" and self.desktop_still)
        worn = appearance()
        was = worn is not None and worn.still
        if worn is not None:
            worn.still = still
        if choice != "system" or still or was:
            for effect in _EFFECTS:
                QApplication.setEffectEnabled(effect, not still)
        app.setCursorFlashTime(0 if still else int(app.property(_FLASH)))


def set_motion(app: QApplication, choice: str) -> None:
    """ "less", "full", or "system": as the desktop has it, from now on."""
    found = app.findChild(Motion)
    (found if isinstance(found, Motion) else Motion(app)).choose(choice)


def is_still() -> bool:
    """Whether less motion is wanted."""
    worn = appearance()
    return worn is not None and worn.still


def show_busy(bar: QProgressBar) -> None:
    """Something goes on, and nobody knows how far it is."""
    bar.setRange(0, 1 if is_still() else 0)
    bar.setValue(0)
