"""The real core with the real embedding models: one is chosen in place of the other."""

import time
from pathlib import Path

import pytest

from desktop.core.errors import CoreError
from desktop.core.events import SearchModel
from desktop.core.places import Places
from desktop.core.services import open_core
from tests.conftest import TEST_DATA

pytestmark = [pytest.mark.models, pytest.mark.slow]
PATIENCE_S = 120.0


def test_a_gguf_model_takes_over_from_the_default_one_and_a_chat_model_does_not(
    tmp_path: Path, chat_model: Path, embedding_model: Path
) -> None:
    core = open_core(Places.of(tmp_path / "data", chat_model.parent), others=())
    told: list[SearchModel] = []
    core.subscribe(lambda event: told.append(event) if isinstance(event, SearchModel) else None)

    def best() -> tuple[str, int]:
        hit = core.search("¿Cuánto cuesta la entrada?", 1).result(PATIENCE_S)[0]
        return Path(hit.file).name, hit.page

    try:
        models = {model.form: model for model in core.list_search_models().result(PATIENCE_S)}
        assert models["onnx"].path == str(embedding_model)
        assert models["onnx"].default
        core.index((str(TEST_DATA / "museum.pdf"), str(TEST_DATA / "museo.pdf")), "default").result(
            PATIENCE_S
        )
        assert best() == ("museo.pdf", 3)
        with pytest.raises(CoreError) as refused:
            core.set_setting("embedder_path", str(chat_model)).result(PATIENCE_S)
        assert refused.value.problem().code == "model_cannot_embed"
        assert core.setting("embedder_path") == ""
        core.set_setting("embedder_path", models["gguf"].path).result(PATIENCE_S)
        end_s = time.monotonic() + PATIENCE_S
        while not told or told[-1] != SearchModel(models["gguf"].path):
            assert time.monotonic() < end_s, told[-1:]
            assert best() == ("museo.pdf", 3), "there is an answer at every moment"
        assert any(state.coming == models["gguf"].path for state in told)
        assert best() == ("museo.pdf", 3)
    finally:
        core.close()
