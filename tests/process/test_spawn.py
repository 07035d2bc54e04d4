"""What every worker is given at its start, whatever it does."""

import os
import signal
import stat
import subprocess
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


# Python itself ends at a Ctrl+C until a worker has said otherwise: this one never does
SLEEPER = "import time; time.sleep(60)"
PARENT = """
import pathlib, signal, sys, time
from rag.process import spawn

if __name__ == "__main__":
    child = spawn("sleeper", (), pathlib.Path(sys.argv[-1]) / "sleeper.log")
    signal.signal(signal.SIGINT, lambda *_: None)
    print("started", flush=True)
    time.sleep(1)
    print(child.process.poll(), flush=True)
    child.process.kill()
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no groups of processes in this sense")
def test_ctrl_c_in_a_terminal_is_the_parents_alone_from_a_workers_first_moment(tmp_path: Path) -> None:
    (tmp_path / "sleeper.py").write_text(SLEEPER)
    root = Path(__file__).resolve().parents[2]
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{tmp_path}"},
        start_new_session=True,
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "started\n"
    os.killpg(parent.pid, signal.SIGINT)  # as the terminal does
    out, _ = parent.communicate(timeout=60)
    assert out == "None\n"
