"""What every worker is given at its start, whatever it does."""

import os
import stat
import sys
from pathlib import Path

import pytest

from rag.process import spawn

WRITER = """
import pathlib, sys
folder = pathlib.Path(sys.argv[-1]) / "made"
folder.mkdir()
(folder / "file").write_text("text")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_what_a_worker_writes_is_its_users_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "writer.py").write_text(WRITER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    open_to_all = os.umask(0)
    try:
        child = spawn("writer", (str(tmp_path),), tmp_path / "logs" / "writer.log")
    finally:
        os.umask(open_to_all)
    assert child.process.wait(30) == 0
    child.channel.close()
    made = (tmp_path / "made", tmp_path / "made" / "file", tmp_path / "logs", child.log_path)
    assert [stat.S_IMODE(path.stat().st_mode) for path in made] == [0o700, 0o600, 0o700, 0o600]
