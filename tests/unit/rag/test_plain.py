"""Text files: encodings, pages, refusals."""

from pathlib import Path

import pytest

from rag.errors import DocumentDamaged, DocumentEmpty
from rag.protocol import DocumentOpened, PageRead
from rag.reading.plain import SHEET_CHARACTERS, decode, read_plain, sheets
from rag.reading.reader import read

SPANISH = "¿Cuánto cuesta la señal? Mañana, según el español — «sí».\n" * 3


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_text_is_read_in_every_usual_encoding(encoding: str) -> None:
    assert decode(SPANISH.encode(encoding)) == SPANISH


def test_utf_8_that_is_cut_in_the_middle_of_a_character_is_still_utf_8() -> None:
    text = decode(("palabra ñandú " * 200).encode()[:-3])
    assert text is not None
    assert "ñandú palabra" in text


@pytest.mark.parametrize("data", [b"\x7fELF\x02\x01\x01" + bytes(64), bytes(range(32)) * 40, b"\xff\xfe\x00"])
def test_binary_data_is_no_text(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(DocumentDamaged):
        read_plain(path)


def test_form_feeds_end_pages(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one\f\ftwo\f", "utf-8")
    assert read_plain(path) == ["one", "", "two"]


def test_a_file_of_white_space_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(" \n\f\n ", "utf-8")
    with pytest.raises(DocumentEmpty):
        read_plain(path)


def test_a_long_text_is_cut_into_sheets_that_lose_nothing_and_keep_their_headings(tmp_path: Path) -> None:
    text = "\n\n".join(f"## Part {n}\n\n" + f"Words of part {n}. " * 100 for n in range(60))
    path = tmp_path / "a.md"
    path.write_text(text, "utf-8")
    opened, *pages, _ = read(path)
    assert isinstance(opened, DocumentOpened)
    assert opened.pages == len(pages) > 4
    assert all(isinstance(page, PageRead) and 0 < len(page.text) <= SHEET_CHARACTERS for page in pages)
    texts = [page.text for page in pages if isinstance(page, PageRead)]
    assert "".join("".join(texts).split()) == "".join(text.split())
    for page in pages:
        assert isinstance(page, PageRead)
        assert all(
            page.text[heading.start :].startswith("## " + heading.path[-1]) for heading in page.headings
        )
    assert sum(len(page.headings) for page in pages if isinstance(page, PageRead)) == 60


def test_a_line_without_end_is_cut_all_the_same() -> None:
    assert sheets("x" * 50, 20) == [(0, 20), (20, 40), (40, 50)]
    assert sheets("short", 20) == [(0, 5)]
    assert sheets("one two " * 5, 10)[0] == (0, 8)
