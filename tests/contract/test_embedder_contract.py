"""One suite for every embedder: the fake, the int8 ONNX form, sentence-transformers."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from rag.embedding.embedder import Embedder
from rag.embedding.loading import load_embedder
from rag.errors import Cancelled
from tests.fakes.embedder import FakeEmbedder

TEXTS = (
    "A ticket costs seven euros.",
    "La entrada cuesta siete euros.",
    "The boats have no keel. " * 60,
    "x",
    "",
    "光明 مرحبا \N{GRINNING FACE}",
)


@pytest.fixture(
    scope="module",
    params=[
        "fake",
        pytest.param("onnx", marks=pytest.mark.models),
        pytest.param("sentence-transformers", marks=[pytest.mark.models, pytest.mark.slow]),
    ],
)
def embedder(request: pytest.FixtureRequest) -> Iterator[Embedder]:
    if request.param == "fake":
        yield FakeEmbedder()
    else:
        yield load_embedder(request.getfixturevalue("embedding_model"), request.param)


def test_vectors_are_unit_float32_one_for_each_text(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS, "passage")
    assert vectors.shape == (len(TEXTS), embedder.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)


def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed((), "passage").shape == (0, embedder.dimensions)


def test_a_text_has_the_same_vector_alone_and_in_company(embedder: Embedder) -> None:
    together = embedder.embed(TEXTS, "passage")
    for index in (0, 2):
        alone = embedder.embed((TEXTS[index],), "passage")[0]
        # dynamic quantization looks at the whole batch, so the last digits may differ
        assert float(alone @ together[index]) > 0.98


def test_a_question_is_nearest_to_its_answer_also_in_the_other_language(embedder: Embedder) -> None:
    passages = embedder.embed(TEXTS[:3], "passage")
    for question in ("How much does a ticket cost?", "¿Cuánto cuesta la entrada?"):
        scores = passages @ embedder.embed((question,), "query")[0]
        assert int(np.argmax(scores)) in (0, 1), question
        assert min(scores[0], scores[1]) > scores[2]


def test_the_fingerprint_names_the_model_and_does_not_change(embedder: Embedder) -> None:
    assert embedder.fingerprint
    assert embedder.fingerprint == embedder.fingerprint


def test_what_is_raised_between_batches_ends_the_call(embedder: Embedder) -> None:
    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        embedder.embed(TEXTS, "passage", stop)


@pytest.mark.models
@pytest.mark.slow
def test_both_forms_of_a_model_agree_and_have_fingerprints_of_their_own(embedding_model: Path) -> None:
    load: Callable[[str], Embedder] = lambda form: load_embedder(embedding_model, form)  # type: ignore[arg-type]  # noqa: E731
    small, whole = load("onnx"), load("sentence-transformers")
    cosines = (small.embed(TEXTS[:3], "passage") * whole.embed(TEXTS[:3], "passage")).sum(axis=1)
    assert cosines.min() > 0.95
    assert small.fingerprint != whole.fingerprint
