"""`sobremesa models download` as a person types it, against a hub on the loopback interface."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.house import PATIENCE_S
from tests.fakes.hub_server import HubServer
from tests.process.hub_house import FILE, REPOSITORY, hub, model_of, wait

__all__ = ["hub"]  # a fixture
pytestmark = [pytest.mark.loopback, pytest.mark.slow]

MEGABYTE = 1 << 20


class Shell:
    """A data folder whose settings point to the hub and stay offline."""

    def __init__(self, folder: Path, hub: HubServer) -> None:
        self.models = folder / "models"
        self._data = folder / "data"
        self._data.mkdir(mode=0o700)
        (self._data / "settings.json").write_text(json.dumps({"hub_address": hub.address}))

    def begin(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-m",
                "desktop",
                "models",
                "download",
                *words,
                "--data-dir",
                str(self._data),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "LANGUAGE": "en", "SOBREMESA_MODELS": str(self.models)},
            cwd=Path(__file__).parents[2],
        )

    def run(self, *words: str) -> tuple[int, str, str]:
        child = self.begin(*words)
        out, err = child.communicate(timeout=PATIENCE_S)
        return child.returncode, out, err

    def told(self, *words: str) -> dict[str, Any]:
        found = json.loads(self.run(*words, "--json")[1])
        assert isinstance(found, dict)
        return found


@pytest.fixture
def shell(tmp_path: Path, hub: HubServer) -> Shell:
    return Shell(tmp_path, hub)


def test_a_repository_is_listed_and_a_model_of_it_downloaded(shell: Shell, hub: HubServer) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(300_000))
    assert shell.told(REPOSITORY)["error"]["code"] == "offline"
    assert hub.connections == 0
    code, out, err = shell.run(REPOSITORY, "--online")
    assert (code, err) == (0, "")
    assert f"sobremesa models download {REPOSITORY} {FILE}" in out
    told = shell.told(REPOSITORY, FILE, "--online")
    assert told["already"] is False
    assert (shell.models / FILE).read_bytes() == data
    code, out, _ = shell.run(f"{hub.address}/{REPOSITORY}/blob/main/{FILE}", "--online")
    assert code == 0
    assert "was in your models folder already" in out


def test_ctrl_c_pauses_and_the_same_command_goes_on(shell: Shell, hub: HubServer) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    hub.manners.pause_at = MEGABYTE
    child = shell.begin(REPOSITORY, FILE, "--online")
    wait(hub.paused)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 130
    assert "the same command goes on from there" in err
    assert list(shell.models.glob("*.gguf")) == []
    hub.go_on.set()
    assert shell.told(REPOSITORY, "--online")["files"][0]["kept_bytes"] > 0
    assert shell.run(REPOSITORY, FILE, "--online")[0] == 0
    assert (shell.models / FILE).read_bytes() == data
    assert hub.files_asked[-1].start > 0


def test_a_refusal_is_told_with_what_to_do(shell: Shell, hub: HubServer) -> None:
    hub.put(REPOSITORY, FILE, model_of(300_000))
    hub.manners.statuses, hub.manners.error_code = [403], "GatedRepo"
    code, out, err = shell.run(REPOSITORY, FILE, "--online")
    assert (code, out) == (1, "")
    assert "accept their licence" in err
    assert f"{hub.address}/{REPOSITORY}" in err
    assert "HF_TOKEN" in err
