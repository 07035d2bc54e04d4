"""Columns in reading order, tables as rows, whatever order the file has them in."""

from pathlib import Path

import pytest

from rag.protocol import PageRead
from rag.reading.pdfium import PdfiumFile
from rag.reading.reader import read
from rag.reading.runs import boxes_for
from tests.data.pdf_writer import Line, Page, wrapped, write

BOATS = (
    "The harbour museum keeps the boats of four centuries and the tools of those who built them here. " * 5
)
GATES = "Tickets are sold at the gate until five and children under twelve enter without paying at all. " * 5
NIGHT = "At night the lamps of the old lighthouse are lit once more for those who walk along the quay. " * 5


def across(*columns: str, width: float, top: float = 100) -> list[Line]:
    """Columns as some programs write them: row by row."""
    wide = 470 / len(columns)
    broken = [wrapped(text, 9, width) for text in columns]
    rows = range(max(map(len, broken)))
    return [
        Line(60 + wide * n, top + 12 * row, lines[row], 9)
        for row in rows
        for n, lines in enumerate(broken)
        if row < len(lines)
    ]


def text_of(path: Path) -> str:
    (page,) = (event for event in read(path) if isinstance(event, PageRead))
    return page.text


def as_one(text: str) -> str:
    return " ".join(text.split())


def test_columns_written_row_by_row_are_read_one_after_the_other(tmp_path: Path) -> None:
    title = Line(60, 60, "What is to be seen in the harbour and when it is to be seen", 15)
    path = write(tmp_path / "a.pdf", [Page([title, *across(BOATS, GATES, width=215)])])
    text = as_one(text_of(path))
    assert text.startswith(title.text)
    assert text.index(BOATS.strip()) < text.index(GATES.strip())


def test_three_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    path = write(tmp_path / "a.pdf", [Page(across(BOATS, GATES, NIGHT, width=140))])
    text = as_one(text_of(path))
    assert text == as_one(BOATS + GATES + NIGHT)


def test_a_title_across_the_columns_divides_them(tmp_path: Path) -> None:
    lines = [
        *across(BOATS, GATES, width=215),
        Line(60, 320, "A second part begins below this line, which goes across all of it", 13),
        *across(NIGHT, BOATS, width=215, top=350),
    ]
    text = as_one(text_of(write(tmp_path / "a.pdf", [Page(lines)])))
    assert text.index(GATES.strip()) < text.index("A second part") < text.index(NIGHT.strip())


def test_the_boxes_of_a_column_stay_in_the_column(tmp_path: Path) -> None:
    path = write(tmp_path / "a.pdf", [Page(across(BOATS, GATES, width=215))])
    (page,) = (event for event in read(path) if isinstance(event, PageRead))
    start = as_one(page.text).index("Tickets")
    assert all(box.right < 0.5 for box in boxes_for(page.runs, 0, start - 1))
    assert all(box.left > 0.48 for box in boxes_for(page.runs, start, len(page.text)))


def test_a_table_is_read_row_by_row(tmp_path: Path) -> None:
    rows = [("Boat", "Year", "Harbour"), *((f"Gaviota {n}", f"18{n:02}", "San Telmo") for n in range(12))]
    lines = [
        Line(60 + 160 * n, 100 + 16 * r, cell) for r, row in enumerate(rows) for n, cell in enumerate(row)
    ]
    text = text_of(write(tmp_path / "a.pdf", [Page(lines)]))
    assert text.splitlines() == [" ".join(row) for row in rows]


def test_an_index_of_names_and_long_descriptions_is_read_row_by_row(tmp_path: Path) -> None:
    rows = [
        (f"Entry {n}", "A description of many words that fills the wide column beside it") for n in range(10)
    ]
    lines = [
        Line(x, 100 + 16 * r, cell)
        for r, row in enumerate(rows)
        for x, cell in zip((60, 200), row, strict=True)
    ]
    text = text_of(write(tmp_path / "a.pdf", [Page(lines)]))
    assert text.splitlines() == [" ".join(row) for row in rows]


def test_columns_of_a_real_article_are_not_read_across(shared_data: Path) -> None:
    with PdfiumFile(shared_data / "pdf" / "multicolumn.pdf") as pdf:
        text = " ".join(line.text for line in pdf.page(2).lines)
    assert "non, pharetra in, velit. Integer arcu est, nonummy in," in text


@pytest.mark.parametrize("reverse", [False, True])
def test_columns_that_are_in_order_stay_in_the_files_order(tmp_path: Path, reverse: bool) -> None:
    first, second = (
        [Line(60 + 235 * n, 100 + 12 * r, line, 9) for r, line in enumerate(wrapped(text, 9, 215))]
        for n, text in enumerate((BOATS, GATES))
    )
    lines = [*second, *first] if reverse else [*first, *second]
    text = as_one(text_of(write(tmp_path / "a.pdf", [Page(lines)])))
    assert text == as_one(GATES + BOATS if reverse else BOATS + GATES)
