"""Bring the window into every state that the gallery knows and print, as JSON, what painting it costs.

A process of its own for `tests.bench.window`: milliseconds of its thread's own time for a whole frame of
every open window, menus and dialogs included; the median of several, and the longest of them, by scene. The
third argument is the size of all text in percent; a fourth keeps to scenes whose name holds it.
"""

import json
import os
import statistics
import sys
import time

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

FRAMES = 9


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


def main() -> int:
    from desktop.ui.manner import dress, speak
    from tests.gui.scene_texts import TEXTS
    from tests.gui.scenes import SCENES, staged
    from tests.gui.stage import quiet_focus, settle

    app = QApplication(["bench"])
    quiet_focus(app)
    percent = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    only = sys.argv[4] if len(sys.argv) > 4 else ""
    times: dict[str, tuple[float, float]] = {}
    for name in SCENES:
        if only not in name:
            continue
        speak(app, "en")
        dress(app, "light", percent)
        asked = {"language": "en", "theme": "light", "text_percent": percent}
        frames = []
        try:
            with staged(name, TEXTS["en"], asked):
                settle()
                for _ in range(FRAMES):
                    frames.append(painted_ms())
                    settle(1)
        except AssertionError:  # on a machine that is too busy a scene may not come about in its time
            print(f"{name:50} did not come about", file=sys.stderr, flush=True)
            continue
        times[name] = (statistics.median(frames), max(frames))
        print(f"{name:50} {times[name][0]:8.1f} {times[name][1]:8.1f}", file=sys.stderr, flush=True)
    print(json.dumps(times), flush=True)
    os._exit(0)  # nothing is kept that would have to be closed


if __name__ == "__main__":
    sys.exit(main())
