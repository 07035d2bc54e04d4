"""What a process writes down of its errors: where they happened and their names, never what they say.

The message of an exception may hold anything: a question, a title, a line of a document. Native code writes
its own lines beside these.
"""

import logging
import sys
import threading
import traceback
from types import TracebackType


def told(error: BaseException) -> str:
    """The frames of an error and of those that led to it, with their names alone."""
    lines: list[str] = []
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        frames = [
            f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
            for frame in traceback.extract_tb(cause.__traceback__)
        ]
        kind = type(cause)
        lines = [
            "Traceback (most recent call last):",
            *frames,
            f"{kind.__module__}.{kind.__qualname__}",
            *lines,
        ]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\n".join(lines)


class QuietFormatter(logging.Formatter):
    """Log lines as they are, exceptions as `told`."""

    def format(self, record: logging.LogRecord) -> str:
        """Another formatter may have left its own words of the exception in the record."""
        kept, record.exc_text = record.exc_text, None
        try:
            return super().format(record)
        finally:
            record.exc_text = kept

    def formatException(  # noqa: N802  its parent's name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        return told(ei[1]) if ei[1] is not None else ""


def log_to_stderr(level: int) -> None:
    """For a worker, whose stderr is its log file: log there, and end there when nobody caught an error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(QuietFormatter("%(levelname)s:%(name)s:%(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    sys.excepthook = lambda _kind, error, _trace: _write(error)
    threading.excepthook = lambda hook: _write(hook.exc_value) if hook.exc_value is not None else None


def _write(error: BaseException) -> None:
    sys.stderr.write(told(error) + "\n")
    sys.stderr.flush()
