"""Run the real window on the real core, its engine's worker without a model, and print, as JSON, what its
process holds after so many turns of one chat.

A process of its own for `tests.bench.window`: resident megabytes after 100 turns, which is warm, and after
every tenth of the rest; megabytes of Python's own objects beside them where tracing is asked for.
"""

import json
import os
import sys
from pathlib import Path

import psutil
from PySide6.QtWidgets import QApplication

from desktop.view_models.session import Session
from tests.bench._window_thread_probe import RICH, wait, wait_for
from tests.fakes.house import FakeLaunches, places_in

TURNS = 1_000
WARM = 100


def turn(session: Session, number: int) -> None:
    """Ask, and wait for the echo, which is a reply of everything that replies are made of."""
    talk = session.conversation
    before = len(talk.turns)
    talk.send(RICH.replace("number", str(number)))
    wait_for(lambda: len(talk.turns) > before + 1 and talk.turns[-1].state != "streaming")
    wait_for(lambda: not talk.running)
    assert len(talk.turns) == before + 2, (len(talk.turns), before)
    assert talk.turns[-1].state == "complete", talk.turns[-1]


def main() -> int:
    import desktop.core.services as services
    from desktop.app import Program
    from desktop.garbage import WindowCollector
    from desktop.process_edges import return_memory
    from desktop.ui.main_window import MainWindow
    from desktop.ui.manner import dress, speak

    return_memory()
    app = QApplication(["sobremesa"])
    WindowCollector(app)
    speak(app, "en")
    dress(app, "light")
    services.Launches = FakeLaunches  # type: ignore[misc]  # the core makes them itself here
    window = MainWindow()
    program = Program(app, window, places_in(Path(sys.argv[1])))
    window.show()
    program.open()
    wait_for(lambda: window.workspace is not None and window.session is not None)
    session = window.session
    assert session is not None
    wait_for(lambda: bool(session.models.models))
    turns = int(sys.argv[3]) if len(sys.argv) > 3 else TURNS
    held: dict[str, float] = {}
    process = psutil.Process()
    for number in range(1, turns + 1):
        turn(session, number)
        if number == WARM or number % (turns // 10) == 0:
            wait(0.5)
            held[f"resident after {number} turns"] = process.memory_info().rss / 1e6
            print(number, f"{process.memory_info().rss / 1e6:8.1f}", file=sys.stderr, flush=True)
    print(json.dumps(held), flush=True)
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
