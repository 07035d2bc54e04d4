"""The reader worker as a real process, and every PDF of the shared collection."""

import json
import subprocess
import sys
import time
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from rag.errors import Cancelled, DocumentError, ReaderDied
from rag.frames import Frames
from rag.indexing.reader_client import PAGE_LIMIT_S, ReaderClient, Refused
from rag.process import Child, spawn
from rag.protocol import (
    Cancel,
    DocumentOpened,
    Failed,
    PageBitmap,
    PageRead,
    ReadDocument,
    ReaderEventFrame,
    ReaderRequestFrame,
    Ready,
    RenderPage,
)
from tests.conftest import SHARED_DATA, TEST_DATA
from tests.data.pdf_writer import Line, Page, write
from tests.unit.rag.shelf import Shelf

PDFS = SHARED_DATA / "pdf"
MUSEUM = TEST_DATA / "museum.pdf"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[ReaderClient]:
    client = ReaderClient(tmp_path / "reader.log")
    yield client
    client.close()


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[tuple[Child, Frames[ReaderEventFrame, ReaderRequestFrame]]]:
    child = spawn("rag.reader_worker", (), tmp_path / "reader.log")
    frames: Frames[ReaderEventFrame, ReaderRequestFrame] = Frames(child.channel, ReaderEventFrame)
    assert isinstance(frames.receive().body, Ready)
    yield child, frames
    child.process.kill()
    child.process.wait()


def never() -> bool:
    return False


# ── the shared collection ──


def cases() -> list[Any]:
    if not PDFS.is_dir():
        return [pytest.param(None, marks=pytest.mark.skip(reason="the shared PDFs are not here"))]
    expected = json.loads((PDFS / "expected.json").read_text("utf-8"))
    return [pytest.param(case, id=case["file"]) for case in expected["files"]]


@pytest.fixture(scope="module")
def shared_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReaderClient]:
    client = ReaderClient(tmp_path_factory.mktemp("logs") / "reader.log")
    yield client
    client.close()


@pytest.mark.parametrize("case", cases())
def test_every_shared_pdf_ends_as_expected(case: dict[str, Any], shared_client: ReaderClient) -> None:
    path = PDFS / case["file"]
    match case["expect"]:
        case "text":
            assert_text(case, list(shared_client.read(path, never)))
        case "password":
            assert refusal(shared_client, path).code == "document_encrypted"
            assert refusal(shared_client, path, "not it").code == "document_wrong_password"
            assert_text(case, list(shared_client.read(path, never, case["password"])))
        case "no-text":
            info = refusal(shared_client, path)
            assert (info.code, info.params["pages"]) == ("document_no_text", case["pages"])
        case "survive" | "refuse":
            assert ending(shared_client, path) in {"read", "document_damaged", "document_empty"}
        case other:
            pytest.fail(f"expected.json asks for {other}")


def ending(client: ReaderClient, path: Path) -> str:
    try:
        list(client.read(path, never))
    except Refused as reason:
        return reason.info().code
    return "read"


def assert_text(case: dict[str, Any], events: list[DocumentOpened | PageRead]) -> None:
    opened, *later = events
    pages = [page for page in later if isinstance(page, PageRead)]
    assert isinstance(opened, DocumentOpened)
    assert opened.pages == len(pages) == case["pages"]
    texts = {page.page: page.text for page in pages if isinstance(page, PageRead)}
    for phrase in case["phrases"]:
        assert squeezed(phrase["phrase"]) in squeezed(texts[phrase["page"]]), phrase


