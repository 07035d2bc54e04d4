"""Indexing without processes: what is stored, what stops a batch, what is kept."""

import time
from pathlib import Path

import pytest

import rag.indexing.space as space
from rag.errors import Cancelled, DiskFull, EmbedderMissing, Forwarded, WorkerDied
from rag.indexing.indexer import MOST_ATTEMPTS
from rag.protocol import Embedded, EmbedTexts, IndexProgress
from rag.sqlite import sqlite3
from rag.store.queries import Queries
from tests.conftest import TEST_DATA
from tests.unit.rag.shelf import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_every_stored_span_slices_its_page_to_the_passage(shelf: Shelf) -> None:
    shelf.index(TEST_DATA)
    queries = Queries(shelf.folder / "library.db")
    rows = queries.passages(1, list(range(1, 200)))
    assert len(rows) > 20
    for row in rows.values():
        located = queries.locate(row.document, row.page, row.start, row.end)
        assert located.page_text[row.start : row.end] == row.text != ""
        assert bool(located.boxes) == row.file.endswith(".pdf")


def test_a_disk_that_is_full_stops_the_batch_and_keeps_what_was_indexed(shelf: Shelf) -> None:
    shelf.index(shelf.write(["the first albatross"]))
    database: sqlite3.Connection = shelf.writer._db
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages + 20}")
    big = shelf.write(["\n\n".join(f"long {n} {n * n} text. " * 40 for n in range(300))], "big")
    with pytest.raises(Forwarded) as refusal:
        shelf.index(big)
    assert refusal.value.info().code == DiskFull.code
    assert refusal.value.params["folder"] == str(shelf.folder)
    database.execute("PRAGMA max_page_count = 1000000")
    assert [d.state for d in shelf.index(big).documents] == ["indexed", "unchanged"]


def test_a_disk_with_little_space_left_is_left_alone(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "LEAST_FREE_BYTES", 1 << 60)
    with pytest.raises(Forwarded, match="bytes free"):
        shelf.index(shelf.write(["text"]))


def test_an_embedder_that_refuses_in_the_middle_leaves_the_batch_to_be_tried_again(shelf: Shelf) -> None:
    folder = shelf.write(["one text", "two texts", "three texts"])
    answered = shelf.port._send

    def refuse_the_second(request: EmbedTexts) -> None:
        if request.call == 2:
            shelf.port.answer(Embedded(request.call, error=EmbedderMissing(path="/m").info()))
        else:
            answered(request)

    shelf.port._send = refuse_the_second
    with pytest.raises(Forwarded):
        shelf.index(folder)
    listed = Queries(shelf.folder / "library.db").documents(None)
    assert [document.state for document in listed] == ["indexed", "failed", "failed"]
    assert [d.state for d in shelf.index(folder).documents] == ["unchanged", "indexed", "indexed"]


def test_a_document_that_ended_the_library_again_and_again_is_given_up(shelf: Shelf) -> None:
    folder = shelf.write(["text"])
    collection = shelf.writer.collection("default")
    shelf.writer.queue(collection, [str(folder / "doc0.txt")])
    for _ in range(MOST_ATTEMPTS):
        document = shelf.writer.unfinished()
        assert document is not None
        shelf.writer.begin(document)
    assert shelf.indexer.resume(lambda: False)
    assert not shelf.indexer.resume(lambda: False)
    (listed,) = Queries(shelf.folder / "library.db").documents(None)
    assert listed.error is not None
    assert listed.error.code == "document_killed_reader"
    assert [d.state for d in shelf.index(folder).documents] == ["indexed"], "asked for, it is tried again"


def test_the_same_text_in_two_collections_is_embedded_once_and_outlives_either(shelf: Shelf) -> None:
    folder = shelf.write(["the only albatross"])
    first = shelf.index(folder, collection="a").documents[0]
    calls = shelf.embedder.calls
    second = shelf.index(folder, collection="b").documents[0]
    assert (second.state, shelf.embedder.calls) == ("indexed", calls)
    assert first.document is not None
    shelf.writer.remove([first.document])
    assert shelf.index(folder, collection="b").documents[0].state == "unchanged"
    assert second.document is not None
    shelf.writer.remove([second.document])
    shelf.writer.collect_garbage()
    assert shelf.writer._db.execute("SELECT count(*) FROM vectors").fetchone() == (1,), "it may come back"
    assert shelf.writer.erase_removed(time.time()) == 2
    shelf.writer.collect_garbage()
    assert shelf.writer._db.execute("SELECT count(*) FROM vectors").fetchone() == (0,)
    assert shelf.writer._db.execute("SELECT count(*) FROM pages").fetchone() == (0,)
    words = "SELECT count(*) FROM passage_words WHERE passage_words MATCH 'albatross'"
    assert shelf.writer._db.execute(words).fetchone() == (0,)


