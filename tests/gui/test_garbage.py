"""Only the window's thread collects garbage: what others throw away of the window's is destroyed there."""

import gc
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.garbage import WindowCollector

ROOT = Path(__file__).resolve().parents[2]
# the program with a look from inside: whether Python collects by itself once the core is open
INSIDE = """\
import gc, os, pathlib, signal, sys
from PySide6.QtCore import QTimer
from desktop.app import Application, run
from desktop.core.places import Places
app = Application(["sobremesa"])
def look():
    if any(getattr(window, "workspace", None) is not None for window in app.topLevelWidgets()):
        timer.stop()
        print("by itself" if gc.isenabled() else "when asked")
        os.kill(os.getpid(), signal.SIGTERM)
timer = QTimer(interval=50)
timer.timeout.connect(look)
timer.start()
sys.exit(run(Places.of(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))))
"""


class Ringed(QWidget):
    """Holds itself, as widgets with callbacks into themselves do."""

    def __init__(self, destroyed_on: list[int]) -> None:
        super().__init__()
        self._me = self
        self.destroyed.connect(
            lambda: destroyed_on.append(threading.get_ident()), Qt.ConnectionType.DirectConnection
        )


@pytest.fixture
def collector(qapp: QApplication) -> Iterator[WindowCollector]:
    owner = QObject()
    was = gc.isenabled()
    gc.enable()
    made = WindowCollector(owner)
    yield made
    made._timer.stop()
    (gc.enable if was else gc.disable)()


def make_much() -> None:
    kept = [[one] for one in range(100_000)]  # Python would look a hundred times meanwhile
    assert kept


def test_a_widget_in_a_ring_is_destroyed_on_the_windows_thread(
    qtbot: QtBot, collector: WindowCollector
) -> None:
    destroyed_on: list[int] = []
    Ringed(destroyed_on)
    worker = threading.Thread(target=make_much)
    worker.start()
    worker.join()
    assert destroyed_on == []
    kept: list[object] = []

    def destroyed() -> bool:
        kept.extend([one] for one in range(1000))
        return bool(destroyed_on)

    qtbot.waitUntil(destroyed, timeout=15_000)
    assert destroyed_on == [threading.get_ident()]


def test_in_the_program_no_thread_collects_by_itself(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INSIDE, str(tmp_path / "data"), str(tmp_path / "models")],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == "when asked", done.stderr
    assert done.returncode == 0, done.stderr
