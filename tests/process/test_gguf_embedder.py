"""GGUF files behind the library's Embedder port: a real engine worker with small models of random weights."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from desktop.core.errors import CoreError
from desktop.core.workers.embedders import Embedders
from desktop.core.workers.killers import Killers
from desktop.core.workers.supervisor import Launch
from rag.protocol import Embed, TextKind, Vectors
from tests.fakes import engine_worker, rag_workers
from tests.fakes.engine_embedders import WIDTH, write_encoder

TEXTS = ("the boat", "a ticket costs seven euros", "no keel in the harbour", "the ticket", "euros", "a boat")


@pytest.fixture
def embedders(tmp_path: Path) -> Iterator[Embedders]:
    opened = Embedders(
        lambda model: Launch("rag.embedder_worker", tmp_path / "folder.log", ("--model", str(model))),
        lambda: Launch("engine.worker", tmp_path / "engine.log"),
        lambda: tmp_path / "model.gguf",
        killers=Killers(tmp_path / "killers.json"),
    )
    yield opened
    opened.close()


def matrix(vectors: Vectors) -> np.ndarray:  # type: ignore[type-arg]
    return np.frombuffer(vectors.vectors, "<f4").reshape(-1, vectors.dimensions)


def embedded(embedders: Embedders, *texts: str, kind: TextKind = "passage") -> Vectors:
    return embedders.embed(Embed(kind, texts), embedders.chosen)


def refusal_of(embedders: Embedders, text: str = "the boat") -> str:
    with pytest.raises(CoreError) as refused:
        embedded(embedders, text)
    return refused.value.problem().code


def test_a_gguf_file_gives_unit_vectors_in_the_order_of_the_texts(
    embedders: Embedders, tmp_path: Path
) -> None:
    write_encoder(tmp_path / "model.gguf")
    together = embedded(embedders, *TEXTS)
    assert (together.dimensions, together.fingerprint.split("/")[:3]) == (WIDTH, ["gguf", str(WIDTH), "mean"])
    assert np.allclose(np.linalg.norm(matrix(together), axis=1), 1, atol=1e-5)
    for row, text in enumerate(TEXTS):
        assert matrix(embedded(embedders, text))[0] @ matrix(together)[row] > 0.9999
    assert not embedded(embedders).vectors


def test_the_file_beside_a_model_gives_its_prefixes_and_another_fingerprint(
    embedders: Embedders, tmp_path: Path
) -> None:
    write_encoder(tmp_path / "model.gguf")
    plain = embedded(embedders, "the boat", kind="query")
    (tmp_path / "model.embedding.json").write_text(json.dumps({"query": "ticket ", "passage": ""}))
    embedders.keep()
    asked = embedded(embedders, "the boat", kind="query")
    assert asked.fingerprint != plain.fingerprint
    assert np.allclose(matrix(asked), matrix(embedded(embedders, "ticket the boat")), atol=1e-5)
    assert np.allclose(matrix(plain), matrix(embedded(embedders, "the boat")), atol=1e-5)


def test_a_killed_engine_is_started_again_by_the_next_text(embedders: Embedders, tmp_path: Path) -> None:
    write_encoder(tmp_path / "model.gguf")
    before = embedded(embedders, "the boat")
    (pid,) = embedders.pids
    os.kill(pid, signal.SIGKILL)
    again: Vectors | None = None
    while again is None:  # the death may be told to the first that asks
        try:
            again = embedded(embedders, "the boat")
        except CoreError as died:
            assert died.problem().code == "worker_died"  # noqa: PT017
    assert again == before
    assert embedders.pids != (pid,)


def test_what_cannot_embed_is_refused_in_words_of_its_own(embedders: Embedders, tmp_path: Path) -> None:
    model = tmp_path / "model.gguf"
    assert refusal_of(embedders) == "embedder_missing"
    write_encoder(model, pooling=None)
    assert refusal_of(embedders) == "model_cannot_embed"
    (tmp_path / "model.embedding.json").write_text('{"pooling": "cls"}')
    assert embedded(embedders, "the boat").fingerprint.split("/")[2] == "cls"
    embedders.keep()
    (tmp_path / "model.embedding.json").write_text('{"pooling": "best"}')
    assert refusal_of(embedders) == "embedder_damaged"


def test_a_file_that_was_replaced_has_another_fingerprint(embedders: Embedders, tmp_path: Path) -> None:
    write_encoder(tmp_path / "model.gguf")
    before = embedded(embedders, "the boat").fingerprint
    embedders.keep()
    write_encoder(tmp_path / "model.gguf", context_tokens=80)
    assert embedded(embedders, "the boat").fingerprint != before


@pytest.mark.parametrize("form", ["gguf", "folder"])
def test_a_model_that_ends_its_process_every_time_is_not_tried_again_until_it_is_chosen_anew(
    tmp_path: Path, form: str
) -> None:
    started: list[str] = []

    def fake(module: str, *arguments: str) -> Launch:
        started.append(module)
        return Launch(module, tmp_path / "fake.log", arguments, engine_worker.ENVIRONMENT)

    model = tmp_path / ("model.gguf" if form == "gguf" else "model")
    write_encoder(tmp_path / "model.gguf")
    harmful = "!crash" if form == "gguf" else "!kill-embedder"

    def opened() -> Embedders:
        return Embedders(
            lambda _: fake(rag_workers.MODULE, "embedder"),
            lambda: fake(engine_worker.MODULE),
            lambda: model,
            killers=Killers(tmp_path / "killers.json"),
        )

    embedders = opened()
    codes = [refusal_of(embedders, harmful) for _ in range(6)]
    embedders.close()
    assert codes == ["worker_died"] * 3 + ["embedder_kills"] * 3
    embedders = opened()
    assert refusal_of(embedders, "the boat") == "embedder_kills", "a new start of the program knows it too"
    assert len(started) == 3
    embedders.forgive(model)
    assert embedded(embedders, "the boat").dimensions > 0
    embedders.close()


def test_deaths_with_vectors_between_them_do_not_count_together(tmp_path: Path) -> None:
    write_encoder(tmp_path / "model.gguf")
    embedders = Embedders(
        lambda _: Launch(rag_workers.MODULE, tmp_path / "fake.log", ("embedder",), rag_workers.ENVIRONMENT),
        lambda: Launch(engine_worker.MODULE, tmp_path / "fake.log", environment=engine_worker.ENVIRONMENT),
        lambda: tmp_path / "model.gguf",
    )
    for _ in range(4):
        assert refusal_of(embedders, "!crash") == "worker_died"
        embedded(embedders, "the boat")
    embedders.close()
