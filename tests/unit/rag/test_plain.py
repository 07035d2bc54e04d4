"""Text files: encodings, pages, refusals."""

from pathlib import Path

import pytest

from rag.errors import DocumentDamaged, DocumentEmpty
from rag.reading.plain import decode, read_plain

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
