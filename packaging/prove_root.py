"""A bare Debian system in a folder, and commands run in it without a network. Knows nothing of the program.

Needs root, debootstrap, util-linux and strace on this machine; the system in the folder gets none of them.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import package_apt

USER, USER_ID = "ana", 1000
HOME = f"/home/{USER}"
FOREIGN = ("python3", "python", "gcc", "cc", "c++", "make", "pip", "pip3", "conda")
SOCKETS, SHARED = "/tmp/.X11-unix", "/dev/shm"  # noqa: S108 - of every system
CALLS = "trace=connect,sendto,sendmsg,sendmmsg,bind,socket,execve"


class RootFailed(Exception):
    """What went wrong in the bare system, with the command's own words."""


class Root:
    """One system: made, filled, used, removed."""

    def __init__(self, folder: Path, display: str, trace: Path) -> None:
        self.folder = folder
        self.display = display
        self.trace = trace
        self._traces = 0

    # ── making it ──

    def make(self, base: Path, of: str) -> None:
        """A fresh copy of the smallest system of that suite, which is made once at `base`."""
        if not (base / "usr/bin/dpkg").exists():
            place, _keys = package_apt.archive()
            shutil.rmtree(base, ignore_errors=True)
            _run(["debootstrap", "--variant=minbase", of, str(base), place])
            (base / "etc/apt/sources.list").write_text(f"deb {place} {of} main\n", "utf-8")
        self.remove()
        _run(["cp", "-a", "--reflink=auto", str(base), str(self.folder)])
        for name in ("resolv.conf", "hosts"):
            shutil.copyfile(f"/etc/{name}", self.folder / "etc" / name)
        for file in Path("/etc/apt/apt.conf.d").glob("*proxy*"):
            shutil.copyfile(file, self.folder / "etc/apt/apt.conf.d" / file.name)
        certificates = self.folder / "etc/ssl/certs/ca-certificates.crt"
        if not certificates.exists():
            certificates.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile("/etc/ssl/certs/ca-certificates.crt", certificates)
        self.inside("useradd", "--create-home", "--uid", str(USER_ID), USER)

    def remove(self) -> None:
        """Take the folder away. Nothing of this machine is mounted in it: that lives in namespaces only."""
        mounts = Path("/proc/self/mounts").read_text("utf-8")
        if any(line.split()[1].startswith(f"{self.folder}/") for line in mounts.splitlines()):
            raise RootFailed(f"Something is still mounted below {self.folder}.")
        shutil.rmtree(self.folder, ignore_errors=True)

    def install(self, packages: Sequence[Path]) -> str:
        """Install package files and all that they depend on, with the network. Gives what apt said."""
        self.inside("apt-get", "update", "-q")
        places = []
        for package in packages:
            shutil.copyfile(package, self.folder / "tmp" / package.name)
            places.append(f"/tmp/{package.name}")  # noqa: S108 - inside the bare system
        told = self.inside("apt-get", "install", "-y", "-q", "--no-install-recommends", *places)
        for package in packages:
            (self.folder / "tmp" / package.name).unlink()
        return told

    def foreign(self) -> list[str]:
        """Which interpreters and compilers the system has: there should be none."""
        found = []
        for name in FOREIGN:
            places = [self.folder / place / name for place in ("usr/bin", "usr/local/bin", "bin")]
            found += [name for place in places if place.exists() or place.is_symlink()]
        return sorted(set(found))

    def inside(self, *command: str) -> str:
        """Run a command of the system as its root, with this machine's network."""
        quiet = ["DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "HOME=/root"]
        path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin"
        return _run(["chroot", str(self.folder), "/usr/bin/env", "-i", path, *quiet, *command])

    # ── using it ──

    def start(
        self, command: Sequence[str], variables: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a command as the user, without a network, under a trace of its calls for it."""
        self._traces += 1
        self.trace.mkdir(parents=True, exist_ok=True)
        out = self.trace / f"{self._traces:03}.trace"
        traced = ["strace", "-f", "-qq", "--seccomp-bpf", "-s", "160", "-e", CALLS, "-o", str(out)]
        log = (self.trace / f"{self._traces:03}.log").open("wb")
        try:
            return subprocess.Popen(
                [*traced, *self.isolated(command, variables or {})],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # what is ended early is ended with all that it started
            )
        finally:
            log.close()

    def use(self, *command: str, limit_s: float = 300, variables: Mapping[str, str] | None = None) -> str:
        """Run a command as the user, without a network, under the trace; gives what it printed."""
        process = self.start(command, variables)
        log = self.trace / f"{self._traces:03}.log"
        try:
            code = process.wait(limit_s)
        except subprocess.TimeoutExpired as error:
            end(process)
            raise RootFailed(f"{shlex.join(command)} took more than {limit_s:.0f} s") from error
        told = log.read_text("utf-8", "replace")
        if code:
            raise RootFailed(f"{shlex.join(command)} ended with {code}: {told}")
        return told

    def isolated(self, command: Sequence[str], variables: Mapping[str, str]) -> list[str]:
        """The command in namespaces of its own: no network but a loopback that is down, its own processes."""
        root = shlex.quote(str(self.folder))
        words = [
            f"HOME={HOME}",
            f"USER={USER}",
            "PATH=/usr/bin:/bin",
            "LANG=C.UTF-8",
            f"DISPLAY={self.display}",
            *(f"{name}={value}" for name, value in variables.items()),
        ]
        script = (
            f"mount -t proc proc {root}/proc && mkdir -p {root}{SOCKETS}"
            f" && mount --bind {SOCKETS} {root}{SOCKETS}"
            f" && mount -t tmpfs -o mode=1777 tmpfs {root}{SHARED}"
            f" && cd {root} && exec chroot --userspec={USER_ID}:{USER_ID} {root}"
            f" /usr/bin/env -i {shlex.join([*words, *command])}"
        )
        return ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script]


def end(process: subprocess.Popen[bytes]) -> None:
    """End a traced command with everything in its namespaces."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, errors="replace"
    )
    if done.returncode:
        raise RootFailed(
            f"{shlex.join(command)} ended with {done.returncode}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    return done.stdout
