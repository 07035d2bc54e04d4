"""Running headers and footers."""

from rag.protocol import Box
from rag.reading.headers import NEIGHBOURS, without_running_lines
from rag.reading.layout import Line, RawPage, Word


def row(text: str, top: float) -> Line:
    return Line([Word(word, Box(0.1, top, 0.9, top + 0.02)) for word in text.split()], 10)


def book(pages: int) -> list[RawPage]:
    return [
        RawPage(
            number,
            [row("The Book", 0.03), row(f"body of page {number}", 0.5), row(f"{number}", 0.95)],
        )
        for number in range(1, pages + 1)
    ]


def test_lines_that_return_in_the_margins_are_dropped_with_their_page_numbers() -> None:
    kept = [[line.text for line in page.lines] for page in without_running_lines(book(40))]
    assert kept == [[f"body of page {number}"] for number in range(1, 41)]


def test_lines_in_the_middle_of_the_page_stay_however_often_they_return() -> None:
    pages = [RawPage(n, [row("same", 0.5), row(f"other {n} text", 0.6)]) for n in range(1, 10)]
    assert all(len(page.lines) == 2 for page in without_running_lines(pages))


def test_a_page_of_nothing_but_such_a_line_keeps_it() -> None:
    pages = [RawPage(n, [row(f"Potato {n}", 0.05)]) for n in range(30)]
    assert [page.lines[0].text for page in without_running_lines(pages)] == [f"Potato {n}" for n in range(30)]


def test_two_pages_with_the_same_line_are_no_reason_to_drop_it() -> None:
    assert [len(page.lines) for page in without_running_lines(book(2))] == [3, 3]


def test_the_header_of_one_chapter_gives_way_to_the_next_ones() -> None:
    chapters = [
        RawPage(n, [row("Chapter one" if n < 30 else "Chapter two", 0.03), row("text", 0.5)])
        for n in range(60)
    ]
    assert all(len(page.lines) == 1 for page in without_running_lines(chapters))


def test_no_more_pages_are_held_back_than_the_neighbourhood() -> None:
    taken = 0

    def counted() -> object:
        nonlocal taken
        for page in book(100):
            taken += 1
            yield page

    next(without_running_lines(counted()))  # type: ignore[arg-type]
    assert taken == NEIGHBOURS + 1
