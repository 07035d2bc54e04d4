"""The starter model as a hub would offer it: listed with its fit, downloaded, and it answers."""

from pathlib import Path

import pytest

from desktop.core.hub import downloads
from desktop.core.places import Places
from desktop.core.services import open_core
from tests.fakes.hub_server import HubServer

pytestmark = [pytest.mark.models, pytest.mark.slow, pytest.mark.loopback]

PATIENCE_S = 120
REPOSITORY, FILE = "ana/SmolLM2-135M-Instruct-GGUF", "SmolLM2-135M-Instruct.Q4_1.gguf"


def test_a_model_of_the_hub_fits_comes_and_answers(
    tmp_path: Path, chat_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "HEADERS_S", PATIENCE_S)  # however busy the machine is
    with HubServer() as hub:
        data = hub.put(REPOSITORY, FILE, chat_model.read_bytes())
        core = open_core(Places.of(tmp_path / "data", tmp_path / "models"), others=())
        try:
            core.set_setting("hub_address", hub.address).result(PATIENCE_S)
            (file,) = core.list_hub(REPOSITORY, online=True).result(PATIENCE_S).files
            assert file.quantization == "Q4_1"
            assert file.fit is not None
            assert file.fit.verdict == "fits"
            looked_at = sum(_span(one.headers["range"]) for one in hub.files_asked)
            assert looked_at <= 8 << 20 < len(data)  # its header alone
            model = core.download_model(REPOSITORY, FILE, online=True).result(PATIENCE_S).model
            assert Path(model.path).read_bytes() == data
            # what was said before the download is what is said of the file
            inspected = core.inspect_model(model.path).result(PATIENCE_S)
            assert inspected.fit is not None
            assert inspected.fit.usage[0].weights_bytes == file.fit.usage[0].weights_bytes
            answer = core.answer((), "What is the capital of France?", max_tokens=30).result(PATIENCE_S)
            assert answer.stats.generated_tokens > 5
            assert len(answer.text.split()) > 3
        finally:
            core.close()


def _span(text: str) -> int:
    start, _, end = text.removeprefix("bytes=").partition("-")
    return int(end) - int(start) + 1
