"""The library worker as a real process: indexed, asked, killed, restarted."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from rag.errors import EmbedderMissing
from rag.indexing.embedding import TEXTS_PER_CALL
from rag.protocol import (
    Collections,
    DocumentIndexed,
    Documents,
    EmbedTexts,
    Found,
    IndexDone,
    IndexPaths,
    IndexProgress,
    ListCollections,
    ListDocuments,
    Located,
    LocatePassage,
    Removed,
    RemoveDocuments,
    Search,
)
from tests.conftest import TEST_DATA
from tests.data.pdf_writer import Line, Page, write
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.library import Gone, Library, RequestFailed, files_of

MUSEUM = str(TEST_DATA / "museum.pdf")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "data") as opened:
        yield opened


def texts(folder: Path, count: int, length: int = 40) -> Path:
    """Files of distinct text."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(count):
        (folder / f"{n:03}.txt").write_text(f"File number{n} tells of subject{n}. " * length, "utf-8")
    return folder


def wait_until(true: object, what: str) -> None:
    latest = time.monotonic() + 60
    while not true():  # type: ignore[operator]
        assert time.monotonic() < latest, what
        time.sleep(0.02)


def states(library: Library) -> dict[str, str]:
    documents = library.ask(ListDocuments(), Documents).documents
    return {Path(document.file).name: document.state for document in documents}


def test_a_pdf_is_indexed_found_and_located(library: Library) -> None:
    request = library.send(IndexPaths((MUSEUM,), "guides"))
    (document,) = library.result(request, IndexDone).documents
    assert (document.state, document.pages, document.passages > 4) == ("indexed", 4, True)
    events = library.events(request)
    assert [event.document for event in events if isinstance(event, DocumentIndexed)] == [document]
    assert {e.stage for e in events if isinstance(e, IndexProgress)} == {"reading", "embedding", "storing"}
    hit, *_ = library.ask(Search("How much does a ticket cost?", 3), Found).hits
    assert (hit.page, hit.heading, hit.title[:8]) == (3, "Tickets", "The Salt")
    assert "seven euros" in hit.text
    located = library.ask(LocatePassage(hit.document, hit.page, hit.start, hit.end), Located)
    assert located.page_text[hit.start : hit.end] == hit.text
    assert located.boxes
    assert located.pages == 4


@pytest.mark.slow
def test_collections_and_documents_limit_a_search(library: Library, tmp_path: Path) -> None:
    library.ask(IndexPaths((MUSEUM,), "guides"), IndexDone)
    library.ask(IndexPaths((str(texts(tmp_path / "other", 3)),), "other"), IndexDone)
    guide = library.ask(ListDocuments("guides"), Documents).documents[0].document
    everywhere = library.ask(Search("subject1 ticket", 20), Found).hits
    assert {Path(hit.file).suffix for hit in everywhere} == {".pdf", ".txt"}
    assert {hit.document for hit in library.ask(Search("subject1", 20, ("guides",)), Found).hits} == {guide}
    assert {hit.document for hit in library.ask(Search("subject1", 20, (), (guide,)), Found).hits} == {guide}
    names = [(c.name, c.documents) for c in library.ask(ListCollections(), Collections).collections]
    assert names == [("default", 0), ("guides", 1), ("other", 3)]
    with pytest.raises(RequestFailed) as refusal:
        library.ask(Search("x", 5, ("none",)), Found)
    assert (refusal.value.error.code, refusal.value.error.params) == ("unknown_collection", {"name": "none"})


@pytest.mark.slow
def test_a_file_is_indexed_again_only_when_it_has_changed(library: Library, tmp_path: Path) -> None:
    folder = texts(tmp_path / "docs", 3)
    assert set(files_of(library.ask(IndexPaths((str(folder),)), IndexDone)).values()) == {"indexed"}
    embedder = library.embedder
    assert isinstance(embedder, FakeEmbedder)
    calls = embedder.calls
    assert set(files_of(library.ask(IndexPaths((str(folder),)), IndexDone)).values()) == {"unchanged"}
    assert embedder.calls == calls
    path = folder / "001.txt"
    path.write_text(path.read_text("utf-8") + "\n\nA wholly new ending about pelicans.", "utf-8")
    done = files_of(library.ask(IndexPaths((str(folder),)), IndexDone))
    assert done == {"000.txt": "unchanged", "001.txt": "indexed", "002.txt": "unchanged"}
    assert embedder.calls - calls == 1, "only the changed passage is embedded"
    hit = library.ask(Search("pelicans", 1), Found).hits[0]
    assert "pelicans" in hit.text
    assert len(states(library)) == 3


