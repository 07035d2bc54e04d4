"""Show how far a long step is: one line that changes on a terminal, a line now and then elsewhere.

Knows no step and decides nothing. Standard library only.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from typing import Self, TextIO

LINE_EVERY_S = 20.0
REDRAW_EVERY_S = 0.1
BAR = 24


def duration(seconds: float) -> str:
    """ "47 s", "3 min 05 s"."""
    whole = int(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"


class Progress:
    """A step with a title. `share` is 0 to 1, or None while nobody knows. Use it as a context manager."""

    def __init__(
        self,
        title: str,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
        line_every_s: float = LINE_EVERY_S,
    ) -> None:
        self._title = title
        self._stream = stream if stream is not None else sys.stderr
        self._clock = clock
        self._terminal = self._stream.isatty()
        self._line_every_s = line_every_s
        self._started = self._last = clock()
        self._share: float | None = None

    def __enter__(self) -> Self:
        if self._terminal:
            self._draw()
        else:
            self._line(self._title)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        elapsed = duration(self._clock() - self._started)
        mark = "✓" if kind is None else "✗"
        if self._terminal:
            self._stream.write(f"\r\x1b[K{mark} {self._title} ({elapsed})\n")
            self._stream.flush()
        elif kind is None and self._clock() - self._started >= 1:
            self._line(f"  {mark} {elapsed}")

    def show(self, share: float | None = None) -> None:
        """Tell how far it is; calling it often is fine."""
        if share is not None:
            self._share = min(max(share, 0.0), 1.0)
        now = self._clock()
        if self._terminal and now - self._last >= REDRAW_EVERY_S:
            self._last = now
            self._draw()
        elif not self._terminal and now - self._last >= self._line_every_s:
            self._last = now
            self._line(f"  {self._state()}")

    def _state(self) -> str:
        elapsed = duration(self._clock() - self._started)
        return elapsed if self._share is None else f"{self._share:4.0%}  {elapsed}"

    def _draw(self) -> None:
        bar = ""
        if self._share is not None:
            full = round(self._share * BAR)
            bar = f" {'━' * full}{'╌' * (BAR - full)}"
        text = f"  {self._title}{bar} {self._state()}"
        self._stream.write("\r\x1b[K" + text[: shutil.get_terminal_size().columns - 1])
        self._stream.flush()

    def _line(self, text: str) -> None:
        self._stream.write(text + "\n")
        self._stream.flush()


def say(text: str) -> None:
    """One line for the person, on stderr like all progress."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
