"""How much memory the system lets this process have: control groups (v1 and v2) and the address space.

Reads small files and asks the system; changes nothing. A machine without any of these has no limits here.
Sources: the kernel's admin-guide/cgroup-v2 and cgroup-v1/memory, setrlimit(2).
"""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil

MIB = 1 << 20
# of the address space: what a worker maps beside a model (libraries, stacks of threads, reserved buffers)
ADDRESSES_BYTES = 1024 * MIB
# v1 writes "no limit" as the largest number of pages
NO_LIMIT_BYTES = 1 << 60
_GIVEN_BACK = ("inactive_file", "active_file")  # what the system keeps of files goes when memory is wanted


class Limit(NamedTuple):
    """What may be had at most, and how much of it is left."""

    total_bytes: int
    free_bytes: int


def limits(root: Path = Path("/")) -> list[Limit]:
    """All limits that hold for this process. `root`: where the files of the system lie."""
    found = [*_groups(root)] if sys.platform == "linux" else []
    addresses = _address_space()
    return [*found, addresses] if addresses is not None else found


def oom_kills(root: Path = Path("/")) -> int:
    """How many processes the system has ended so far because memory had run out; 0 where it does not tell."""
    for line in _text(root / "proc/vmstat").splitlines():
        name, _, count = line.partition(" ")
        if name == "oom_kill":
            return _number(count) or 0
    return 0


def _groups(root: Path) -> Iterator[Limit]:
    """A limit for every control group that this process is in, up to the outermost one that is seen."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        number, _, rest = line.partition(":")
        kinds, _, path = rest.partition(":")
        if number == "0" and not kinds:
            for folder in _upwards(root / "sys/fs/cgroup", path):
                yield from _limit(folder, ("memory.max", "memory.high"), "memory.current", "")
        elif "memory" in kinds.split(","):
            for folder in _upwards(root / "sys/fs/cgroup/memory", path):
                yield from _limit(folder, ("memory.limit_in_bytes",), "memory.usage_in_bytes", "total_")


def _upwards(mounted: Path, path: str) -> Iterator[Path]:
    """The group's folder and those above it. What a container names may lie outside of what it sees."""
    folder = mounted / path.lstrip("/")
    while folder != mounted and folder.is_relative_to(mounted) and ".." not in folder.parts:
        yield folder
        folder = folder.parent
    yield mounted


def _limit(folder: Path, names: tuple[str, ...], used: str, prefix: str) -> Iterator[Limit]:
    sizes = [size for name in names if (size := _number(_text(folder / name))) is not None]
    total_bytes, used_bytes = min(sizes, default=NO_LIMIT_BYTES), _number(_text(folder / used))
    if total_bytes >= NO_LIMIT_BYTES or used_bytes is None:
        return
    facts = dict(line.split(None, 1) for line in _text(folder / "memory.stat").splitlines() if " " in line)
    given_back = sum(_number(facts.get(prefix + name, "")) or 0 for name in _GIVEN_BACK)
    yield Limit(total_bytes, max(0, total_bytes - max(0, used_bytes - given_back)))


def _address_space() -> Limit | None:
    if sys.platform == "win32":
        return None
    import resource

    soft_bytes, _hard = resource.getrlimit(resource.RLIMIT_AS)
    if soft_bytes == resource.RLIM_INFINITY or soft_bytes >= NO_LIMIT_BYTES:
        return None
    mapped_bytes = psutil.Process().memory_info().vms
    return Limit(soft_bytes, max(0, soft_bytes - mapped_bytes - ADDRESSES_BYTES))


def _number(text: str) -> int | None:
    """None for "max" and for what is no number."""
    with contextlib.suppress(ValueError):
        return max(0, int(text))
    return None


def _text(file: Path) -> str:
    """What a small file says; "" where it cannot be read."""
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""
