"""Search models from a hub on the loopback interface: what is taken, where it lies, what is refused."""

import json
import random
from pathlib import Path

import pytest

from desktop.core.services import Services
from desktop.words import hint
from tests.fakes.house import PATIENCE_S, house, open_house
from tests.fakes.hub_server import HubServer
from tests.process.hub_house import core, hub, problem_of, progress, until, wait

__all__ = ["core", "hub"]  # fixtures
pytestmark = pytest.mark.loopback

REPOSITORY = "ana/tiny-e5"
MEAN = {"word_embedding_dimension": 8, "pooling_mode_mean_tokens": True}
WEIGHTS = "model.safetensors"


def offer(hub: HubServer, *weights: str, pooling: dict[str, object] = MEAN, size: int = 300_000) -> None:
    """A repository as sentence-transformers writes them, with much that nobody needs beside it."""
    small = {
        "config.json": {"model_type": "bert"},
        "modules.json": [{"idx": 0}],
        "tokenizer.json": {"version": "1.0"},
        "tokenizer_config.json": {},
        "sentence_bert_config.json": {"max_seq_length": 64},
        "1_Pooling/config.json": pooling,
    }
    for name, value in small.items():
        hub.put(REPOSITORY, name, json.dumps(value).encode(), small=True)
    for number, name in enumerate(("pytorch_model.bin", "rust_model.ot", "modeling_own.py", *weights)):
        hub.put(REPOSITORY, name, random.Random(number).randbytes(size))


def lying(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


SMALL = {
    "config.json",
    "modules.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "sentence_bert_config.json",
    "1_Pooling/config.json",
}


def test_while_offline_no_connection_is_made(tmp_path: Path, hub: HubServer) -> None:
    offer(hub, WEIGHTS)
    with house(tmp_path) as core:
        core.set_setting("hub_address", hub.address).result(PATIENCE_S)
        for operation in (core.list_hub_search_model(REPOSITORY), core.download_search_model(REPOSITORY)):
            problem = problem_of(operation)
            assert problem.code == "offline"
            assert "Offline" in hint(problem)
        assert hub.connections == 0


def test_what_is_needed_is_listed_with_sizes_brought_and_offered_for_the_search(
    core: Services, hub: HubServer
) -> None:
    offer(hub, WEIGHTS, "onnx/model.onnx")
    listed = core.list_hub_search_model(REPOSITORY).result(PATIENCE_S)
    assert {file.name for file in listed.files} == SMALL | {WEIGHTS}
    assert listed.files[-1].size_bytes == 300_000
    operation = core.download_search_model(REPOSITORY)
    told = progress(operation)
    brought = operation.result(PATIENCE_S)
    assert (brought.name, brought.form, brought.already) == ("tiny-e5", "sentence-transformers", False)
    assert Path(brought.path) == core.places.models / "embeddings/tiny-e5"
    assert lying(Path(brought.path)) == SMALL | {WEIGHTS}
    assert (Path(brought.path) / WEIGHTS).read_bytes() == hub.file(REPOSITORY, "main", WEIGHTS)
    assert told[-1].total_bytes == sum(file.size_bytes for file in listed.files)
    assert [model.path for model in core.list_search_models().result(PATIENCE_S)] == [brought.path]
    core.set_setting("embedder_path", brought.path).result(PATIENCE_S)
    asked = [one.path for one in hub.asked]
    assert not [path for path in asked if path.endswith((".bin", ".ot", ".py"))]
    # once more: the same bytes are here
    again = core.download_search_model(REPOSITORY).result(PATIENCE_S)
    assert (again.path, again.already) == (brought.path, True)


def test_an_onnx_form_is_taken_by_name_or_where_there_is_no_other(core: Services, hub: HubServer) -> None:
    offer(hub, "onnx/model.onnx", "onnx/model_quantized.onnx")
    brought = core.download_search_model(REPOSITORY).result(PATIENCE_S)
    assert brought.form == "onnx"
    assert lying(Path(brought.path)) == SMALL | {"onnx/model_quantized.onnx"}
    other = core.download_search_model(REPOSITORY, "onnx/model.onnx").result(PATIENCE_S)
    assert Path(other.path).name == "tiny-e5-2", "the one before is left as it was"
    assert lying(Path(other.path)) == SMALL | {"onnx/model.onnx"}


@pytest.mark.parametrize(
    ("weights", "pooling"),
    [
        ((), MEAN),  # a pickle alone
        (("onnx/model.onnx",), {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}),
    ],
)
def test_what_could_not_be_used_is_refused_and_leaves_nothing(
    core: Services, hub: HubServer, weights: tuple[str, ...], pooling: dict[str, object]
) -> None:
    offer(hub, *weights, pooling=pooling)
    problem = problem_of(core.download_search_model(REPOSITORY))
    assert problem.code == "hub_no_search_model"
    assert ".bin" in hint(problem)
    assert core.list_search_models().result(PATIENCE_S) == ()
    assert core.list_paused_downloads().result(PATIENCE_S) == ()


def test_bytes_that_are_not_what_the_hub_says_never_become_a_model(core: Services, hub: HubServer) -> None:
    offer(hub, WEIGHTS)
    hub.manners.flips = True
    assert problem_of(core.download_search_model(REPOSITORY)).code == "download_damaged"
    assert core.list_search_models().result(PATIENCE_S) == ()


@pytest.mark.slow
def test_a_paused_one_goes_on_after_a_new_start_where_it_stopped(tmp_path: Path, hub: HubServer) -> None:
    offer(hub, WEIGHTS, size=2 << 20)
    hub.manners.pause_at = 1 << 20
    with house(tmp_path) as core:
        core.set_setting("hub_address", hub.address).result(PATIENCE_S)
        core.set_setting("offline", False).result(PATIENCE_S)
        operation = core.download_search_model(REPOSITORY)
        wait(hub.paused)
        half = 500_000
        until(lambda: _size(core) > half)
        core.set_setting("offline", True).result(PATIENCE_S)  # the person takes the network back
        assert problem_of(operation).code == "cancelled"
        (paused,) = core.list_paused_downloads().result(PATIENCE_S)
        assert (paused.file, paused.search) == (WEIGHTS, True)
        assert paused.kept_bytes > half
        places = core.places
    hub.go_on.set()
    core = open_house(places)
    try:
        core.set_setting("offline", False).result(PATIENCE_S)
        brought = core.download_search_model(REPOSITORY).result(PATIENCE_S)
        assert lying(Path(brought.path)) == SMALL | {WEIGHTS}
        assert hub.files_asked[-1].start > half
        assert core.list_paused_downloads().result(PATIENCE_S) == ()
    finally:
        core.close()


def _size(core: Services) -> int:
    return sum(path.stat().st_size for path in (core.places.models / ".downloads").rglob(WEIGHTS))
