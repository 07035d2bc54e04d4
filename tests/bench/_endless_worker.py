"""The engine's process with a model that never ends a reply by itself, but writes as many tokens as asked."""

import os
import sys
from pathlib import Path

from engine.worker import run, runtime_version, settle_openmp

MODULE = "tests.bench._endless_worker"
ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).parents[2])}


def _endless() -> object:
    from engine.llama import Model
    from engine.session import LlamaRuntime

    Model.ends = lambda _self, _token: False  # type: ignore[method-assign, assignment]
    return LlamaRuntime()


if __name__ == "__main__":
    settle_openmp(os.environ)
    run(sys.argv[1:], runtime_version(), _endless)  # type: ignore[arg-type]
