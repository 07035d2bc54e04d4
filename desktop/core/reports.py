"""What may leave this computer of a crash, by the hand of the person alone: no text of theirs, no folder.

Paths become file names, messages of exceptions become the exception's name. Sends nothing.
"""

import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from desktop.core.types import Problem

MOST_LINES = 80
PARTS = ("sobremesa", "llama-cpp-python", "PySide6-Essentials", "msgspec")

# quoted paths first: they may hold spaces
_QUOTED = re.compile(r"""(["'])(?:[A-Za-z]:)?[\\/][^"'\n]*?([^\\/"'\n]*)\1""")
_POSIX = re.compile(r"(?<![\w.~-])~?/(?:[^\s/:,;()\"']+/)+([^\s/:,;()\"']*)")
_WINDOWS = re.compile(r"\b[A-Za-z]:[\\/](?:[^\\/\s:,;()\"']+[\\/])*([^\\/\s:,;()\"']*)")
_FRAME = re.compile(r'^\s+File "')
_RAISED = re.compile(r"^((?:[A-Za-z_]\w*\.)*[A-Z]\w*)(?::.*)?$")
_SAID = ("Traceback (most recent call last):", "During handling of", "The above exception was")


def without_folders(text: str) -> str:
    """`text` with every path cut to its last part."""
    text = _QUOTED.sub(r"\1\2\1", text)
    text = _WINDOWS.sub(r"\1", text)
    return _POSIX.sub(r"\1", text)


def without_messages(trace: str, *, keep_lines: bool = False) -> str:
    """A Python traceback with its frames and the names of its exceptions, and nothing that was said.

    An exception's message may hold anything: a title, a question, a path. Lines of source are left out too:
    file and number say which they are. `keep_lines`: of a log, whose own lines stay.
    """
    return "\n".join(_log_lines(trace.splitlines()) if keep_lines else _told(trace.splitlines()))


def _log_lines(lines: list[str]) -> Iterator[str]:
    """Lines of a log as they are, and its tracebacks without what was said in them."""
    inside = False  # a traceback, up to the line that names its exception
    for line in lines:
        if line.startswith(_SAID):
            inside = True
        if not inside:
            yield line
            continue
        yield from _told([line])
        raised = _RAISED.match(line)
        inside = raised is None or not line.strip()


def _told(lines: list[str]) -> Iterator[str]:
    for line in lines:
        raised = _RAISED.match(line)
        if _FRAME.match(line):
            yield without_folders(line)
        elif line.startswith(_SAID):
            yield line
        elif raised is not None:
            yield raised.group(1)


def report(problem: Problem) -> str:
    """What happened, for whoever looks into it: which program on which system, and how it ended."""
    native = problem.code != "unexpected"
    detail = without_folders(problem.detail) if native else without_messages(problem.detail)
    numbers = [
        f"{name}: {value}" for name, value in problem.params.items() if name in ("how", "worker", "reason")
    ]
    lines = [problem.code, *numbers, *system_lines(), "", *detail.splitlines()[-MOST_LINES:]]
    return "\n".join(lines).strip() + "\n"


def system_lines() -> Iterator[str]:
    """Which program with which parts on which system."""
    for part in PARTS:
        try:
            yield f"{part} {version(part)}"
        except PackageNotFoundError:
            continue
    yield f"Python {sys.version.split()[0]}"
    yield f"{platform.system()} {platform.release()} {platform.machine()}"
