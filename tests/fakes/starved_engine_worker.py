"""The real engine's process, that from a moment on gets no more memory: `python -m ... --channel N`.

`SOBREMESA_STARVE_AT` names the moment: "load" (between a model and its window), "prompt" (before it is turned
into tokens), "loop" (while a reply is written). Only where a file of the name in `SOBREMESA_STARVE_IF` is,
so that the next process can have enough.
"""

import contextlib
import os
import resource
import sys
from pathlib import Path
from typing import Any

from engine.worker import run, runtime_version, settle_openmp

MODULE = "tests.fakes.starved_engine_worker"
LEFT_BYTES = 1 << 16


def _starved() -> object:
    from engine.llama import Context, Model
    from engine.session import LlamaRuntime

    owner, name = {"load": (Context, "__init__"), "prompt": (Model, "tokenize"), "loop": (Context, "sample")}[
        os.environ["SOBREMESA_STARVE_AT"]
    ]
    method = getattr(owner, name)
    eaten: list[bytearray] = []

    def hungry(*arguments: Any, **named: Any) -> Any:
        if Path(os.environ["SOBREMESA_STARVE_IF"]).exists():
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            limit = pages * resource.getpagesize() + LEFT_BYTES
            resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
            eaten.extend(_all_that_is_free())
        return method(*arguments, **named)

    setattr(owner, name, hungry)
    return LlamaRuntime()


def _all_that_is_free() -> list[bytearray]:
    """What was freed before counts as the process's own and would feed it for a long time."""
    eaten: list[bytearray] = []
    for size in (1 << 20, 1 << 14):
        with contextlib.suppress(MemoryError):
            while True:
                eaten.append(bytearray(size))
    return eaten


if __name__ == "__main__":
    settle_openmp(os.environ)
    run(sys.argv[1:], runtime_version(), _starved)  # type: ignore[arg-type]