def squeezed(text: str) -> str:
    """As expected.json says: NFKC, no white space, no directional marks, no case."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(
        c for c in plain if not c.isspace() and unicodedata.bidirectional(c) not in MARKS
    ).casefold()


MARKS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def refusal(client: ReaderClient, path: Path, password: str | None = None) -> Any:
    with pytest.raises(Refused) as reason:
        list(client.read(path, never, password))
    return reason.value.info()


# ── limits ──


def test_a_page_that_takes_too_long_ends_the_reader_and_the_next_file_gets_a_new_one(
    client: ReaderClient,
) -> None:
    list(client.read(MUSEUM, never))
    assert client._child is not None
    stuck = client._child.process
    psutil.Process(stuck.pid).suspend()
    client.page_limit_s = 0.2
    with pytest.raises(ReaderDied) as reason:
        list(client.read(MUSEUM, never))
    assert reason.value.params["file"] == str(MUSEUM)
    assert stuck.returncode is not None
    client.page_limit_s = PAGE_LIMIT_S
    assert len(list(client.read(MUSEUM, never))) == 5


def test_a_reader_that_ends_between_two_files_is_replaced(client: ReaderClient) -> None:
    list(client.read(MUSEUM, never))
    assert client._child is not None
    client._child.process.kill()
    client._child.process.wait()
    assert len(list(client.read(MUSEUM, never))) == 5


def test_what_is_read_ahead_is_there_when_its_turn_comes(client: ReaderClient, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("one page", "utf-8")
    client.read_ahead(MUSEUM)
    assert not client.reads_ahead, "no reader runs that could begin"
    pages = list(client.read(MUSEUM, never))
    assert client._child is not None
    process = client._child.process

    client.read_ahead(MUSEUM)
    client.read_ahead(other)
    assert client.reads_ahead
    assert list(client.read(MUSEUM, never)) == pages
    assert not client.reads_ahead
    assert len(list(client.read(other, never))) == 2
    assert client._child.process is process

    client.read_ahead(MUSEUM)
    assert len(list(client.read(other, never))) == 2, "another file came first"
    assert client._child.process is not process
    assert list(client.read(MUSEUM, never)) == pages


def test_the_next_document_is_read_while_the_model_has_the_last_one(
    client: ReaderClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(tmp_path)
    shelf.indexer._reader = client
    texts = [f"Note {number}: what nobody else says. " * 40 for number in range(3)]
    begun = []
    read_ahead = client.read_ahead
    monkeypatch.setattr(client, "read_ahead", lambda *what: (begun.append(what[0].name), read_ahead(*what)))
    done = shelf.index(shelf.write(texts))
    assert [one.state for one in done.documents] == ["indexed"] * 3
    assert begun == ["doc1.txt", "doc2.txt"]
    assert shelf.noted.held == 2, "the index heard of the last one alone at once"
    assert len(shelf.changes) == 3
    begun.clear()
    (tmp_path / "files" / "doc0.txt").write_text("changed", "utf-8")
    shelf.index(tmp_path / "files")
    assert begun == [], "the other two are in the library as they are"


def test_a_file_that_changed_since_it_was_read_ahead_is_read_as_it_is(
    client: ReaderClient, tmp_path: Path
) -> None:
    list(client.read(MUSEUM, never))
    path = tmp_path / "notes.txt"
    path.write_text("before", "utf-8")
    client.read_ahead(path, scans="content before")
    time.sleep(0.2)
    path.write_text("after", "utf-8")
    texts = [one.text for one in client.read(path, never, None, "content after") if isinstance(one, PageRead)]
    assert texts == ["after"]


def test_a_reader_that_dies_while_it_reads_ahead_is_replaced(client: ReaderClient) -> None:
    pages = list(client.read(MUSEUM, never))
    assert client._child is not None
    client.read_ahead(MUSEUM)
    client._child.process.kill()
    client._child.process.wait()
    assert list(client.read(MUSEUM, never)) == pages


def test_what_waits_for_a_page_is_told(client: ReaderClient) -> None:
    list(client.read(MUSEUM, never))
    assert client._child is not None
    stuck = psutil.Process(client._child.process.pid)
    stuck.suspend()
    told: list[bool] = []

    def idle() -> None:
        told.append(True)
        stuck.resume()

    assert len(list(client.read(MUSEUM, never, idle=idle))) == 5
    assert told


def test_reading_that_is_taken_back_ends_at_once(client: ReaderClient) -> None:
    with pytest.raises(Cancelled):
        list(client.read(MUSEUM, lambda: True))
    assert len(list(client.read(MUSEUM, never))) == 5


def test_an_encrypted_file_and_then_a_good_one_are_served_by_one_process(client: ReaderClient) -> None:
    missing = refusal(client, MUSEUM.with_name("none.pdf"))
    assert missing.code == "document_missing"
    assert client._child is not None
    pid = client._child.process.pid
    list(client.read(MUSEUM, never))
    assert client._child.process.pid == pid


@pytest.mark.skipif(sys.platform == "win32", reason="no memory limit there")
def test_an_allocation_past_the_limit_fails_and_fills_no_machine() -> None:
    code = "from rag.reader_worker import limit_memory; limit_memory(1 << 30); bytearray(2 << 30)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert b"MemoryError" in ended.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no memory limit there")
def test_a_stream_that_unpacks_to_gigabytes_costs_its_file_and_no_more(
    client: ReaderClient, tmp_path: Path
) -> None:
    path = tmp_path / "bomb.pdf"
    path.write_bytes(bomb(9 << 28))
    assert path.stat().st_size < 100_000
    with pytest.raises(DocumentError):
        list(client.read(path, never))
    assert len(list(client.read(MUSEUM, never))) == 5


def bomb(size_bytes: int) -> bytes:
    """A PDF whose one page has a content stream of that many spaces, packed twice."""
    inner, outer = zlib.compressobj(9), zlib.compressobj(9)
    block = b" " * (16 << 20)
    packed = b"".join(outer.compress(inner.compress(block)) for _ in range(size_bytes // len(block)))
    packed += outer.compress(inner.flush()) + outer.flush()
    head = b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>" % len(packed)
    return b"".join(
        (
            b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n",
            b"2 0 obj\n<< /Type /Pages /Count 1 /Kids [3 0 R] >>\nendobj\n",
            b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 4 0 R >>\nendobj\n",
            b"4 0 obj\n" + head + b"\nstream\n" + packed + b"\nendstream\nendobj\n",
            b"trailer\n<< /Root 1 0 R /Size 5 >>\n%%EOF\n",
        )
    )


# ── the worker itself ──


def test_a_page_is_rendered_and_the_open_file_serves_the_next(
    worker: tuple[Child, Frames[ReaderEventFrame, ReaderRequestFrame]],
) -> None:
    _, frames = worker
    for number, page in ((1, 3), (2, 1)):
        frames.send(ReaderRequestFrame(number, RenderPage(str(MUSEUM), page, 400)))
        frame = frames.receive()
        assert frame.id == number
        assert isinstance(frame.body, PageBitmap)
        assert (frame.body.page, frame.body.width_px, frame.body.pages) == (page, 400, 4)
    frames.send(ReaderRequestFrame(3, RenderPage(str(MUSEUM), 9, 400)))
    failed = frames.receive().body
    assert isinstance(failed, Failed)
    frames.send(ReaderRequestFrame(4, RenderPage(str(TEST_DATA / "museum.source.md"), 1, 400)))
    failed = frames.receive().body
    assert isinstance(failed, Failed)
    assert failed.error.code == "document_unknown_format"


def test_a_file_that_changes_is_rendered_as_it_is_now(
    worker: tuple[Child, Frames[ReaderEventFrame, ReaderRequestFrame]], tmp_path: Path
) -> None:
    _, frames = worker
    path = write(tmp_path / "a.pdf", [Page([Line(72, 100, "one")])])
    for number, pages in ((1, 1), (2, 2)):
        frames.send(ReaderRequestFrame(number, RenderPage(str(path), 1, 100)))
        body = frames.receive().body
        assert isinstance(body, PageBitmap)
        assert body.pages == pages
        write(path, [Page([Line(72, 100, "two")])] * 2)


def test_a_cancel_is_heard_between_two_pages(
    worker: tuple[Child, Frames[ReaderEventFrame, ReaderRequestFrame]], tmp_path: Path
) -> None:
    _, frames = worker
    path = write(tmp_path / "a.pdf", [Page([Line(72, 100, f"page {n}")]) for n in range(3000)])
    frames.send(ReaderRequestFrame(1, ReadDocument(str(path))))
    frames.send(ReaderRequestFrame(2, Cancel(1)))
    seen = 0
    while not isinstance((frame := frames.receive()).body, Failed):
        seen += 1
    assert frame.body.error.code == "cancelled"
    assert seen < 2000
    frames.send(ReaderRequestFrame(3, ReadDocument(str(MUSEUM))))
    assert isinstance(frames.receive().body, DocumentOpened)


def test_the_reader_leaves_when_its_pipe_closes(
    worker: tuple[Child, Frames[ReaderEventFrame, ReaderRequestFrame]],
) -> None:
    child, frames = worker
    frames.close()
    assert child.process.wait(30) == 0
