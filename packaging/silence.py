"""Prove that a command connects to nothing: it runs without any network, and every attempt is counted.

    python packaging/silence.py                      the whole end-to-end suite, loopback servers aside
    python packaging/silence.py -- COMMAND...        anything else, such as the packaged program

The command runs in a network namespace of its own, which has no routes, under a trace of its system calls.
An attempt is whatever names an address that is no Unix socket, in any process that the command starts. Linux
alone, with unshare and strace. Exit codes: 0 silent, 1 it tried to connect, 2 it could not be looked at, else
the command's own.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SUITE = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not loopback", "tests/e2e")
# what can name an address: a datagram needs no connect
TRACED = ("connect", "sendto", "sendmsg", "sendmmsg")
# netlink asks the kernel which interfaces there are; unspec takes an address back
LOCAL = frozenset({"AF_UNIX", "AF_NETLINK", "AF_UNSPEC"})
NOT_SILENT, NOT_LOOKED_AT = 1, 2
MOST_SHOWN = 20

_CALL = re.compile(r"^(?:(\d+)\s+)?(?:\[pid\s+(\d+)\]\s+)?(\w+)\((.*)$")
_FAMILY = re.compile(r"sa_family=(AF_\w+|0x[0-9a-f]+)")
_ADDRESS = re.compile(r'(?:inet_addr|inet_pton)\((?:AF_INET6, )?"([^"]*)"')
_PORT = re.compile(r"sin6?_port=htons\((\d+)\)")


class Named(NamedTuple):
    """An address in a system call."""

    process: int
    call: str
    family: str
    address: str


def named_addresses(lines: Iterable[str]) -> Iterator[Named]:
    """Every address that a trace names, Unix sockets too. A call that is cut in two names it in the first."""
    for line in lines:
        found = _CALL.match(line)
        if found is None or found[3] not in TRACED:
            continue
        process = int(found[1] or found[2] or 0)
        for family in _FAMILY.findall(found[4]):
            host, port = _ADDRESS.search(found[4]), _PORT.search(found[4])
            shown = ":".join(part[1] for part in (host, port) if part is not None)
            yield Named(process, found[3], family, shown)


def attempts(lines: Iterable[str]) -> list[Named]:
    """Those that would leave this machine, or reach a server on it."""
    return [named for named in named_addresses(lines) if named.family not in LOCAL]


def traced(command: Sequence[str], trace: Path) -> list[str]:
    """The command without a network and with its calls written to `trace`."""
    calls = ",".join(TRACED)
    options = ["-f", "--seccomp-bpf", "-qq", "-s", "0", "-e", f"trace={calls}", "-e", "signal=none"]
    return ["unshare", "--map-root-user", "--net", "strace", *options, "-o", str(trace), *command]


def can_look() -> str:
    """Why this machine cannot do it; "": it can."""
    if not sys.platform.startswith("linux"):
        return "This check runs on Linux alone."
    missing = [name for name in ("unshare", "strace") if shutil.which(name) is None]
    if missing:
        return f"Not installed: {', '.join(missing)}. On Debian: sudo apt install strace util-linux"
    probe = subprocess.run(
        ["unshare", "--map-root-user", "--net", "true"], capture_output=True, text=True, check=False
    )
    if probe.returncode:
        return f"The system allows no network namespace: {probe.stderr.strip()}"
    return ""


def look(command: Sequence[str], trace: Path | None = None) -> tuple[int, list[Named], int]:
    """Run it to its end: its exit code, what it tried to reach, and how many Unix sockets it connected to."""
    with tempfile.TemporaryDirectory() as folder:
        file = trace or Path(folder) / "trace"
        code = subprocess.run(traced(command, file), cwd=ROOT, check=False).returncode
        with file.open(encoding="utf-8", errors="replace") as lines:
            named = list(named_addresses(lines))
    outside = [one for one in named if one.family not in LOCAL]
    return code, outside, sum(1 for one in named if one.family == "AF_UNIX")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="silence.py", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--trace", type=Path, help="keep the trace of the calls here")
    parser.add_argument("command", nargs="*", help="what is run; the end-to-end suite if not given")
    chosen = parser.parse_args(arguments)
    if why := can_look():
        print(why, file=sys.stderr)
        return NOT_LOOKED_AT
    # the suite's models lie where they lie: only the network is taken away
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    command = chosen.command or [sys.executable, *SUITE]
    code, outside, unix = look(command, chosen.trace)
    print(f"exit code {code}; {unix} connections to Unix sockets, {len(outside)} attempts elsewhere")
    for (call, family, address), count in Counter(one[1:] for one in outside).most_common(MOST_SHOWN):
        print(f"  {count} times {call} {family} {address}")
    if outside:
        return NOT_SILENT
    return code


if __name__ == "__main__":
    sys.exit(main())
