"""What desktops say about movement, and that the window takes it up while the person leaves it to them."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.ui.manner import dress
from desktop.ui.theme import system_motion
from desktop.ui.theme.motion import Motion, is_still, set_motion

GNOME = ("org.gnome.desktop.interface", "enable-animations")
ANY_DESKTOP = ("org.freedesktop.appearance", "reduced-motion")


@pytest.mark.parametrize(
    ("said", "still"),
    [
        ({}, None),
        ({GNOME: True}, False),
        ({GNOME: False}, True),
        ({ANY_DESKTOP: 1}, True),
        ({ANY_DESKTOP: 0, GNOME: True}, False),
        ({ANY_DESKTOP: 0, GNOME: False}, True),
    ],
)
def test_the_portal_is_believed(said: dict[tuple[str, str], object], still: bool | None) -> None:
    assert system_motion._portal(lambda namespace, key: said.get((namespace, key))) is still


@pytest.mark.parametrize(
    ("file", "text", "still"),
    [
        ("gtk-3.0/settings.ini", "[Settings]\ngtk-enable-animations=0\n", True),
        ("gtk-4.0/settings.ini", "[Settings]\ngtk-enable-animations = false\n", True),
        ("gtk-4.0/settings.ini", "[Settings]\ngtk-enable-animations=true\n", False),
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=0\n", True),
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=0.5\n", False),
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=fast\n", False),
        ("gtk-3.0/settings.ini", "no section here\n", False),
        ("gtk-3.0/settings.ini", "[Settings]\ngtk-font-name=Cantarell %d\n", False),
    ],
)
def test_without_a_portal_the_desktops_own_files_are_read(
    tmp_path: Path, file: str, text: str, still: bool
) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    assert system_motion.look("linux", {"XDG_CONFIG_HOME": str(tmp_path)}) is still


def test_a_desktop_that_says_nothing_lets_things_move(tmp_path: Path) -> None:
    assert not system_motion.look("linux", {"XDG_CONFIG_HOME": str(tmp_path)})
    assert not system_motion.look("win32", {})


def test_what_the_desktop_says_counts_until_the_person_chooses(
    qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    dress(qapp, "light")
    said = {"still": True}
    monkeypatch.setattr(system_motion, "look", lambda: said["still"])
    set_motion(qapp, "system")
    qtbot.waitUntil(is_still)
    assert not qapp.isEffectEnabled(Qt.UIEffect.UI_AnimateMenu)
    set_motion(qapp, "full")
    assert not is_still()
    set_motion(qapp, "system")
    assert is_still()
    said["still"] = False
    motion = qapp.findChild(Motion)
    assert isinstance(motion, Motion)
    qtbot.waitUntil(lambda: not motion._asking)
    qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    qtbot.waitUntil(lambda: not is_still())
    set_motion(qapp, "full")
