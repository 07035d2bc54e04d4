"""The model set-up as a real process: ended in the middle it leaves nothing half done behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
SLOW = """
import signal, sys, time, pathlib
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background has it ignored
sys.path.append({packaging!r})
import starter_models as s
s.NEEDED_BYTES = 0
def slow(source, folder, report):
    folder.mkdir()
    (folder / "half.whl").write_bytes(b"half")
    while True:
        time.sleep(0.05)
sys.exit(s.main(slow))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows ends processes without telling them")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_set_up_of_models_that_is_ended_cleans_up_and_says_how_to_go_on(
    tmp_path: Path, number: signal.Signals
) -> None:
    models = tmp_path / "sobremesa" / "models"
    environment = dict(os.environ) | {"SOBREMESA_MODELS": str(models), "LANGUAGE": "en"}
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW.format(packaging=str(PACKAGING))],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    half = models / ".starter-models.part" / "download-0" / "half.whl"
    while not half.exists() and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "run the same command again to go on" in said
    assert [path.name for path in models.iterdir()] == [".starter-models.lock"]
