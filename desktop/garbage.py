"""Python's garbage collector, on the window's thread alone.

Python looks for rings of objects that nobody holds on whichever thread makes the next one. A core thread that
does so destroys the widgets and timers in them while Qt serves those on the window's thread, and the process
ends in the middle of a word. packaging/decisions/0196
"""

import gc
import time
from typing import Final

from PySide6.QtCore import QObject, QTimer

BUSY_MS: Final = 100  # until the next look, after one that was due
CALM_MS: Final = 1000
FULL_SHARE: Final = 0.01  # of all time that looks through everything may take


class Collector:
    """Looks when it is asked to, for what Python would have looked for by itself by then.

    As in Python: what is new is looked through most often, what has outlived two looks least.
    """

    def __init__(self) -> None:
        self._young = self._middle = 0  # looks that each older generation has been passed over for
        self._full_at = 0.0

    def look(self) -> bool:
        """Whether a look was due. Takes the time of it."""
        made, limits = gc.get_count()[0], gc.get_threshold()
        if made <= limits[0]:
            return False
        self._young += made // max(1, limits[0])
        if self._young <= limits[1]:
            gc.collect(0)
            return True
        self._middle += self._young // max(1, limits[1])
        self._young = 0
        begun = time.monotonic()
        if self._middle <= limits[2] or begun < self._full_at:
            gc.collect(1)
            return True
        self._middle = 0
        gc.collect()
        ended = time.monotonic()
        self._full_at = ended + (ended - begun) / FULL_SHARE
        return True


class WindowCollector(QObject):
    """From its making on, the thread that it lives on is the only one that collects. Until the process ends:
    also at the end no other thread may destroy what is left of the window."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._collector = Collector()
        self._timer = QTimer(self, interval=CALM_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        wanted = BUSY_MS if self._collector.look() else CALM_MS
        if wanted != self._timer.interval():
            self._timer.setInterval(wanted)
