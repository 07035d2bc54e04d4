"""llama.cpp's own loop in C++, compiled here against the very library that the engine uses."""

import importlib.util
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.runtime import allowed_cores

SOURCE = Path(__file__).with_name("loop.cpp")
CACHE = Path("build/bench")
COMPILE_LIMIT_S = 180


class CannotCompile(Exception):
    """No compiler, no headers, or an error of theirs; says which."""


class NativeLoop:
    """One process of the compiled loop with a model loaded. A context manager."""

    def __init__(
        self, model: Path, threads: int, context_tokens: int, environment: Mapping[str, str]
    ) -> None:
        """Raises CannotCompile."""
        command = [str(compiled()), str(model), str(threads), str(context_tokens)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(environment)
        )
        assert self._answer() == "ready", "the C++ loop does not start"

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()

    def read(self, tokens: Sequence[int]) -> float:
        """Seconds that a prompt takes."""
        return self._timed(f"prompt {len(tokens)} {' '.join(map(str, tokens))}")

    def write(self, kind: str, tokens: int) -> float:
        """Seconds that so many tokens after the prompt take."""
        return self._timed(f"write {kind} {tokens}")

    def _timed(self, command: str) -> float:
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return float(self._answer())

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def compiled() -> Path:
    """The loop's program, compiled if need be."""
    compiler = shutil.which("g++") or shutil.which("c++") or shutil.which("clang++")
    spec = importlib.util.find_spec("llama_cpp")  # finds and does not import
    if compiler is None:
        raise CannotCompile("no C++ compiler")
    if spec is None or spec.origin is None:
        raise CannotCompile("no llama_cpp")
    package = Path(spec.origin).parent
    headers, library = package.parent / "include", package / "lib"
    if not (headers / "llama.h").exists():
        raise CannotCompile(f"no llama.h in {headers}")
    CACHE.mkdir(parents=True, exist_ok=True)
    program = (CACHE / "loop").absolute()
    newest = max(SOURCE.stat().st_mtime, (library / "libllama.so").stat().st_mtime)
    if program.exists() and program.stat().st_mtime > newest:
        return program
    command = [compiler, "-O2", "-std=c++17", str(SOURCE), "-o", str(program), f"-I{headers}", f"-L{library}"]
    command += ["-lllama", "-lggml", "-lggml-base", f"-Wl,-rpath,{library}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=COMPILE_LIMIT_S, check=False)
    if done.returncode:
        raise CannotCompile(done.stderr[-800:])
    return program


def cores() -> int:
    return len(allowed_cores())
