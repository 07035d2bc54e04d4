"""The starter model made smaller as a person does it: sizes, what is lost, a chat with it, a Ctrl+C."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from engine.gguf_header import inspect
from engine.quantization import TYPES, predicted_bytes
from tests.e2e.test_cli_models import LIMIT_S, command, sobremesa, told

pytestmark = [pytest.mark.models, pytest.mark.slow]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, chat_model: Path) -> Path:
    """A data folder and a models folder with the starter model in F16, made of the one that comes in Q4_1."""
    home = tmp_path_factory.mktemp("quantizing")
    models = home / "models"
    models.mkdir()
    shutil.copy(chat_model, models / "SmolLM2.Q4_1.gguf")
    done = sobremesa(
        home / "data",
        *("models", "quantize", "SmolLM2.Q4_1.gguf", "F16", "--no-measure", "--json"),
        SOBREMESA_MODELS=str(models),
    )
    shape = told(done)
    assert shape["before"] is None
    assert not shape["lossy_source"]
    assert shape["model"]["path"] == str(models / "SmolLM2.F16.gguf")
    return home


def names(home: Path) -> list[str]:
    return sorted(entry.name for entry in (home / "models").iterdir())


def test_sizes_are_as_foreseen_and_less_bits_cost_more_perplexity(home: Path) -> None:
    models = home / "models"
    header = inspect(models / "SmolLM2.F16.gguf")
    lost = []
    for name in ("Q8_0", "Q4_K_M", "Q3_K_S"):
        done = sobremesa(
            home / "data",
            *("models", "quantize", "SmolLM2.F16.gguf", name, "--json"),
            SOBREMESA_MODELS=str(models),
        )
        shape = told(done)
        file = models / f"SmolLM2.{name}.gguf"
        assert shape["after_bytes"] == file.stat().st_size
        assert shape["after_bytes"] == pytest.approx(predicted_bytes(header, TYPES[name]), rel=0.01)
        assert shape["before"]["tokens"] == shape["after"]["tokens"] == 765
        # 39.26: what llama.cpp's own tool says of this file, on the same text
        assert shape["before"]["perplexity"] == pytest.approx(39.26, rel=0.01)
        lost.append(shape["after"]["perplexity"] / shape["before"]["perplexity"])
    assert 1.0 < lost[0] < 1.02
    assert lost[0] < lost[1] < 1.2 < lost[2] < 2.0


def test_a_model_made_here_chats(home: Path) -> None:
    file = home / "models" / "SmolLM2.Q8_0.gguf"
    assert file.is_file(), "the test before made it"
    (home / "data").mkdir(exist_ok=True)
    (home / "data" / "settings.json").write_text(
        json.dumps({"max_reply_tokens": 30, "temperature": 0.0, "seed": 1})
    )
    reply = told(
        sobremesa(home / "data", "chat", "--model", str(file), "--json", "What is the capital of France?")
    )
    assert "Paris" in reply["text"]


def test_ctrl_c_stops_it_and_leaves_nothing(home: Path) -> None:
    before = names(home)
    environment = {**os.environ, "LANGUAGE": "en", "SOBREMESA_MODELS": str(home / "models")}
    words = ("models", "quantize", "SmolLM2.F16.gguf", "IQ4_XS", "--no-measure")  # the slowest of all
    with subprocess.Popen(
        command(home / "data", *words),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        end_s = time.monotonic() + LIMIT_S
        while not any((home / "models" / name).stat().st_size > 0 for name in set(names(home)) - set(before)):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end_s
            time.sleep(0.02)
        # as a terminal does: to the program and all its children
        os.killpg(process.pid, signal.SIGINT)
        said, complaints = process.communicate(timeout=60)
    assert process.returncode == 130
    assert (said, b"Traceback" in complaints) == (b"", False)
    assert names(home) == before
    assert not [one for one in psutil.process_iter() if str(home) in " ".join(_words(one))]


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
