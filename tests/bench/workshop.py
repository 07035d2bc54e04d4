"""The workshop's pictures, drawn off screen, and what the window's thread does while a real model learns.

`--parts pictures,learning`.
"""

import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

POINTS = 100_000
TOKENS = 512
TIMES = 9
STEPS = 300
WAIT_S = 300.0
PARTS = ("pictures", "learning")
Row = tuple[str, float, str]


def rows(parts: tuple[str, ...] = PARTS) -> Iterator[Row]:
    """(name, value, unit)."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication(["bench"])
    assert isinstance(app, QApplication)
    from desktop.i18n import number
    from desktop.ui.manner import dress, speak

    speak(app, "en")
    dress(app, "light")
    number(1)  # a window that stands has loaded its language's figures
    for part in parts:
        yield from getattr(sys.modules[__name__], f"_{part}")(app)


def _pictures(app: Any) -> Iterator[Row]:
    from desktop.ui.workshop.inside.heat import Heat
    from desktop.ui.workshop.plots import CurveView
    from desktop.view_models.workshop.curves import smoothed

    curves = CurveView()
    curves.resize(760, 230)
    curves.show()
    while not curves.drawn:
        app.processEvents()
    xs = [float(at) for at in range(POINTS)]
    ys = [5 * math.exp(-at / 20_000) + math.sin(at * 1.7) for at in range(POINTS)]

    def draw() -> None:
        curves.show_curves([(xs, ys, -1, False), (xs, smoothed(ys), 0, False)])
        curves.grab()

    yield from _times("two curves of 100,000 points, one of them smoothed", draw)
    heat = Heat(large=True)
    shares = bytes(range(256)) * (TOKENS * TOKENS // 256)

    def look() -> None:
        heat.show_head(shares, TOKENS, (" word",) * TOKENS, 100, "Layer 1, head 1")
        heat.grab()

    yield from _times("attention over 512 tokens", look)
    curves.close()


def _times(name: str, work: Callable[[], None]) -> Iterator[Row]:
    work()
    walls, owns = [], []
    for _ in range(TIMES):
        wall, own = time.perf_counter(), time.thread_time()
        work()
        walls.append(1000 * (time.perf_counter() - wall))
        owns.append(1000 * (time.thread_time() - own))
    yield name, statistics.median(walls), "ms"
    yield f"{name}, the thread's own", statistics.median(owns), "ms"


def _learning(_app: Any) -> Iterator[Row]:
    """The whole window over a real trainer that tells of every step: its thread's own time."""
    from msgspec.structs import replace
    from PySide6.QtCore import QEventLoop, QTimer

    from desktop.core.places import Places
    from desktop.core.services import open_core
    from desktop.ui.main_window import MainWindow
    from desktop.view_models.session import Session
    from desktop.view_models.workshop.presets import preset
    from tests.bench._window_thread_probe import LoopWatch

    with tempfile.TemporaryDirectory(prefix="bench-workshop-") as folder:
        places = Places.of(Path(folder) / "data", Path(folder) / "models")
        core = open_core(places, others=())
        window = MainWindow()
        window.allow_close()
        window.resize(1120, 760)
        window.show()
        session = Session(core, window)
        window.attach(session)
        assert window.workspace is not None
        window.workspace.show_page("workshop")
        plan = preset("poet", "en", "Poet")
        told = replace(plan.settings, steps=STEPS, tell_every=1, sample_every=50, validate_every=50)
        small = replace(plan, layers=1, heads=2, width=48, context=64, settings=told)
        shop = session.workshop
        shop.plan.take(small)
        quiet = QEventLoop()  # as long as a person takes to read what is planned
        QTimer.singleShot(2000, quiet.quit)
        quiet.exec()
        watch, loop, check = LoopWatch(), QEventLoop(), QTimer(interval=100)

        def ended() -> None:
            run = shop.runs.current
            if run is not None and not run.running and run.step:
                loop.quit()

        check.timeout.connect(ended)
        check.start()
        QTimer.singleShot(round(1000 * WAIT_S), loop.quit)
        shop.begin()
        loop.exec()
        run = shop.runs.current
        if run is None or run.state != "finished":
            raise SystemExit("the run did not end")
        yield "a run of 300 steps, all told: the longest event", 1000 * watch.longest_own_s, "ms"
        window.close()
        core.close()
