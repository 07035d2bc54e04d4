"""LoRA adapters from the command line, with the program and the real engine in processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.engine_adapters import write_adapter
from tests.fakes.engine_models import REPLY, write_tiny_model

pytestmark = pytest.mark.slow

LIMIT_S = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model, an adapter whose replies begin with B, and half of it."""
    made = tmp_path_factory.mktemp("cli")
    (made / "models").mkdir()
    write_tiny_model(made / "models" / "tiny.gguf")
    whole = write_adapter(made / "b.gguf").read_bytes()
    (made / "half.gguf").write_bytes(whole[: len(whole) // 2])
    return made


def chat(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-P", "-m", "desktop", "chat", "Talk.", "--data-dir", str(folder / "data")]
    return subprocess.run(
        [*command, "--temperature", "0", "--repeat-penalty", "1", *options],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "LANGUAGE": "en", "SOBREMESA_MODELS": str(folder / "models")},
        timeout=LIMIT_S,
        check=False,
    )


def test_an_adapter_named_at_the_command_changes_the_reply_by_its_weight(folder: Path) -> None:
    other = "B" + REPLY[1:]
    adapter = str(folder / "b.gguf")
    for options, expected in (
        ((), REPLY),
        (("--adapter", adapter), other),
        (("--adapter", f"{adapter}=0"), REPLY),
        (("--adapter", f"{adapter}=0.5"), other),
    ):
        done = chat(folder, *options)
        assert (options, done.returncode, done.stdout.strip()) == (options, 0, expected), done.stderr


def test_an_adapter_that_cannot_be_used_is_named_as_one_with_its_reason(folder: Path) -> None:
    for name, reason in (
        ("half.gguf", "its end is missing"),
        ("none.gguf", "the file is not there"),
        ("models/tiny.gguf", "the file is no LoRA adapter"),
    ):
        done = chat(folder, "--adapter", str(folder / name))
        assert (name, done.returncode) == (name, 1)
        assert "cannot be used as an adapter of tiny" in done.stderr
        assert reason in done.stderr
