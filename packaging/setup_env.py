"""The environment in .venv, step by step: what is done is noted, so that a second start finds it at once.

Which steps there are and what each depends on. Runs with any Python 3.11+ and the standard library.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import setup_system
from setup_console import Progress, duration, say
from setup_lock import alone
from setup_pip import TAIL_LINES, follow, ninja_share, quiet_environment, raise_for
from setup_words import SetupProblem, word
from starter_models import problem_of, size_words

PYTORCH_CPU = "https://download.pytorch.org/whl/cpu"
TORCH_INDEX_VARIABLE = "SOBREMESA_TORCH_INDEX"
PROBE_S = 4.0
NEEDED_BYTES = 6_000_000_000
LLAMA = "llama-cpp-python"
TOOLS = ("pip", "hatchling", "editables", "Babel", "scikit-build-core")
STAMP = "sobremesa-setup.json"


@dataclass(frozen=True)
class Step:
    """One thing to be done, and the digest of all that it depends on."""

    name: str
    key: str
    act: Callable[[], None]


def digest(parts: Iterable[bytes]) -> str:
    """One short digest for several contents, in their order."""
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "little") + part)
    return total.hexdigest()[:24]


def pinned(constraints: str, name: str) -> str:
    """The line of the constraints file for a package, such as `torch==2.13.0`."""
    found = re.search(rf"^{re.escape(name)}==\S+", constraints, re.MULTILINE)
    if found is None:
        raise ValueError(f"{name} is not pinned")
    return found[0]


def locked_entry(locks: Sequence[Path], name: str) -> str:
    """A package's entry in the lock files with its hashes; "": there is none."""
    for lock in locks:
        found = re.search(rf"^{re.escape(name)}==(?:.*\\\n)+.*\n", lock.read_text("utf-8"), re.MULTILINE)
        if found is not None:
            return found[0]
    return ""


def torch_index(open_url: Callable[..., Any] = urllib.request.urlopen) -> str | None:
    """The index with PyTorch's CPU builds where it is wanted and answers, else None.

    Only Linux needs it: elsewhere the registry's own wheels are for the CPU.
    """
    chosen = os.environ.get(TORCH_INDEX_VARIABLE)
    if chosen is None and sys.platform != "linux":
        return None
    index = (PYTORCH_CPU if chosen is None else chosen).rstrip("/")
    if not index:
        return None
    try:
        with contextlib.closing(open_url(f"{index}/torch/", timeout=PROBE_S)):
            return index
    except (OSError, ValueError):  # URLError and time-outs are OSErrors
        return None


def torch_command(requirement: str, index: str | None) -> list[str]:
    """Arguments of `pip install` and `pip download` that take the CPU build where the index has it.

    2.13.0+cpu counts as newer than 2.13.0 (PEP 440), so that pip prefers it to the registry's CUDA build.
    """
    return [requirement] if index is None else ["--extra-index-url", index, requirement]


