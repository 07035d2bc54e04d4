"""Bring the window into every state that the gallery knows and print, as JSON, what painting it costs.

A process of its own for `tests.bench.window`: milliseconds of its thread's own time for a whole frame of
every open window, menus and dialogs included; the median of several, and the longest of them, by scene. The
costliest are brought about twice more, some minutes later, and have the medians of their turns: a bad half
minute of a machine is no view's. The third argument is the size of all text in percent; a fourth keeps to
scenes whose name holds it.
"""

import json
import os
import statistics
import sys
import time

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

FRAMES = 9
COSTLIEST = 12  # by their medians, and by their longest frames
MORE_TURNS = 2


def painted_ms() -> float:
    """One whole frame of all that is open.

    `repaint()` alone leaves out children that fill their own ground, as nothing of theirs became invalid; a
    backing store of another size is what a window has after it was resized, and everything is painted.
    """
    windows = [window for window in QApplication.topLevelWidgets() if window.isVisible()]
    for window in windows:
        window.backingStore().resize(window.size() + QSize(0, 1))
    begun = time.thread_time()
    for window in windows:
        window.repaint()
    return (time.thread_time() - begun) * 1000


def measured(name: str, app: QApplication, percent: int) -> tuple[float, float] | None:
    """The median and the longest of some frames; None where the scene did not come about in its time."""
    from desktop.ui.manner import dress, speak
    from tests.gui.scene_texts import TEXTS
    from tests.gui.scenes import staged
    from tests.gui.stage import settle

    speak(app, "en")
    dress(app, "light", percent)
    frames = []
    try:
        with staged(name, TEXTS["en"], {"language": "en", "theme": "light", "text_percent": percent}):
            settle()
            for _ in range(FRAMES):
                frames.append(painted_ms())
                settle(1)
    except AssertionError:  # on a machine that is too busy
        print(f"{name:50} did not come about", file=sys.stderr, flush=True)
        return None
    print(f"{name:50} {statistics.median(frames):8.1f} {max(frames):8.1f}", file=sys.stderr, flush=True)
    return statistics.median(frames), max(frames)


def main() -> int:
    from tests.gui.scenes import SCENES
    from tests.gui.stage import quiet_focus

    app = QApplication(["bench"])
    quiet_focus(app)
    percent = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    only = sys.argv[4] if len(sys.argv) > 4 else ""
    found: dict[str, list[tuple[float, float]]] = {}
    names = [name for name in SCENES if only in name]
    for turn in range(1 + MORE_TURNS):
        if turn:  # the costliest of each kind, of those that came about
            names = sorted({name for kind in (0, 1) for name in _costliest(found, kind)})
        for name in names:
            one = measured(name, app, percent)
            if one is not None:
                found.setdefault(name, []).append(one)
    medians = {
        name: [statistics.median(kind) for kind in zip(*turns, strict=True)] for name, turns in found.items()
    }
    print(json.dumps(medians), flush=True)
    os._exit(0)  # nothing is kept that would have to be closed


def _costliest(found: dict[str, list[tuple[float, float]]], kind: int) -> list[str]:
    return sorted(found, key=lambda name: -found[name][0][kind])[:COSTLIEST]


if __name__ == "__main__":
    sys.exit(main())
