"""Whether a run ended in order, with real processes that crash and are killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.core.reports import report
from desktop.last_run import PATTERN, look_back

ROOT = Path(__file__).resolve().parents[2]
BEGIN = "import sys, pathlib; from desktop.last_run import Run; run = Run(pathlib.Path(sys.argv[1]));"


def run(folder: Path, then: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + then, str(folder)], cwd=ROOT, capture_output=True, check=False
    )
    return done.returncode


def test_a_run_that_ends_in_order_leaves_nothing(tmp_path: Path) -> None:
    assert run(tmp_path, "run.end()") == 0
    assert list(tmp_path.glob(PATTERN)) == []
    assert look_back(tmp_path) is None


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_crash_is_told_once_with_its_stack_and_no_folder(tmp_path: Path) -> None:
    assert run(tmp_path, "import faulthandler; faulthandler._sigsegv()") == -signal.SIGSEGV
    left = look_back(tmp_path)
    assert left is not None
    assert left.code == "window_crashed"
    assert left.params["how"] == "Segmentation fault"
    told = report(left.problem())
    assert 'File "<string>"' in told
    assert str(ROOT) not in told
    assert look_back(tmp_path) is None


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_kill_is_told_as_one(tmp_path: Path) -> None:
    assert run(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)") == -signal.SIGKILL
    left = look_back(tmp_path)
    assert left is not None
    assert left.code == "window_killed"


def test_a_window_that_runs_is_not_told_of(tmp_path: Path) -> None:
    (tmp_path / f"window-{os.getpid()}.run").touch()
    assert look_back(tmp_path) is None
    assert look_back(tmp_path, own=1) is None  # another process of ours, and alive
    assert len(list(tmp_path.glob(PATTERN))) == 1


def test_a_file_that_is_no_runs_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "window-notes.run").write_text("mine")
    assert look_back(tmp_path) is None
    assert (tmp_path / "window-notes.run").exists()
