"""What the desktop says about movement: Windows by Qt, macOS and Linux by their own settings, which Qt (6.11)
does not tell. Everything here but `wants_less` may take a moment: it belongs on a thread.

Linux: the settings portal (any desktop), GTK's file, KDE's file, in this order; the first that says something
counts. Nothing is written, and nothing fails: silence means that things may move.
"""

import configparser
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

PORTAL_MS: Final = 1_000
DEFAULTS_S: Final = 2.0

# namespace and key in the portal, and which answer asks for stillness
_PORTAL: Final[tuple[tuple[str, str, object], ...]] = (
    ("org.freedesktop.appearance", "reduced-motion", 1),
    ("org.gnome.desktop.interface", "enable-animations", False),
)

Read = Callable[[str, str], object]  # namespace and key; None: not known


def wants_less(app: QApplication) -> bool:
    """What Qt knows by itself, at once: on Windows, whether animations are on."""
    return sys.platform == "win32" and not app.isEffectEnabled(Qt.UIEffect.UI_General)


def look(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the desktop asks for less motion. Runs on a thread."""
    if platform == "darwin":
        return _macos()
    if not platform.startswith("linux"):
        return False
    told = _portal(_ask_portal if environment.get("DBUS_SESSION_BUS_ADDRESS") else _silent)
    if told is None:
        told = _files(Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config"))
    return bool(told)


def _silent(_namespace: str, _key: str) -> object:
    return None


def _portal(read: Read) -> bool | None:
    known = False
    for namespace, key, still in _PORTAL:
        value = read(namespace, key)
        known = known or value is not None
        if value is not None and value == still:
            return True
    return False if known else None


def _ask_portal(namespace: str, key: str) -> object:
    from PySide6.QtDBus import QDBus, QDBusConnection, QDBusMessage, QDBusVariant

    bus = QDBusConnection.sessionBus()
    asked = QDBusMessage.createMethodCall(
        "org.freedesktop.portal.Desktop",
        "/org/freedesktop/portal/desktop",
        "org.freedesktop.portal.Settings",
        "Read",
    )
    asked.setArguments([namespace, key])
    answer = bus.call(asked, QDBus.CallMode.Block, PORTAL_MS)
    if answer.type() != QDBusMessage.MessageType.ReplyMessage or not answer.arguments():
        return None
    value = answer.arguments()[0]
    while isinstance(value, QDBusVariant):  # a variant in a variant, as the portal has it
        value = value.variant()
    return value


def _files(folder: Path) -> bool | None:
    gtk = [_value(folder / name / "settings.ini", "Settings", "gtk-enable-animations") for name in _GTK]
    told = next((value for value in gtk if value), "")
    if told:
        return told.lower() in ("0", "false")
    factor = _value(folder / "kdeglobals", "KDE", "AnimationDurationFactor")
    try:
        return float(factor) == 0 if factor else None
    except ValueError:
        return None


_GTK: Final = ("gtk-4.0", "gtk-3.0")


def _value(path: Path, section: str, key: str) -> str:
    """What a desktop's file has for a key; "" where it says nothing, or cannot be read."""
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(path.read_text("utf-8", "replace"))
    except (OSError, configparser.Error):
        return ""
    return (parser.get(section, key, fallback="") or "").strip()


def _macos() -> bool:
    command = ["/usr/bin/defaults", "read", "com.apple.universalaccess", "reduceMotion"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=DEFAULTS_S, check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.stdout.strip() == "1"
