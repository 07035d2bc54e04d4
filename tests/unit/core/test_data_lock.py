"""One program per data folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.core.data_lock import DataLock
from desktop.core.errors import CoreError


def test_a_second_program_is_refused_until_the_first_releases(tmp_path: Path) -> None:
    first = DataLock.take(tmp_path / "lock")
    with pytest.raises(CoreError) as held:
        DataLock.take(tmp_path / "lock")
    assert held.value.problem().code == "data_in_use"
    assert held.value.params["folder"] == str(tmp_path)
    first.release()
    first.release()
    DataLock.take(tmp_path / "lock").release()


def test_a_killed_program_leaves_no_lock_behind(tmp_path: Path) -> None:
    program = (
        "import sys, os\nfrom pathlib import Path\nfrom desktop.core.data_lock import DataLock\n"
        "lock = DataLock.take(Path(sys.argv[1]))\nprint('held', flush=True)\nsys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == b"held"
    with pytest.raises(CoreError):
        DataLock.take(tmp_path / "lock")
    holder.kill()
    holder.communicate()
    DataLock.take(tmp_path / "lock").release()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(CoreError) as refused:
        DataLock.take(tmp_path / "missing" / "lock")
    assert refused.value.problem().code == "data_unwritable"
