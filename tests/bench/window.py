"""The window of the real program: from the start of its process to the screen, and until it can be used."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RUNS = 7
THREAD_RUNS = 3
FRAMES = (("100 %", "100", "1"), ("text of 200 %", "200", "1"), ("pixels of 200 %", "100", "2"))
LONGEST = (
    ("opening a chat of 2,000 messages", "open_chat"),
    ("opening the settings", "panel_settings"),
    ("opening the models", "panel_models"),
    ("opening the documents", "panel_documents"),
    ("a reply streams and documents are indexed", "busy"),
)


def rows() -> Iterator[tuple[str, float, str]]:
    """(name, value, unit); medians of several starts after one that is not counted, drawn off screen."""
    with tempfile.TemporaryDirectory() as folder:
        _start(Path(folder))
        times = [_start(Path(folder)) for _ in range(RUNS)]
        yield (
            "start of the process to first paint, warm",
            statistics.median(t["painted_s"] for t in times),
            "s",
        )
        yield (
            "start of the process to chats in it, warm",
            statistics.median(t["usable_s"] for t in times),
            "s",
        )
    yield from _thread_rows()
    for part in ("lengths", "hurts", "frames"):
        with tempfile.TemporaryDirectory() as folder:
            found = _probe("_window_long_probe", Path(folder), part)
        for name, value in found.items():
            yield name, value, "ms"
        if part == "hurts":
            yield "hurtful texts, the longest event of all", max(found.values()), "ms"
    yield from _frame_rows()
    with tempfile.TemporaryDirectory() as folder:
        for name, value in _probe("_window_memory_probe", Path(folder)).items():
            yield name, value, "MB"


def _frame_rows() -> Iterator[tuple[str, float, str]]:
    """Each state that the gallery knows, painted whole: the costliest of the medians, and of all frames."""
    for said, percent, scale in FRAMES:
        scenes: dict[str, list[float]] = _probe("_window_frames_probe", Path(), percent, scale=scale)
        for place, what in enumerate(("median", "longest")):
            name = max(scenes, key=lambda scene: scenes[scene][place])
            yield f"painting {len(scenes)} views, {said}, {what}: {name}", scenes[name][place], "ms"


def _thread_rows() -> Iterator[tuple[str, float, str]]:
    """How long the window's thread did not come round, at the most of a run; medians of several runs.

    "work" is the thread's own; "all" includes its waiting for a processor and for Python's lock.
    """
    runs = []
    for _ in range(THREAD_RUNS):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(_probe("_window_thread_probe", Path(folder)))
    for label, name in LONGEST:
        for said, ending in (("work", "own_ms"), ("all", "ms")):
            value = statistics.median(run[f"{name}_{ending}"] for run in runs)
            yield f"longest event, {label}, {said}", value, "ms"


def _start(data: Path) -> dict[str, float]:
    """One start on this data folder, closed again."""
    return _probe("_window_probe", data)


def _probe(name: str, data: Path, *more: str, scale: str = "1") -> dict[str, Any]:
    """What a probe beside this file prints last, run in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{name}", str(data), repr(time.time()), *more],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=2400,
    )
    times: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return times
