"""What every engine worker keeps when it embeds, the fake and the real: each a process of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
import pytest
from numpy.typing import NDArray

from engine.protocol import (
    Embed,
    Embedded,
    EmbedderLoaded,
    Event,
    Failed,
    Generate,
    LoadEmbedder,
    Progress,
    UnloadModel,
)
from engine.runtime import MAX_TEXT_CHARACTERS, MAX_TEXTS
from tests.fakes.engine_client import GREEDY, EngineClient, user
from tests.fakes.engine_embedders import LONGEST, WIDTH, write_decoder, write_encoder
from tests.fakes.engine_files import fake_model
from tests.fakes.engine_models import write_tiny_model

TEXTS = (
    "The boat costs seven euros.",
    "a",
    "no keel, no harbour; " * 6,
    "",
    "\u5149\u660e \U0001f600",
    *(f"ticket {number}" for number in range(80)),
)


@dataclass(frozen=True)
class Kind:
    client: EngineClient
    folder: Path
    fake: bool

    def load(self, path: Path, text_tokens: int | None = None) -> EmbedderLoaded:
        answer = self.client.ask(LoadEmbedder(str(path), text_tokens))[-1]
        assert isinstance(answer, EmbedderLoaded), answer
        return answer

    def encoder(self) -> Path:
        return write_encoder(self.folder / "encoder.gguf")


@pytest.fixture(scope="module", params=["fake", "real"])
def kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kind]:
    folder = tmp_path_factory.mktemp(f"embedding-{request.param}")
    with EngineClient(request.param == "fake", folder / "worker.log") as client:
        yield Kind(client, folder, request.param == "fake")
        assert client.child.process.poll() is None, "the worker died during a test"


def answer_of(events: list[Event]) -> Embedded:
    assert isinstance(events[-1], Embedded), events[-1]
    return events[-1]


def vectors_of(events: list[Event]) -> NDArray[np.float32]:
    """(texts, dimensions)"""
    answer = answer_of(events)
    return np.frombuffer(answer.vectors, dtype="<f4").reshape(-1, answer.dimensions)


def test_texts_become_unit_vectors_in_their_order_however_they_stand_in_batches(kind: Kind) -> None:
    assert kind.load(kind.encoder()).model.dimensions == WIDTH
    together = vectors_of(kind.client.ask(Embed(TEXTS)))
    assert together.shape == (len(TEXTS), WIDTH)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for number, text in enumerate(TEXTS):
        alone = vectors_of(kind.client.ask(Embed((text,))))[0]
        assert float(alone @ together[number]) > 0.9999, text
    # the comparison says something: other texts have other vectors
    assert float(together[0] @ together[2]) < 0.999


@pytest.mark.parametrize("pooling", ["MEAN", "CLS", "LAST"])
def test_a_text_is_pooled_as_the_file_says(kind: Kind, pooling: str) -> None:
    path = write_encoder(kind.folder / f"{pooling}.gguf", gguf.PoolingType[pooling])
    loaded = kind.load(path).model
    assert loaded.pooling == pooling.lower()
    assert loaded.fingerprint
    if not kind.fake:
        mine = vectors_of(kind.client.ask(Embed(TEXTS[:3])))
        kind.load(kind.encoder())
        mean = vectors_of(kind.client.ask(Embed(TEXTS[:3])))
        assert np.allclose(mine, mean, atol=1e-5) == (pooling == "MEAN")


def test_a_model_made_of_a_writer_embeds_too_and_where_it_is_told_how(kind: Kind) -> None:
    path = write_decoder(kind.folder / "decoder.gguf")
    assert kind.load(path).model.pooling == "last"
    together = vectors_of(kind.client.ask(Embed(TEXTS)))
    for number in (0, 2, 3, 7):
        alone = vectors_of(kind.client.ask(Embed((TEXTS[number],))))[0]
        assert float(alone @ together[number]) > 0.9999
    silent = write_decoder(kind.folder / "silent.gguf", None)
    assert kind.client.fail(LoadEmbedder(str(silent))).error.code == "model_cannot_embed"
    loaded = kind.client.ask(LoadEmbedder(str(silent), pooling="mean"))[-1]
    assert isinstance(loaded, EmbedderLoaded)
    assert loaded.model.pooling == "mean"


def test_vectors_are_left_as_the_model_gave_them_where_that_is_asked(kind: Kind) -> None:
    kind.load(kind.encoder())
    raw = vectors_of(kind.client.ask(Embed(TEXTS[:3], normalize=False)))
    lengths = np.linalg.norm(raw, axis=1, keepdims=True)
    assert not np.allclose(lengths, 1, atol=1e-2)
    assert np.allclose(raw / lengths, vectors_of(kind.client.ask(Embed(TEXTS[:3]))), atol=1e-5)


def test_what_does_not_fit_is_cut_off_and_told(kind: Kind) -> None:
    assert kind.load(kind.encoder()).model.text_tokens == LONGEST
    long = "boat " * 500
    cut = answer_of(kind.client.ask(Embed(("boat", long)))).cut_tokens
    assert cut[0] == 0
    around = 0 if kind.fake else 2
    assert cut[1] == 500 + around - LONGEST
    # it is the end that went: what stands there changes nothing
    same = vectors_of(kind.client.ask(Embed((long, long + "keel " * 50))))
    assert float(same[0] @ same[1]) > 0.9999
    kind.load(kind.encoder(), 16)
    assert answer_of(kind.client.ask(Embed(("boat " * 30,)))).cut_tokens == (30 + around - 16,)


def test_no_texts_give_no_vectors(kind: Kind) -> None:
    kind.load(kind.encoder())
    answer = answer_of(kind.client.ask(Embed(())))
    assert (answer.vectors, answer.dimensions, answer.cut_tokens) == (b"", WIDTH, ())


def test_embedding_tells_how_far_it_is(kind: Kind) -> None:
    kind.load(kind.encoder())
    done = [event.done for event in kind.client.ask(Embed(TEXTS)) if isinstance(event, Progress)]
    assert done == sorted(done)
    assert done[-1] == 1.0


def test_cancel_ends_embedding_and_the_next_request_is_served(kind: Kind) -> None:
    kind.load(kind.encoder())
    many = ("!slow boat",) if kind.fake else ("boat " * 90,) * MAX_TEXTS
    number = kind.client.send(Embed(many))
    if not kind.fake:
        assert isinstance(kind.client.next_event(number), Progress)
    kind.client.cancel(number)
    *told, answer = kind.client.finish(number)
    assert isinstance(answer, Failed)
    assert answer.error.code == "cancelled"
    assert all(isinstance(event, Progress) and event.done < 1 for event in told), "it went on to the end"
    assert len(vectors_of(kind.client.ask(Embed(("boat",))))) == 1


def test_what_cannot_embed_is_refused_by_its_own_code(kind: Kind, tmp_path: Path) -> None:
    whole = fake_model()
    ranks = write_encoder(tmp_path / "ranks.gguf", gguf.PoolingType.RANK)
    writes = write_tiny_model(tmp_path / "writes.gguf")
    cases = {
        ranks: "model_ranks",
        writes: "model_cannot_embed",
        tmp_path / "missing.gguf": "model_missing",
        tmp_path / "cut.gguf": "model_truncated",
    }
    (tmp_path / "cut.gguf").write_bytes(whole[:-1])
    kind.load(kind.encoder())
    for path, code in cases.items():
        error = kind.client.fail(LoadEmbedder(str(path))).error
        assert (path.name, error.code) == (path.name, code)
        assert error.params["path"] == str(path)
    assert len(vectors_of(kind.client.ask(Embed(("still there",))))) == 1


def test_requests_out_of_range_are_refused(kind: Kind) -> None:
    path = str(kind.encoder())
    kind.load(Path(path))
    assert kind.client.fail(LoadEmbedder(path, text_tokens=1)).error.params["name"] == "text_tokens"
    assert kind.client.fail(LoadEmbedder(path, threads=0)).error.params["name"] == "threads"
    assert kind.client.fail(Embed(("a",) * (MAX_TEXTS + 1))).error.code == "too_many_texts"
    assert kind.client.fail(Embed(("a" * (MAX_TEXT_CHARACTERS + 1),))).error.code == "text_too_long"


def test_a_worker_holds_one_model_that_writes_or_embeds(kind: Kind) -> None:
    kind.client.ask(UnloadModel())
    assert kind.client.fail(Embed(("a",))).error.code == "no_embedder_loaded"
    kind.client.load(write_tiny_model(kind.folder / "writer.gguf"), 256)
    assert kind.client.fail(Embed(("a",))).error.code == "no_embedder_loaded"
    kind.load(kind.encoder())
    assert kind.client.fail(Generate((user("Hello"),), GREEDY)).error.code == "no_model_loaded"
    kind.client.load(kind.folder / "writer.gguf", 256)
    assert kind.client.say(user("Hello"), max_tokens=2)[0]


def test_vectors_that_are_no_numbers_are_an_error(kind: Kind) -> None:
    if kind.fake:
        pytest.skip("the fake reads no weights")
    kind.load(write_encoder(kind.folder / "broken.gguf", broken=True))
    assert kind.client.fail(Embed(("boat",))).error.code == "embedding_undefined"


@pytest.mark.models
def test_the_starter_model_embeds_in_batches_as_it_does_text_by_text(
    chat_model: Path, tmp_path: Path
) -> None:
    texts = (
        "The museum opens at nine.",
        "El museo abre a las nueve.",
        "A recipe for lentil soup.",
        "x " * 60,
    )
    with EngineClient(False, tmp_path / "worker.log") as client:
        assert isinstance(client.ask(LoadEmbedder(str(chat_model), 512, "mean"))[-1], EmbedderLoaded)
        together = vectors_of(client.ask(Embed(texts)))
        for number, text in enumerate(texts):
            alone = vectors_of(client.ask(Embed((text,))))[0]
            # of a quantized model: batches of other sizes round in other ways
            assert float(alone @ together[number]) > 0.999
    assert float(together[0] @ together[1]) > float(together[0] @ together[3])