class Environment:
    """The .venv of one checkout."""

    def __init__(self, root: Path, machine: setup_system.Machine | None = None) -> None:
        self.root = root
        self.folder = root / ".venv"
        self._machine = machine
        self._constraints = root / "packaging" / "constraints.txt"
        scripts = "Scripts" if os.name == "nt" else "bin"
        ending = ".exe" if os.name == "nt" else ""
        self.python = self.folder / scripts / f"python{ending}"
        self.program = self.folder / scripts / f"sobremesa{ending}"
        self.log = self.folder / "setup.log"

    # --- what is done -------------------------------------------------------------------------------------

    def steps(self, checks: bool) -> list[Step]:
        """All steps in their order; `checks` adds the tools of the checks. A few milliseconds."""
        constraints = self._constraints.read_bytes()
        project = (self.root / "pyproject.toml").read_bytes()
        pins = constraints.decode()
        catalogues = sorted(self.root.glob("desktop/locale/*/LC_MESSAGES/*.po"))
        compiler = self.root / "packaging" / "compile_catalogues.py"
        system = Path(setup_system.__file__).read_bytes()
        extras = "setup,fast,dev" if checks else "setup,fast"
        steps = [
            Step("system", digest([system, _system_version()]), self._system),
            Step("venv", self._venv_key(), self._venv),
            Step("tools", digest([constraints, " ".join(TOOLS).encode()]), self._tools),
            Step("llama", digest([pinned(pins, LLAMA).encode()]), self._llama),
            Step("torch", digest([pinned(pins, "torch").encode()]), self._torch),
            Step(
                "packages",
                digest([constraints, project, *(lock.read_bytes() for lock in self._locks(extras))]),
                lambda: self._packages(extras),
            ),
        ]
        if checks:
            steps.append(Step("checks", steps[-1].key, lambda: self._packages(extras)))
        inputs = [path.read_bytes() for path in (compiler, *catalogues)]
        steps.append(Step("catalogues", digest(inputs), self._catalogues))
        return steps

    def open_steps(self, checks: bool) -> list[Step]:
        """The steps that are still to be done."""
        done = self._done()
        steps = self.steps(checks)
        if not self.python.exists() or done.get("venv") != steps[1].key:
            done = {name: key for name, key in done.items() if name == "system"}
        still = [step for step in steps if done.get(step.name) != step.key]
        if any(step.name == "checks" for step in still):
            still = [step for step in still if step.name != "packages"]  # the same command with more
        return still

    def _done(self) -> dict[str, str]:
        try:
            return dict(json.loads((self.folder / STAMP).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return {}

    def _note(self, *names: str) -> None:
        # keys of now, not of before: the venv's is known only once it is there
        keys = {step.name: step.key for step in self.steps(checks=True)}
        content = self._done() | {name: keys[name] for name in names}
        fresh = self.folder / (STAMP + ".new")
        fresh.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        fresh.replace(self.folder / STAMP)

    def _venv_key(self) -> str:
        # an environment cannot be moved, nor outlive the Python that it was made with
        return f"{self.root}|{os.path.realpath(self.python)}"

    # --- doing it -----------------------------------------------------------------------------------------

    def set_up(self, checks: bool = False) -> bool:
        """Do what is still to be done; False when nothing was. Raises SetupProblem."""
        if not self.open_steps(checks):
            return False
        started = time.monotonic()
        try:
            with alone(self.root / "pyproject.toml", lambda: say(word("waiting"))):
                self._work_through(checks)
        except OSError as error:
            raise problem_of(error, self.root, NEEDED_BYTES) from error
        say(word("ready", elapsed=duration(time.monotonic() - started)))
        return True

    def _work_through(self, checks: bool) -> None:
        still = self.open_steps(checks)
        # asked before: a disk that fills up half way would take many minutes to say so
        if not self.python.exists() and shutil.disk_usage(self.root).free < NEEDED_BYTES:
            raise SetupProblem("disk_full", folder=self.root, needed=size_words(NEEDED_BYTES))
        noted: list[str] = []
        for step in still:
            step.act()
            noted.append(step.name)
            if step.name == "checks":
                noted.append("packages")
            if self.folder.is_dir():
                self._note(*noted)
        shutil.rmtree(self.folder / "tmp", ignore_errors=True)

    def _system(self) -> None:
        setup_system.require(self._machine)

    def _works(self) -> bool:
        """Whether what stands in .venv is an environment for a Python that is new enough."""
        if not self.python.exists():
            return False
        code = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
        machine = self._machine or setup_system.Machine()
        return machine.succeeds(str(self.python), "-c", code) and self._knows_its_place()

    def _knows_its_place(self) -> bool:
        # a copied or moved one: its scripts still start the old one's Python
        known = self._done().get("venv")
        return known is None or known.split("|")[0] == str(self.root)

    def _venv(self) -> None:
        if self._works():
            return
        if self.folder.exists():
            say(word("renewing_venv"))
            shutil.rmtree(self.folder)
        machine = self._machine or setup_system.Machine()
        with Progress(word("creating_venv")):
            code, output = machine.run([sys.executable, "-m", "venv", str(self.folder)])
        if code:
            say(output)
            raise SetupProblem("venv_failed", folder=self.folder)

    def _tools(self) -> None:
        # CMake and Ninja of the system do; where they are missing the registry has them
        more = [name for name in ("cmake", "ninja") if shutil.which(name) is None]
        self._install("tools", [*TOOLS, *more])

    def _llama(self) -> None:
        wanted = [pinned(self._constraints.read_text("utf-8"), LLAMA)]
        entry = locked_entry(self._locks("")[:1], LLAMA)
        if entry:  # only a file of requirements can say which hash a package must have
            file = self.folder / "llama.txt"
            file.write_text(entry, encoding="utf-8")
            wanted = ["--require-hashes", "--no-deps", "--requirement", str(file)]
        self._run(
            "llama", ["-m", "pip", "install", "--verbose", "--no-build-isolation", *wanted], ninja_share
        )

    def _torch(self) -> None:
        index = torch_index()
        if index is None and sys.platform == "linux":
            say(word("torch_index_unreachable"))
        requirement = pinned(self._constraints.read_text("utf-8"), "torch")
        self._install("torch", torch_command(requirement, index))

    def _packages(self, extras: str) -> None:
        expected = self._constraints.read_text("utf-8").count("==")
        locks = self._locks(extras)
        if locks:  # each file is taken only with the hash that it had when the tests passed
            files = [word for lock in locks for word in ("--requirement", str(lock))]
            hashed = ["-m", "pip", "install", "--require-hashes", "--no-deps", "--no-build-isolation"]
            self._run("packages", [*hashed, *files], collected(expected))
        self._install("packages", ["--no-build-isolation", "--editable", f".[{extras}]"], collected(expected))

    def _locks(self, extras: str) -> list[Path]:
        """The lock files that count, see pin_hashes.py; none in a checkout without them."""
        names = ("lock.txt", "lock-checks.txt") if "dev" in extras else ("lock.txt",)
        files = [self._constraints.with_name(name) for name in names]
        return files if all(file.exists() for file in files) else []

    def _catalogues(self) -> None:
        self._run("program", [str(self.root / "packaging" / "compile_catalogues.py")])

    def _install(
        self, words: str, arguments: Sequence[str], share_of: Callable[[str], float | None] | None = None
    ) -> None:
        constrained = ["--constraint", str(self._constraints)]
        self._run(words, ["-m", "pip", "install", *constrained, *arguments], share_of)

    def _run(
        self, words: str, arguments: Sequence[str], share_of: Callable[[str], float | None] | None = None
    ) -> None:
        shares: list[float] = []

        def on_line(line: str) -> None:
            share = share_of(line) if share_of else None
            if share is not None:
                shares.append(max(share, shares[-1] if shares else 0.0))  # never back

        with Progress(word(words)) as progress:
            code, lines = follow(
                [str(self.python), *arguments],
                log=self.log,
                on_line=on_line,
                on_tick=lambda: progress.show(shares[-1] if shares else None),
                environment=self._environment(),
                folder=self.root,
            )
        if code:
            say("\n".join(lines[-TAIL_LINES:]))
        known = {"folder": self.root, "needed": size_words(NEEDED_BYTES), "how": ""}
        raise_for(code, lines, SetupProblem("pip_failed", log=self.log), **known)

    def _environment(self) -> dict[str, str]:
        # the environment's own programs first: CMake and Ninja may be among them
        path = os.pathsep.join([str(self.python.parent), os.environ.get("PATH", "")])
        extra = {"PATH": path}
        if os.name != "nt":  # on Windows this would make paths too long for the compiler
            # /tmp is often memory, too small for a build
            temporary = self.folder / "tmp"
            temporary.mkdir(exist_ok=True)
            extra["TMPDIR"] = str(temporary)
        environment = quiet_environment(extra)
        environment.pop("PYTHONPATH", None)
        environment.pop("PYTHONHOME", None)
        return environment


def collected(expected: int) -> Callable[[str], float | None]:
    """How far an installation of about `expected` packages is, by the lines that pip prints."""
    seen: set[str] = set()

    def share(line: str) -> float | None:
        found = re.match(r"\s*(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line)
        if found:
            seen.add(found[1].lower())
        elif line.lstrip().startswith("Installing collected packages"):
            return 0.85
        return 0.8 * min(len(seen) / max(expected, 1), 1)

    return share


def _system_version() -> bytes:
    try:
        return Path("/etc/os-release").read_bytes()
    except OSError:
        return sys.platform.encode()
