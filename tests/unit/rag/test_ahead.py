"""What was read of a document is embedded while the rest of it is read."""

from pathlib import Path

import pytest

from rag.errors import EmbedderMissing, Forwarded
from rag.protocol import Embedded, EmbedTexts
from tests.fakes.embedder import FakeEmbedder
from tests.unit.rag.shelf import HereReader, Shelf


class SlowReader(HereReader):
    """Tells when all of a document has been read."""

    whole = False

    def read(self, *asked):  # type: ignore[no-untyped-def]
        SlowReader.whole = False
        yield from super().read(*asked)
        SlowReader.whole = True


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    made = Shelf(tmp_path)
    made.indexer._reader = SlowReader(tmp_path / "reader.log")
    made.index(made.write(["whose model is known from now on"], "first"))
    return made


def long_document(shelf: Shelf) -> Path:
    """Of some 280 passages on eleven pages."""
    text = "\n\n".join(f"Line {n} of what is long, {n * n} and {n + 7}. " * 30 for n in range(180))
    return shelf.write([text], "long") / "long0.txt"


def test_passages_are_embedded_while_their_document_is_read_and_each_of_them_once(shelf: Shelf) -> None:
    early, texts, answered = [0], [], shelf.port._send

    def watched(request: EmbedTexts) -> None:
        early[0] += not SlowReader.whole
        texts.extend(request.texts)
        answered(request)

    shelf.port._send = watched
    (done,) = shelf.index(long_document(shelf)).documents
    assert early[0] >= 5
    assert len(texts) == len(set(texts)) == done.passages


def test_what_refuses_while_a_document_is_read_stops_the_batch_when_it_has_been_read(shelf: Shelf) -> None:
    answered, calls = shelf.port._send, []

    def refuse(request: EmbedTexts) -> None:
        calls.append(SlowReader.whole)
        shelf.port.answer(Embedded(request.call, error=EmbedderMissing(path="/m").info()))

    shelf.port._send = refuse
    with pytest.raises(Forwarded):
        shelf.index(long_document(shelf))
    assert calls == [False, True, True]  # it does not go on asking while it reads
    shelf.port._send = answered
    assert [one.state for one in shelf.index(long_document(shelf)).documents] == ["indexed"]


def test_a_model_that_was_exchanged_while_a_document_is_read_embeds_all_of_it(shelf: Shelf) -> None:
    shelf.embedder = FakeEmbedder(32, "another")
    early, answered = [0], shelf.port._send

    def watched(request: EmbedTexts) -> None:
        early[0] += not SlowReader.whole
        answered(request)

    shelf.port._send = watched
    (done,) = shelf.index(long_document(shelf)).documents
    assert early == [1]  # what was asked for ahead told of it
    assert shelf.passages.fingerprint == shelf.embedder.fingerprint
    assert done.document is not None
    assert shelf.passages.complete(done.document, 1)


def test_the_texts_of_a_call_are_of_about_one_length(shelf: Shelf) -> None:
    calls: list[list[int]] = []
    answered = shelf.port._send

    def watched(request: EmbedTexts) -> None:
        calls.append([len(text) for text in request.texts])
        answered(request)

    shelf.port._send = watched
    texts = [f"{n} is a number. " * (1 + 7 * n % 40) for n in range(40)]
    shelf.index(shelf.write(["\n\n".join(f"# {n}\n\n{text}" for n, text in enumerate(texts))], "uneven"))
    lengths = [length for call in calls for length in call]
    assert len(lengths) > 16
    assert len(set(lengths)) > 8
    spread = sum(max(call) - min(call) for call in calls) / len(calls)
    in_order = [sorted(lengths)[n : n + 8] for n in range(0, len(lengths), 8)]
    assert spread <= 2 * sum(max(call) - min(call) for call in in_order) / len(in_order)
