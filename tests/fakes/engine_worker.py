"""The engine's process with the fake runtime: `python -m tests.fakes.engine_worker --channel N`."""

import sys
from pathlib import Path

from engine.worker import run
from tests.fakes.engine import FakeRuntime

MODULE = "tests.fakes.engine_worker"
# spawn() keeps the working directory off the path, so the child must be told where tests/ is
ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).parents[2])}

if __name__ == "__main__":
    run(sys.argv[1:], "fake engine", FakeRuntime)
