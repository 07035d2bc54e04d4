"""Tells the system that something long has ended while another window is in front. Never fails, never waits.

Linux: by a program of the desktop (PySide cannot write the unsigned number that the notification service
asks for), else by the tray. Elsewhere by the tray. Where there is neither, the window's entry in the task
bar asks for attention, where there is one.
"""

import logging
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from desktop.i18n import _, ngettext, number
from desktop.ui.app_icon import app_icon
from desktop.view_models.long_jobs import Ended

SHOWN_MS = 8000

log = logging.getLogger(__name__)

Start = Callable[[str, list[str]], object]


def words(ended: Ended) -> str:
    """What has ended, in one sentence. It may stand on a locked screen: nothing of a chat is in it."""
    match ended.kind:
        case "documents" if ended.failed:
            return _("The documents could not be read.")
        case "documents":
            said = ngettext("{count} document was read.", "{count} documents were read.", ended.count)
            return said.format(count=number(ended.count))
        case "download" if ended.failed:
            return _("The download of {file} broke off.").format(file=ended.name)
        case "download":
            return _("{file} is here.").format(file=ended.name)
        case "quantize" if ended.failed:
            return _("The smaller file of {file} could not be made.").format(file=ended.name)
        case "quantize":
            return _("The smaller file of {file} is ready.").format(file=ended.name)
        case "reply" if ended.elsewhere:
            return (
                _("A reply in another chat broke off.") if ended.failed else _("Another chat has its reply.")
            )
        case "reply" if ended.failed:
            return _("The reply broke off.")
        case _:
            return _("The reply is ready.")


class Notifier(QObject):
    """`start`: begins a program and does not wait for it."""

    def __init__(self, window: QWidget, start: Start | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._start = start or _begin
        self._tray: QSystemTrayIcon | None = None

    def tell(self, ended: Ended) -> None:
        """Nothing while the window is in front: what ended is seen there."""
        if self._window.isActiveWindow() and not self._window.isMinimized():
            return
        QApplication.alert(self._window)
        text = words(ended)
        if not self._by_program(text):
            self._by_tray(text)

    def _by_program(self, text: str) -> bool:
        """Whether there is one. It is started and forgotten."""
        if not sys.platform.startswith("linux") or not _has_session_bus():
            return False
        sender, bus = shutil.which("notify-send"), shutil.which("gdbus")
        if sender is not None:
            self._start(sender, ["--app-name=Sobremesa", "--icon=sobremesa", "--", "Sobremesa", text])
        elif bus is not None:
            place = ["--dest", "org.freedesktop.Notifications", "--object-path"]
            place += ["/org/freedesktop/Notifications", "--method", "org.freedesktop.Notifications.Notify"]
            told = ["Sobremesa", "0", "sobremesa", "Sobremesa", text, "[]", "{}", str(SHOWN_MS)]
            self._start(bus, ["call", "--session", *place, *told])
        return sender is not None or bus is not None

    def _by_tray(self, text: str) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable() or not QSystemTrayIcon.supportsMessages():
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(app_icon(), self)
            self._tray.messageClicked.connect(self._come_forward)
        self._tray.show()
        self._tray.showMessage("Sobremesa", text, app_icon(), SHOWN_MS)
        # the icon is there for the message alone
        QTimer.singleShot(2 * SHOWN_MS, self._tray, self._tray.hide)

    def _come_forward(self) -> None:
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()


def _has_session_bus() -> bool:
    """Whether asking for one would find it, instead of starting one."""
    if os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return True
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(runtime) and (Path(runtime) / "bus").exists()


def _begin(program: str, arguments: list[str]) -> None:
    process = QProcess()
    process.setProgram(program)
    process.setArguments(arguments)
    process.setStandardOutputFile(QProcess.nullDevice())
    process.setStandardErrorFile(QProcess.nullDevice())
    if not process.startDetached():
        log.info("%s did not start", program)
