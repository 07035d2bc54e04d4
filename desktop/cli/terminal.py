"""Writing to a terminal or a pipe: streamed text, and progress that leaves no trace. Has no words."""

import shutil
import sys
import threading
from collections.abc import Callable
from typing import TextIO

from desktop.cli.streams import give_up_stdout, printable

# https://www.ecma-international.org/publications-and-standards/standards/ecma-48/: faint, and none of it
DIM, PLAIN = "\x1b[2m", "\x1b[0m"


class Terminal:
    """stdout for results, stderr for progress; may be called from any thread.

    Progress shows only where stderr is a terminal. When stdout is closed (`| head`), `closed` is called
    once and whatever follows is dropped.
    """

    def __init__(
        self,
        out: TextIO | None = None,
        err: TextIO | None = None,
        closed: Callable[[], None] = lambda: None,
    ) -> None:
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._shows_progress = self._err.isatty()
        self._on_closed = closed
        self._lock = threading.Lock()
        self._progress = ""
        self._aside = "\n"  # how the last aside ended
        self._last = "\n"
        self.broken = False

    def write(self, text: str) -> None:
        """A piece of the result, at once."""
        if text:
            with self._lock:
                self._clear()
                self._put(text)

    def line(self, text: str = "") -> None:
        """A line of the result, on a line of its own."""
        with self._lock:
            self._clear()
            start = "" if self._last == "\n" else "\n"
            self._put(f"{start}{text}\n")

    def end_line(self) -> None:
        """Have what follows begin on a line of its own."""
        with self._lock:
            self._clear()
            if self._last != "\n":
                self._put("\n")

    def note(self, text: str) -> None:
        """A line beside the result."""
        with self._lock:
            self._clear()
            self._err.write(f"{printable(text)}\n")
            self._err.flush()

    def aside(self, text: str) -> None:
        """What goes beside the result as it comes, muted where a person watches and left out elsewhere."""
        if not self._shows_progress:
            return
        with self._lock:
            self._clear_progress()
            self._err.write(f"{DIM}{printable(text)}{PLAIN}")
            self._err.flush()
            self._aside = text[-1:] or self._aside

    def progress(self, text: str) -> None:
        """What is going on, in place of what was said before."""
        if not self._shows_progress:
            return
        text = printable(text)
        with self._lock:
            width = shutil.get_terminal_size().columns - 1
            shown = text if len(text) <= width else text[: width - 1] + "…"
            if shown != self._progress:
                self._clear()
                self._err.write(shown)
                self._err.flush()
                self._progress = shown

    def done(self) -> None:
        """Take the progress away."""
        with self._lock:
            self._clear()

    def _clear(self) -> None:
        self._clear_progress()
        if self._aside != "\n":
            self._aside = "\n"
            self._err.write("\n")
            self._err.flush()

    def _clear_progress(self) -> None:
        if self._progress:
            self._err.write("\r" + " " * len(self._progress) + "\r")
            self._err.flush()
            self._progress = ""

    def _put(self, text: str) -> None:
        if self.broken:
            return
        try:
            self._out.write(printable(text))
            self._out.flush()
        except (OSError, ValueError) as error:
            self.broken = True
            if self._out is sys.stdout:
                give_up_stdout(error)
            self._on_closed()
        self._last = text[-1:]
