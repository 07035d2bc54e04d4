"""Formulas of an export as SVG, set by a process such as the window has. Waits: never on its thread."""

import contextlib
import html
import queue
import subprocess
import threading
from typing import IO, Final

import msgspec

from desktop.core.workers.formulas import EM, Outlines, SetFormula, command, settable

START_S: Final = 20.0
LIMIT_S: Final = 3.0
MOST_DEATHS: Final = 5


class FormulaPictures:
    """`svg` gives a formula's picture, or "" where it cannot be set. Close it in the end."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bool], str] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[bytes] = queue.Queue()
        self._deaths = 0
        self._number = 0

    def svg(self, source: str, *, display: bool, colour: str = "currentColor") -> str:
        key = (source, display)
        if key not in self._known:
            self._known[key] = self._drawn(source, display=display, colour=colour)
        return self._known[key]

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    if stream is not None:
                        stream.close()

    def _drawn(self, source: str, *, display: bool, colour: str) -> str:
        if not settable(source) or self._deaths >= MOST_DEATHS:
            return ""
        made = self._asked(source, display=display)
        if made is None or not (made.fills or made.strokes):
            return ""
        width, height = max(made.width, 1.0), max(made.ascent + made.descent, 1.0)
        fills = "".join(f'<path d="{html.escape(path)}"/>' for path in made.fills)
        strokes = "".join(
            f'<path d="{html.escape(path)}" fill="none" stroke="{colour}" stroke-width="{wide:g}"/>'
            for path, wide in made.strokes
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" class="formula" '
            f'style="vertical-align:{-made.descent / EM:.3f}em" width="{width / EM:.3f}em" '
            f'height="{height / EM:.3f}em" viewBox="0 {-made.ascent:.2f} {width:.2f} {height:.2f}" '
            f'fill="{colour}"><title>{html.escape(source)}</title>{fills}{strokes}</svg>'
        )

    def _asked(self, source: str, *, display: bool) -> Outlines | None:
        started = self._process is None
        process = self._running()
        self._number += 1
        asked = SetFormula(self._number, source, display)
        try:
            assert process.stdin is not None  # noqa: S101  it was opened as a pipe
            process.stdin.write(msgspec.json.encode(asked) + b"\n")
            process.stdin.flush()
            line = self._answers.get(timeout=START_S if started else LIMIT_S)
            return msgspec.json.decode(line, type=Outlines)
        except (OSError, queue.Empty, msgspec.DecodeError):
            self._deaths += 1
            self.close()
            return None

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            self._process = subprocess.Popen(
                command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            self._answers = queue.Queue()
            threading.Thread(
                target=_read, args=(self._process.stdout, self._answers), name="formulas-out", daemon=True
            ).start()
        return self._process


def _read(stream: "IO[bytes] | None", answers: "queue.Queue[bytes]") -> None:
    with contextlib.suppress(OSError, ValueError):
        for line in stream or ():
            answers.put(line)