def test_every_bad_file_ends_in_its_reason_and_the_rest_goes_on(library: Library, tmp_path: Path) -> None:
    folder = texts(tmp_path / "docs", 1)
    (folder / "empty.pdf").touch()
    (folder / "blank.txt").write_text(" \n ")
    (folder / "damaged.pdf").write_bytes(b"%PDF-1.7\n" + b"\x00garbage" * 200)
    write(folder / "scan.pdf", [Page(drawing="0 0 300 300 re f")] * 2)
    (folder / "nothing").mkdir()
    missing, foreign = tmp_path / "missing.pdf", tmp_path / "sheet.xlsx"
    foreign.write_bytes(b"PK")
    paths = (str(folder), str(missing), str(foreign), str(folder / "nothing"))
    done = library.ask(IndexPaths(paths), IndexDone)
    reasons = {Path(d.file).name: d.error.code if d.error else d.state for d in done.documents}
    assert reasons == {
        "000.txt": "indexed",
        "blank.txt": "document_empty",
        "damaged.pdf": "document_damaged",
        "empty.pdf": "document_empty",
        "scan.pdf": "document_no_text",
        "missing.pdf": "document_missing",
        "sheet.xlsx": "document_unknown_format",
        "nothing": "folder_empty",
    }
    scan = next(d for d in done.documents if d.file.endswith("scan.pdf"))
    assert scan.pages == 2
    listed = {Path(d.file).name: d for d in library.ask(ListDocuments(), Documents).documents}
    assert set(listed) == {"000.txt", "blank.txt", "damaged.pdf", "empty.pdf", "scan.pdf"}
    assert listed["scan.pdf"].error is not None
    assert listed["scan.pdf"].pages == 2


@pytest.mark.slow
def test_a_document_that_breaks_keeps_what_was_indexed_of_it(library: Library, tmp_path: Path) -> None:
    path = write(tmp_path / "a.pdf", [Page([Line(72, 100, "The albatross is large.")])])
    library.ask(IndexPaths((str(path),)), IndexDone)
    path.write_bytes(path.read_bytes()[:100])
    (document,) = library.ask(IndexPaths((str(path),)), IndexDone).documents
    assert (document.state, document.error is not None) == ("failed", True)
    assert "albatross" in library.ask(Search("albatross", 1), Found).hits[0].text
    assert states(library) == {"a.pdf": "indexed"}


@pytest.mark.slow
def test_removed_documents_are_not_found_any_more(library: Library, tmp_path: Path) -> None:
    folder = texts(tmp_path / "docs", 2)
    library.ask(IndexPaths((str(folder),)), IndexDone)
    first = library.ask(Search("subject0", 1), Found).hits[0]
    assert library.ask(RemoveDocuments((first.document, 999)), Removed).count == 1
    assert "000.txt" not in {Path(hit.file).name for hit in library.ask(Search("subject0", 9), Found).hits}
    assert library.ask(Search("subject1", 1), Found).hits
    assert (folder / "000.txt").is_file()


def test_a_killed_library_loses_nothing_and_finishes_the_rest_when_it_starts_again(tmp_path: Path) -> None:
    folder = texts(tmp_path / "docs", 12)
    library = Library(tmp_path / "data")
    request = library.send(IndexPaths((str(folder),)))
    library.wait_for(request, lambda events: sum(isinstance(e, DocumentIndexed) for e in events) >= 4)
    library.kill()
    finished = [Path(e.document.file).name for e in library.events(request) if isinstance(e, DocumentIndexed)]
    with Library(tmp_path / "data") as again:
        found = states(again)
        assert [found[name] for name in finished] == ["indexed"] * len(finished)
        wait_until(
            lambda: set(states(again).values()) == {"indexed"}, "the rest is indexed without being asked"
        )
        for n in range(12):
            assert f"subject{n}." in again.ask(Search(f"subject{n}", 1), Found).hits[0].text
        assert set(files_of(again.ask(IndexPaths((str(folder),)), IndexDone)).values()) == {"unchanged"}


