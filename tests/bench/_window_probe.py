"""Run the real window once and print, as JSON, when it was painted and when it could be used.

A process of its own for `tests.bench.window`: seconds from the moment the bench started it (the second
argument) to the first paint of the main window, and to the core behind it being there.
"""

import json
import sys
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from desktop.core.places import Places


class Probe(QObject):
    """Watches the application until the window is there and in use, then closes it."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        # the system's own word on it is a whole second off: it counts from a rounded start of the machine
        self._born = float(sys.argv[2])
        self.times: dict[str, float] = {}
        app.installEventFilter(self)
        self._watch = QTimer(self, interval=5)
        self._watch.timeout.connect(self._look)
        self._watch.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Paint and "painted_s" not in self.times:
            self.times["painted_s"] = time.time() - self._born
        return False

    def _look(self) -> None:
        from desktop.ui.main_window import MainWindow

        for window in QApplication.topLevelWidgets():
            if isinstance(window, MainWindow) and window.session is not None:
                self.times["usable_s"] = time.time() - self._born
                self._watch.stop()
                window.close()


def main() -> int:
    from desktop.app import run

    app = QApplication(["sobremesa"])
    probe = Probe(app)
    code = run(Places.of(Path(sys.argv[1])))
    print(json.dumps(probe.times))
    return code


if __name__ == "__main__":
    sys.exit(main())
