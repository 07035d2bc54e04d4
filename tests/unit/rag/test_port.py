"""The library's Embedder port."""

import threading

import numpy as np
import pytest

from rag.errors import Cancelled, EmbedderError, EmbedderMissing, Forwarded
from rag.indexing.port import EmbedderPort
from rag.protocol import Embedded, EmbedTexts


def answering(make: object) -> EmbedderPort:
    """A port whose core answers with `make(request)`."""
    port: EmbedderPort

    def send(request: EmbedTexts) -> None:
        port.answer(make(request))  # type: ignore[operator]

    port = EmbedderPort(send)
    return port


def test_an_answer_comes_back_as_vectors_with_their_fingerprint() -> None:
    vectors = np.eye(2, 3, dtype="<f4")
    port = answering(lambda request: Embedded(request.call, 3, vectors.tobytes(), "model"))
    answer = port.embed("passage", ["a", "b"])
    assert answer.fingerprint == "model"
    assert (answer.vectors == vectors).all()


def test_the_cores_error_is_handed_on_as_it_came() -> None:
    error = EmbedderMissing(path="/models/none").info()
    port = answering(lambda request: Embedded(request.call, error=error))
    with pytest.raises(Forwarded) as refusal:
        port.embed("query", ["a"])
    assert refusal.value.info() == error


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: Embedded(request.call, 3, b"\0" * 12, ""),
        lambda request: Embedded(request.call, 3, b"\0" * 11, "model"),
        lambda request: Embedded(request.call, 0, b"", "model"),
        lambda request: Embedded(request.call, 1, np.array([np.nan], "<f4").tobytes(), "model"),
    ],
)
def test_an_answer_that_does_not_fit_is_an_error(answer: object) -> None:
    with pytest.raises(EmbedderError):
        answering(answer).embed("query", ["a"])


def test_a_call_that_is_taken_back_or_that_nobody_will_answer_ends() -> None:
    silent = EmbedderPort(lambda _: None)
    with pytest.raises(Cancelled):
        silent.embed("query", ["a"], lambda: True)
    threading.Timer(0.05, silent.close).start()
    with pytest.raises(Cancelled):
        silent.embed("query", ["a"])
    with pytest.raises(Cancelled):
        silent.embed("query", ["a"])


def test_answers_find_the_call_they_belong_to() -> None:
    asked: dict[str, int] = {}
    both = threading.Event()

    def send(request: EmbedTexts) -> None:
        asked[request.texts[0]] = request.call
        if len(asked) == 2:
            both.set()

    port = EmbedderPort(send)
    found: dict[str, float] = {}

    def ask(text: str) -> None:
        found[text] = float(port.embed("query", [text]).vectors[0, 0])

    threads = [threading.Thread(target=ask, args=(text,)) for text in ("one", "two")]
    for thread in threads:
        thread.start()
    assert both.wait(10)
    for text, value in (("two", 2.0), ("one", 1.0)):
        port.answer(Embedded(asked[text], 1, np.array([value], "<f4").tobytes(), "model"))
    for thread in threads:
        thread.join(10)
    assert found == {"one": 1.0, "two": 2.0}