@pytest.mark.slow
def test_a_kill_in_the_middle_of_a_document_embeds_only_what_was_not_embedded(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("\n\n".join(f"Paragraph{n} about thing{n}. " * 30 for n in range(80)), "utf-8")
    library = Library(tmp_path / "data")
    embedding = threading.Event()

    def five_calls(body: EmbedTexts) -> bool:
        if body.call > 6:  # it is asked for ahead, while the sixth is waited for and the fifth is stored
            embedding.set()
        return body.call <= 5

    library.before_embedding = five_calls
    library.send(IndexPaths((str(path),)))
    assert embedding.wait(60)
    library.kill()
    embedder = FakeEmbedder()
    with Library(tmp_path / "data", embedder) as again:
        wait_until(lambda: states(again) == {"long.txt": "indexed"}, "it is finished")
        passages = again.ask(ListDocuments(), Documents).documents[0].passages
        assert embedder.calls == passages - 5 * TEXTS_PER_CALL
        assert "thing79." in again.ask(Search("thing79", 1), Found).hits[0].text


def test_a_question_during_indexing_is_answered_at_once(library: Library, tmp_path: Path) -> None:
    library.ask(IndexPaths((MUSEUM,)), IndexDone)
    held = threading.Event()

    def hold_passages(body: EmbedTexts) -> bool:
        if body.kind == "passage":
            held.set()
            return False  # this batch never gets its vectors
        return True

    library.before_embedding = hold_passages
    batch = library.send(IndexPaths((str(texts(tmp_path / "docs", 5)),)))
    assert held.wait(60)
    assert "seven euros" in library.ask(Search("ticket cost", 1), Found).hits[0].text
    assert library.ask(ListDocuments(), Documents).documents
    assert not any(isinstance(event, IndexDone) for event in library.events(batch))


@pytest.mark.slow
def test_a_cancelled_batch_keeps_what_is_finished_and_forgets_the_rest(
    library: Library, tmp_path: Path
) -> None:
    held = threading.Event()

    def hold_the_third(body: EmbedTexts) -> bool:
        if body.call == 3:
            held.set()
            return False
        return True

    library.before_embedding = hold_the_third
    request = library.send(IndexPaths((str(texts(tmp_path / "docs", 6)),)))
    assert held.wait(60)
    library.cancel(request)
    done = library.result(request, IndexDone)
    assert done.cancelled
    assert files_of(done) == {"000.txt": "indexed", "001.txt": "indexed"}
    assert states(library) == {"000.txt": "indexed", "001.txt": "indexed"}


@pytest.mark.slow
def test_a_missing_embedder_stops_the_batch_with_its_reason_and_is_tried_again(
    library: Library, tmp_path: Path
) -> None:
    folder = texts(tmp_path / "docs", 2)
    library.refusal = EmbedderMissing(path="/models/none")
    with pytest.raises(RequestFailed) as refusal:
        library.ask(IndexPaths((str(folder),)), IndexDone)
    assert refusal.value.error == EmbedderMissing(path="/models/none").info()
    listed = library.ask(ListDocuments(), Documents).documents
    assert [(d.state, d.error.code if d.error else "") for d in listed] == [
        ("failed", "embedder_missing")
    ] * 2
    library.refusal = None
    assert set(files_of(library.ask(IndexPaths((str(folder),)), IndexDone)).values()) == {"indexed"}


@pytest.mark.slow
def test_another_embedding_model_never_mixes_in_and_embeds_everything_anew(tmp_path: Path) -> None:
    with Library(tmp_path / "data") as library:
        library.ask(IndexPaths((MUSEUM,)), IndexDone)
    other = FakeEmbedder(32, "other")
    with Library(tmp_path / "data", other) as again:
        again.ask(Search("ticket cost", 1), Found)  # the first question tells of the new model
        wait_until(
            lambda: again.ask(Search("ticket cost", 1), Found).hits[0].score > 0, "it has vectors again"
        )
        assert "seven euros" in again.ask(Search("ticket cost", 1), Found).hits[0].text
        assert files_of(again.ask(IndexPaths((MUSEUM,)), IndexDone)) == {"museum.pdf": "unchanged"}


def test_an_error_that_nobody_foresaw_in_a_thread_ends_the_worker_and_is_in_its_log(tmp_path: Path) -> None:
    code = """
import threading, time
from rag.process import end_with_any_thread
end_with_any_thread()
def fails(): raise ValueError("not foreseen")
threading.Thread(target=fails).start()
time.sleep(60)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=50)
    assert ended.returncode == 1
    assert b"ValueError" in ended.stderr
    assert b"not foreseen" not in ended.stderr


def test_a_second_library_on_the_same_folder_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    with Library(tmp_path / "data") as first:
        with pytest.raises(RequestFailed) as refusal:
            Library(tmp_path / "data")
        assert refusal.value.error.code == "library_in_use"
        first.kill()
        Library(tmp_path / "data").close()


def test_a_database_that_is_no_database_is_said_before_anything_else(tmp_path: Path) -> None:
    database = tmp_path / "data" / "library" / "library.db"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"not a database at all" * 100)
    with pytest.raises(RequestFailed) as refusal:
        Library(tmp_path / "data")
    assert refusal.value.error.code == "database_damaged"
    assert refusal.value.error.params == {"file": str(database), "folder": str(database.parent)}
    assert database.read_bytes().startswith(b"not a database")


@pytest.mark.slow
@pytest.mark.parametrize("harm", ["deleted", "damaged"])
def test_a_lost_index_is_built_anew_from_the_library(harm: str, tmp_path: Path) -> None:
    with Library(tmp_path / "data") as library:
        library.ask(IndexPaths((MUSEUM,)), IndexDone)
    index = tmp_path / "data" / "library" / "chroma"
    for path in sorted(index.rglob("*"), reverse=True):
        if path.is_file():
            path.unlink() if harm == "deleted" else path.write_bytes(b"noise" * 1000)
    with Library(tmp_path / "data") as again:
        assert "seven euros" in again.ask(Search("ticket cost", 1), Found).hits[0].text
        # a removal is only answered after the index was caught up
        again.ask(RemoveDocuments((999,)), Removed)
        (written,) = index.rglob("chroma.sqlite3")
        assert written.read_bytes().startswith(b"SQLite format 3")
        assert "seven euros" in again.ask(Search("ticket cost", 1), Found).hits[0].text


@pytest.mark.slow
def test_a_reader_that_is_killed_costs_its_file_and_no_other(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    # long enough to be caught reading
    pages = [Page([Line(72, 60 + 12 * n, f"line {n} of many words here") for n in range(60)])]
    write(folder / "a.pdf", pages * 4000)
    (folder / "b.txt").write_text("The survivor.", "utf-8")
    request = library.send(IndexPaths((str(folder),)))
    worker = psutil.Process(library.child.process.pid)
    reading = lambda events: any(isinstance(e, IndexProgress) and e.done > 0 for e in events)  # noqa: E731
    library.wait_for(request, reading)
    (reader,) = worker.children()
    os.kill(reader.pid, signal.SIGKILL)
    done = library.result(request, IndexDone)
    assert [(d.state, d.error.code if d.error else "") for d in done.documents] == [
        ("failed", "document_killed_reader"),
        ("indexed", ""),
    ]
    assert done.documents[0].error is not None
    assert done.documents[0].error.params["how"] == "SIGKILL"


@pytest.mark.slow
def test_the_library_leaves_when_its_owner_is_gone_and_takes_its_reader_along(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    library.before_embedding = lambda _: False
    library.send(IndexPaths((MUSEUM,)))
    worker = psutil.Process(library.child.process.pid)
    wait_until(lambda: bool(worker.children()), "a reader is started")
    children = worker.children()
    library.child.channel.close()
    assert library.child.process.wait(30) == 0
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive


@pytest.mark.slow
def test_a_library_that_ends_is_noticed_by_whoever_waits(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    library.before_embedding = lambda _: False
    request = library.send(IndexPaths((MUSEUM,)))
    library.kill()
    with pytest.raises(Gone):
        library.result(request, IndexDone)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_nobody_else_can_read_the_library(library: Library, tmp_path: Path) -> None:
    library.ask(IndexPaths((MUSEUM,)), IndexDone)
    folder = tmp_path / "data" / "library"
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / "library.db").stat().st_mode & 0o077 == 0
