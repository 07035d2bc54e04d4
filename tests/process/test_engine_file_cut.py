"""Files cut short under the real llama.cpp: a worker dies of it, and the core does not let it come so far."""

import contextlib
import os
import signal
import sys
from pathlib import Path

import pytest

from desktop.core.errors import CoreError
from desktop.core.places import Places
from desktop.core.services import open_core
from engine.protocol import Generate
from tests.fakes.engine_client import GREEDY, EngineClient, user
from tests.fakes.engine_models import REPLY, write_tiny_model
from tests.fakes.house import PATIENCE_S

PAGE_BYTES = 4096


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cuts no file that is mapped")
def test_a_mapped_file_that_is_cut_short_ends_the_worker(tmp_path: Path) -> None:
    model = write_tiny_model(tmp_path / "tiny.gguf")
    with EngineClient(False, tmp_path / "worker.log") as client:
        client.load(model, 512)
        os.truncate(model, PAGE_BYTES)
        with pytest.raises(EOFError):
            client.ask(Generate((user("Hello"),), GREEDY))
        assert client.child.process.wait(PATIENCE_S) == -signal.SIGBUS


def test_a_file_that_was_cut_between_two_questions_is_a_plain_error_and_the_engine_lives(
    tmp_path: Path,
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    model = write_tiny_model(models / "tiny.gguf")
    with contextlib.closing(open_core(Places.of(tmp_path / "data", models), others=())) as core:
        core.load_model(str(model)).result(PATIENCE_S)
        assert core.answer((), "Hello").result(PATIENCE_S).text[1:] == REPLY[1:]
        pid = core.engine_pid
        os.truncate(model, PAGE_BYTES)
        with pytest.raises(CoreError) as error:
            core.answer((), "Hello again").result(PATIENCE_S)
        assert error.value.problem().code == "model_truncated"
        assert core.engine_pid == pid
        write_tiny_model(model)
        assert core.answer((), "And now?").result(PATIENCE_S).text[1:] == REPLY[1:]
