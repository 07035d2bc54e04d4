"""The window of the real program: from the start of its process to the screen, and until it can be used."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

RUNS = 7


def rows() -> Iterator[tuple[str, float, str]]:
    """(name, value, unit); medians of several starts after one that is not counted, drawn off screen."""
    with tempfile.TemporaryDirectory() as folder:
        _start(Path(folder))
        times = [_start(Path(folder)) for _ in range(RUNS)]
    yield "start of the process to first paint, warm", statistics.median(t["painted_s"] for t in times), "s"
    yield "start of the process to chats in it, warm", statistics.median(t["usable_s"] for t in times), "s"


def _start(data: Path) -> dict[str, float]:
    """One start on this data folder, closed again."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench._window_probe", str(data)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=60,
    )
    times: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return times
