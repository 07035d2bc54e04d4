"""Files that are attached to a question: read by a real reader process behind the core."""

import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.errors import CoreError
from desktop.core.services import Services
from desktop.core.types.composing import ReadingFile
from rag.reading.plain import LONGEST_CHARACTERS
from tests.data import pdf_writer
from tests.data.office_writer import docx, paragraph
from tests.data.pdf_writer import Line, Page
from tests.fakes.house import PATIENCE_S, Heard, house, open_house, places_in

MUSEUM = Path(__file__).parents[1] / "data" / "museum.pdf"


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


def refusal(core: Services, path: Path) -> str:
    with pytest.raises(CoreError) as refused:
        core.read_file(str(path)).result(PATIENCE_S)
    return refused.value.problem().code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252"])
def test_a_text_is_read_in_the_encoding_in_which_it_was_written(
    core: Services, tmp_path: Path, encoding: str
) -> None:
    said = 'def saluda():\r\n\treturn "¿Qué tal, señora Núñez?"\r\n'
    path = tmp_path / "saluda.py"
    path.write_bytes(said.encode(encoding))
    read = core.read_file(str(path)).result(PATIENCE_S)
    assert read.text == said.replace("\r\n", "\n")
    assert (read.name, read.path, read.pages) == ("saluda.py", str(path), 0)


def test_code_keeps_every_blank_and_every_tab(core: Services, tmp_path: Path) -> None:
    said = "if a:\n\tb = [ 1,  2 ]\n\n\n    # ﬁn — don't touch\n"
    path = tmp_path / "Makefile"
    path.write_text(said)
    assert core.read_file(str(path)).result(PATIENCE_S).text == said


def test_a_pdf_comes_page_by_page_whatever_it_is_called(core: Services, tmp_path: Path) -> None:
    path = tmp_path / "guide"
    path.write_bytes(MUSEUM.read_bytes())
    heard = Heard()
    operation = core.read_file(str(path))
    operation.subscribe(heard)
    read = operation.result(PATIENCE_S)
    assert read.pages == len(read.text.split("\f")) > 1
    assert "seven euros" in read.text
    assert heard.of(ReadingFile)[0] == ReadingFile(0, 0)
    assert heard.of(ReadingFile)[-1].pages == read.pages


def test_what_is_no_text_is_refused_by_what_it_is(core: Services, tmp_path: Path) -> None:
    packed = tmp_path / "letters.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("letter.txt", "Hello " * 200)
    letter = tmp_path / "letter.docx"
    letter.write_bytes(packed.read_bytes())
    empty = tmp_path / "empty.txt"
    empty.write_text(" \n\t ")
    long = tmp_path / "long.log"
    long.write_text("x" * (LONGEST_CHARACTERS + 1))
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(pdf_writer.pdf([Page()]))
    damaged = tmp_path / "damaged.pdf"
    damaged.write_bytes(b"%PDF-1.4 and nothing more")
    found = {
        path.name: refusal(core, path) for path in (packed, letter, empty, long, scan, damaged, tmp_path)
    }
    assert found == {
        "letters.zip": "document_not_text",
        "letter.docx": "document_damaged",
        "empty.txt": "document_empty",
        "long.log": "document_too_long",
        "scan.pdf": "document_no_text",
        "damaged.pdf": "document_damaged",
        tmp_path.name: "folder_not_attached",
    }
    assert refusal(core, tmp_path / "nowhere.txt") == "document_missing"
    assert refusal(core, tmp_path / "na\udce9me.txt") == "document_name"


def test_a_word_file_goes_with_a_question_as_its_text(core: Services, tmp_path: Path) -> None:
    path = docx(tmp_path / "letter.docx", paragraph("Dear reader,") + paragraph("the museum opens at ten."))
    read = core.read_file(str(path)).result(PATIENCE_S)
    assert (read.text, read.pages) == ("Dear reader,\n\nthe museum opens at ten.", 0)


def test_files_that_are_chosen_together_are_read_one_after_the_other(core: Services, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.txt" for number in range(5)]
    for number, path in enumerate(paths):
        path.write_text(f"file {number}")
    operations = [core.read_file(str(path)) for path in paths]
    assert [operation.result(PATIENCE_S).text for operation in operations] == [
        f"file {number}" for number in range(5)
    ]


def test_a_long_pdf_is_let_go_of_between_two_pages_and_the_next_file_is_read(
    core: Services, tmp_path: Path
) -> None:
    path, after = tmp_path / "long.pdf", tmp_path / "after.txt"
    page = Page([Line(40, 40 + 12 * n, f"Line {n} of a page") for n in range(40)])
    path.write_bytes(pdf_writer.pdf([page] * 2000))
    after.write_text("after")
    begun = threading.Event()
    operation = core.read_file(str(path))
    operation.subscribe(lambda event: begun.set() if event.pages else None)
    assert begun.wait(PATIENCE_S)
    waiting = core.read_file(str(after))
    operation.cancel()
    with pytest.raises(CoreError) as stopped:
        operation.result(PATIENCE_S)
    assert stopped.value.problem().code == "cancelled"
    assert waiting.result(PATIENCE_S).text == "after"


def test_a_file_that_waits_for_its_turn_can_be_let_go_of(core: Services, tmp_path: Path) -> None:
    path = tmp_path / "first.txt"
    path.write_text("first")
    core._files._turn.acquire()
    try:
        operation = core.read_file(str(path))
        time.sleep(0.05)
        operation.cancel()
        with pytest.raises(CoreError):
            operation.result(PATIENCE_S)
    finally:
        core._files._turn.release()


def test_a_reader_that_dies_is_replaced(core: Services, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("text")
    core.read_file(str(path)).result(PATIENCE_S)
    core._files._worker.kill()
    deadline = time.monotonic() + PATIENCE_S
    while core._files.pid is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert core.read_file(str(path)).result(PATIENCE_S).text == "text"


def test_files_that_do_not_fit_end_in_the_numbers_and_stay_with_their_question(
    core: Services, tmp_path: Path
) -> None:
    path = tmp_path / "long.txt"
    path.write_text("word " * 20_000)
    file = core.read_file(str(path)).result(PATIENCE_S)
    chat = core.create_chat().result(PATIENCE_S).info.id
    size = core.measure_files(chat, "And?", (file,)).result(PATIENCE_S)
    assert not size.fits
    with pytest.raises(CoreError) as refused:
        core.send(chat, "And?", (file,)).result(PATIENCE_S)
    problem = refused.value.problem()
    assert problem.code == "context_full"
    assert problem.params["limit_tokens"] == size.limit_tokens
    assert problem.params["needed_tokens"] == size.needed_tokens
    question, reply = core.open_chat(chat).result(PATIENCE_S).messages
    assert (question.files, reply.state) == ((file,), "failed")


def test_a_draft_with_files_and_an_unfinished_edit_outlive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("one two three")
    places = places_in(tmp_path)
    core = open_house(places)
    file = core.read_file(str(path)).result(PATIENCE_S)
    chat = core.create_chat().result(PATIENCE_S).info.id
    reply = core.send(chat, "How much?").result(PATIENCE_S)
    core.save_draft_files(chat, (file,)).result(PATIENCE_S)
    core.save_edit(reply.id, "Eight").result(PATIENCE_S)
    core.close()
    again = open_house(places)
    try:
        assert again.list_drafts().result(PATIENCE_S)[chat].files == (file,)
        assert [edit.text for edit in again.list_edits().result(PATIENCE_S)] == ["Eight"]
        again.delete_message(reply.id).result(PATIENCE_S)
        assert again.list_edits().result(PATIENCE_S) == ()
    finally:
        again.close()
