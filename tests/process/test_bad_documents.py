"""Whatever is given to the library ends in a state with a reason; the rest goes on, and nothing is lost."""

import os
import shutil
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from desktop.core.types import Problem
from desktop.words import hint, sentence
from rag.keeping_frames import ListPages, PagesOf
from rag.protocol import (
    Checked,
    CheckLibrary,
    Documents,
    EmbedTexts,
    Found,
    IndexDone,
    IndexPaths,
    ListDocuments,
    Search,
)
from rag.sqlite import sqlite3
from tests.data.pdf_writer import Line, Page, write
from tests.fakes.library import Library, RequestFailed
from tests.process.test_library_worker import MUSEUM, texts, wait_until

pytestmark = pytest.mark.slow

MOUNTS = sys.platform == "linux" and os.getuid() == 0


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "data") as opened:
        yield opened


def outcomes(done: IndexDone) -> dict[str, str]:
    return {Path(d.file).name: d.error.code if d.error else d.state for d in done.documents}


def faults(library: Library) -> list[str]:
    return [fault.kind for fault in library.ask(CheckLibrary(thorough=True), Checked).faults]


def write_wrecks(folder: Path) -> dict[str, str]:
    """Files that cannot become documents, and the codes that say why."""
    folder.mkdir()
    (folder / "good.txt").write_text("Wombats dig burrows.", "utf-8")
    with zipfile.ZipFile(folder / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("word/document.xml", b"<w:document>" + b" " * (70 << 20))
    with zipfile.ZipFile(folder / "bomb.epub", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("META-INF/container.xml", b"<container>" + b" " * (70 << 20))
    (folder / "cyclic.pdf").write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[2 0 R 3 0 R]/Count 2>>endobj\n"
        b"3 0 obj<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 1>>endobj\n"
        b"trailer<</Root 1 0 R>>\n"
    )
    whole = Path(MUSEUM).read_bytes()
    (folder / "cut.pdf").write_bytes(whole[: len(whole) // 3])
    (folder / "picture.docx").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    (folder / "archive.pdf").write_bytes((folder / "bomb.docx").read_bytes()[:5000])
    (folder / "program.txt").write_bytes(b"\x7fELF" + bytes(range(256)) * 40)
    (folder / "nothing.epub").touch()
    os.mkfifo(folder / "pipe.txt")
    return {
        "good.txt": "indexed",
        "bomb.docx": "document_too_large",
        "bomb.epub": "document_too_large",
        "cyclic.pdf": "document_damaged",
        "cut.pdf": "document_damaged",
        "picture.docx": "document_damaged",
        "archive.pdf": "document_damaged",
        "program.txt": "document_damaged",
        "nothing.epub": "document_empty",
        "pipe.txt": "document_unknown_format",
    }


def test_wrecks_bombs_and_misnamed_files_end_in_their_reasons_and_a_remedy(
    library: Library, tmp_path: Path
) -> None:
    expected = write_wrecks(tmp_path / "wrecks")
    done = library.ask(IndexPaths((str(tmp_path / "wrecks"),)), IndexDone)
    assert outcomes(done) == expected
    for document in done.documents:
        if document.error is not None:
            problem = Problem(document.error.code, dict(document.error.params))
            assert sentence(problem), document.error
            assert hint(problem), document.error
    assert [hit.text for hit in library.ask(Search("wombats"), Found).hits] == ["Wombats dig burrows."]
    assert faults(library) == []


def test_a_pdf_that_is_called_text_and_text_that_is_called_pdf_are_what_they_are(
    library: Library, tmp_path: Path
) -> None:
    shutil.copy(MUSEUM, tmp_path / "museum.txt")
    (tmp_path / "letter.pdf").write_text("Dear museum, how are your wombats?", "utf-8")
    done = library.ask(IndexPaths((str(tmp_path / "museum.txt"), str(tmp_path / "letter.pdf"))), IndexDone)
    assert outcomes(done) == {"museum.txt": "indexed", "letter.pdf": "document_damaged"}
    assert done.documents[0].pages == 4


def test_file_names_of_any_script_are_kept_as_they_are(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "names"
    folder.mkdir()
    names = [
        unicodedata.normalize("NFC", "canción.txt"),
        unicodedata.normalize("NFD", "melodía.txt"),
        "🐨🏺.txt",
        "ספר الكتاب.txt",
        "博物馆指南.txt",
        "a b\tc\nd.txt",
        "'; DROP TABLE documents; --.txt",
        "ñ" * 125 + ".txt",  # 254 bytes
    ]
    for number, name in enumerate(names):
        (folder / name).write_text(f"Text number{number} of its file.", "utf-8")
    (folder / os.fsdecode(b"caf\xe9.txt")).write_text("Not in UTF-8.", "utf-8")
    done = library.ask(IndexPaths((str(folder),)), IndexDone)
    found = outcomes(done)
    assert {name for name, ended in found.items() if ended == "indexed"} == set(names)
    assert [ended for ended in found.values() if ended != "indexed"] == ["document_name"]
    for number, name in enumerate(names):
        hit = library.ask(Search(f"number{number}", 1), Found).hits[0]
        assert Path(hit.file).name == name
        assert Path(hit.file).exists()


def test_twenty_thousand_pages_are_all_there(library: Library, tmp_path: Path) -> None:
    pages = [Page([Line(72, 100, f"Page {n}")] if n % 100 == 0 else []) for n in range(1, 20_001)]
    file = write(tmp_path / "long.pdf", pages)
    (document,) = library.ask(IndexPaths((str(file),)), IndexDone).documents
    assert (document.state, document.pages, document.document is not None) == ("indexed", 20_000, True)
    read = library.ask(ListPages(document.document or 0), PagesOf).pages
    assert [page.page for page in read] == list(range(1, 20_001))
    assert sum(bool(page.characters) for page in read) == 200


def test_a_folder_that_disappears_in_mid_index_ends_in_reasons_and_the_rest_goes_on(
    library: Library, tmp_path: Path
) -> None:
    going, staying = texts(tmp_path / "a", 4), texts(tmp_path / "b", 2, 10)

    def vanish(_: EmbedTexts) -> bool:
        shutil.rmtree(going, ignore_errors=True)
        return True

    library.before_embedding = vanish
    done = library.ask(IndexPaths((str(going), str(staying))), IndexDone)
    ended = [d.error.code if d.error else d.state for d in done.documents]
    assert ended == ["indexed", *["document_missing"] * 3, "indexed", "indexed"]
    assert len(library.ask(Search("subject0", 9), Found).hits) > 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A library's folder on a disk of 80 megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=80m,mode=700", "tmpfs", str(folder)]
    subprocess.run(mount, check=True, capture_output=True)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.skipif(not MOUNTS, reason="only who may mount has a small disk")
def test_a_disk_that_fills_in_mid_index_stops_the_batch_with_its_reason_and_loses_nothing(
    tmp_path: Path, small_disk: Path
) -> None:
    with Library(small_disk) as library:
        library.ask(IndexPaths((MUSEUM,)), IndexDone)
        ballast = small_disk / "ballast"
        calls: list[int] = []

        def fill(_: EmbedTexts) -> bool:
            calls.append(1)
            if len(calls) == 3:
                with ballast.open("wb", buffering=0) as file, suppress(OSError):
                    while True:
                        file.write(bytes(4096))
            return True

        library.before_embedding = fill
        request = IndexPaths((str(texts(tmp_path / "docs", 6)),))
        with pytest.raises(RequestFailed) as full:
            library.ask(request, IndexDone)
        assert full.value.error.code == "disk_full"
        assert any("seven euros" in hit.text for hit in library.ask(Search("ticket cost", 5), Found).hits)
        ballast.unlink()
        library.before_embedding = lambda _: True
        assert set(outcomes(library.ask(request, IndexDone)).values()) <= {"indexed", "unchanged"}
        assert faults(library) == []
    with Library(small_disk) as library:
        assert len(library.ask(ListDocuments(), Documents).documents) == 7
        wait_until(lambda: faults(library) == [], "a later start finds fault")


@pytest.mark.parametrize("harm", ["deleted", "emptied", "spoiled"])
def test_the_index_can_be_lost_at_any_moment_and_is_made_anew(
    library: Library, tmp_path: Path, harm: str
) -> None:
    library.ask(IndexPaths((MUSEUM,)), IndexDone)
    folder = tmp_path / "data" / "library" / "chroma"
    for path in [folder] if harm == "deleted" else [p for p in folder.rglob("*") if p.is_file()]:
        if harm == "deleted":
            shutil.rmtree(path)
        else:
            path.write_bytes(b"" if harm == "emptied" else b"\xff" * path.stat().st_size)
    assert any("seven euros" in hit.text for hit in library.ask(Search("ticket cost", 5), Found).hits)
    library.ask(IndexPaths((str(texts(tmp_path / "docs", 2)),)), IndexDone)
    library.close()
    with Library(tmp_path / "data") as again:
        wait_until(lambda: faults(again) == [], "the index was not made anew")
        assert any("subject1" in hit.text for hit in again.ask(Search("subject1", 5), Found).hits)


def test_a_library_whose_file_is_deleted_while_it_is_open_is_put_back(
    library: Library, tmp_path: Path
) -> None:
    library.ask(IndexPaths((MUSEUM,)), IndexDone)
    folder = tmp_path / "data" / "library"
    for path in folder.glob("library.db*"):
        path.unlink()
    assert any("seven euros" in hit.text for hit in library.ask(Search("ticket cost", 5), Found).hits)
    library.ask(IndexPaths((str(texts(tmp_path / "docs", 2)),)), IndexDone)
    library.close()
    with Library(tmp_path / "data") as again:
        names = {Path(d.file).name for d in again.ask(ListDocuments(), Documents).documents}
        assert names == {"museum.pdf", "000.txt", "001.txt"}


def test_a_library_that_is_spoiled_while_it_is_open_says_so_and_the_file_is_left_for_the_person(
    library: Library, tmp_path: Path
) -> None:
    library.ask(IndexPaths((MUSEUM, str(texts(tmp_path / "docs", 3)))), IndexDone)
    library.close()
    file = tmp_path / "data" / "library" / "library.db"
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA journal_mode = DELETE")
    with Library(tmp_path / "data") as again:
        again.ask(ListDocuments(), Documents)
        with file.open("r+b") as spoiled:
            spoiled.seek(4096)
            spoiled.write(b"\xff" * (file.stat().st_size - 4096))
        for question in (ListDocuments(), Search("ticket"), IndexPaths((MUSEUM,))):
            try:  # what it has in memory is right; what it has to read is not
                again.ask(question, object)
            except RequestFailed as refusal:
                assert refusal.error.code == "database_damaged"  # noqa: PT017
    with pytest.raises(RequestFailed) as refusal, Library(tmp_path / "data"):
        pass
    assert (refusal.value.error.code, bool(refusal.value.error.params["folder"])) == (
        "database_damaged",
        True,
    )
    assert file.exists()
