"""The process's own input and outputs: made fit for use at the start, and given up when they fail."""

import contextlib
import errno
import io
import os
import sys

from desktop.core.errors import NotText
from desktop.i18n import _

# what a file's name or a model's text must not do to a terminal: move its cursor, rename its window
_UNPRINTABLE = {number: None for number in (*range(32), *range(127, 160)) if chr(number) not in "\n\t"}


def prepare() -> None:
    """Have all three streams, and have them say "?" rather than fail at a character they do not know."""
    # in this order: the system gives out the lowest free number, and native code writes to 1 and 2
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 (open until the process ends)
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(ValueError):  # closed already
                stream.reconfigure(errors="replace")


def piped_text() -> str:
    """All of stdin. Raises NotText: a model would only babble about a picture's bytes."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="strict")
    try:
        return sys.stdin.read().strip()
    except UnicodeDecodeError as error:
        raise NotText(str(error)) from error


def printable(text: str) -> str:
    """Text for a person, without the characters that steer a terminal."""
    return text.translate(_UNPRINTABLE)


def give_up_stdout(error: OSError | ValueError) -> None:
    """Drop what is still to be written there, and say why unless its reader just went away (`| head`)."""
    if getattr(error, "errno", None) not in (errno.EPIPE, None):
        reason = _("The output could not be written: {reason}").format(reason=os.strerror(error.errno))  # type: ignore[union-attr, arg-type]
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"{reason}\n")
    with contextlib.suppress(OSError, ValueError):
        # Python flushes once more at its end, and would complain there
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