def test_nothing_of_a_new_version_can_be_seen_before_all_of_it(shelf: Shelf) -> None:
    folder = shelf.write(["the old albatross"])
    shelf.index(folder)
    shelf.write(["the new pelican"])
    queries = Queries(shelf.folder / "library.db")
    seen: list[tuple[int, int]] = []
    answered = shelf.port._send

    def look_and_answer(request: EmbedTexts) -> None:
        scope = queries.scope((), ())
        seen.append(
            (len(queries.by_words('"albatross"', scope, 9)), len(queries.by_words('"pelican"', scope, 9)))
        )
        answered(request)

    shelf.port._send = look_and_answer
    shelf.index(folder)
    assert seen == [(1, 0)]
    scope = queries.scope((), ())
    assert (len(queries.by_words('"albatross"', scope, 9)), len(queries.by_words('"pelican"', scope, 9))) == (
        0,
        1,
    )


def test_long_headings_and_hostile_names_are_stored_as_they_are(shelf: Shelf) -> None:
    path = shelf.folder / "'; DROP TABLE documents; --.md"
    path.write_text("# " + "heading " * 200 + "\n\ntext with \x00 zero and \ufdfa", "utf-8")
    (document,) = shelf.index(path).documents
    assert document.state == "indexed"
    assert Queries(shelf.folder / "library.db").documents(None)[0].file == str(path)


def test_an_embedder_that_died_once_costs_nothing_and_twice_the_batch(shelf: Shelf) -> None:
    folder = shelf.write(["one text", "two texts"])
    answered = shelf.port._send
    deaths = 1

    def die(request: EmbedTexts) -> None:
        nonlocal deaths
        if deaths:
            deaths -= 1
            error = WorkerDied("the last lines", worker="embedder", how="SIGKILL").info()
            shelf.port.answer(Embedded(request.call, error=error))
        else:
            answered(request)

    shelf.port._send = die
    assert [d.state for d in shelf.index(folder).documents] == ["indexed", "indexed"]
    deaths = 2
    with pytest.raises(Forwarded) as reason:
        shelf.index(shelf.write(["three texts"], "other"))
    assert reason.value.info().code == "worker_died"


def test_a_document_that_is_removed_while_it_is_indexed_stays_removed(shelf: Shelf) -> None:
    folder = shelf.write(["one text", "two texts"])
    removed = False

    def remove_the_first() -> bool:
        nonlocal removed
        if removed:
            return False
        removed = True
        shelf.writer.remove([1])
        return True

    shelf.indexer._between = remove_the_first
    done = shelf.index(folder)
    assert [d.error.code if d.error else d.state for d in done.documents] == ["cancelled", "indexed"]
    assert [d.document for d in Queries(shelf.folder / "library.db").documents(None)] == [2]


def test_being_interrupted_in_order_is_no_reason_to_give_a_document_up(shelf: Shelf) -> None:
    folder = shelf.write(["text"])
    shelf.writer.queue(shelf.writer.collection("default"), [str(folder / "doc0.txt")])
    answered = shelf.port._send
    shelf.port._send = lambda _: None
    for _ in range(MOST_ATTEMPTS + 1):
        asked = iter([False, False, True, True])
        with pytest.raises(Cancelled):
            shelf.indexer.resume(lambda: next(asked))  # noqa: B023 - called within the turn
    shelf.port._send = answered
    assert shelf.indexer.resume(lambda: False)
    assert [d.state for d in Queries(shelf.folder / "library.db").documents(None)] == ["indexed"]


def test_a_new_version_whose_indexing_is_taken_back_is_not_gone_on_with(shelf: Shelf) -> None:
    folder = shelf.write(["the first text"])
    shelf.index(folder)
    shelf.write(["the second text"])
    done = shelf.index(folder, cancelled=lambda told: any(isinstance(event, IndexProgress) for event in told))
    assert (done.cancelled, done.documents) == (True, ())
    assert shelf.writer.unfinished() is None
    rows = Queries(shelf.folder / "library.db").passages(1, range(1, 9))
    assert [row.text for row in rows.values()] == ["the first text"]


def test_who_cancels_is_told_even_if_the_library_cannot_forget_what_waited(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr(shelf.writer, "drop_queued", refuse)
    folder = shelf.write(["one", "two"])
    done = shelf.index(folder, cancelled=lambda told: any(isinstance(event, IndexProgress) for event in told))
    assert done.cancelled


def test_what_keeps_unfinished_documents_from_being_finished_is_noted(shelf: Shelf) -> None:
    folder = shelf.write(["one text", "two texts"])
    names = [str(folder / "doc0.txt"), str(folder / "doc1.txt")]
    shelf.writer.queue(shelf.writer.collection("default"), names)
    error = EmbedderMissing(path="/m").info()
    shelf.port._send = lambda request: shelf.port.answer(Embedded(request.call, error=error))
    with pytest.raises(Forwarded):
        shelf.indexer.resume(lambda: False)
    assert [d.error for d in Queries(shelf.folder / "library.db").documents(None)] == [error, error]
    assert not shelf.indexer.resume(lambda: False)


def test_a_collection_tells_what_can_be_searched_from_what_waits(shelf: Shelf) -> None:
    shelf.index(shelf.write(["the first albatross"], "done"))
    shelf.writer.queue(shelf.writer.collection("default"), ["/late/a.txt", "/late/b.txt"])
    shelf.writer.create_collection("empty")
    told = Queries(shelf.folder / "library.db").collections()
    assert [(one.name, one.documents, one.indexing) for one in told] == [("default", 1, 2), ("empty", 0, 0)]
