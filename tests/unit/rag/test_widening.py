"""What a hit that was cut inside a sentence gets from its neighbours."""

import pytest

from rag.passages.cutting import cut
from rag.search.candidates import Weighed
from rag.search.choosing import JOINED_CHARACTERS
from rag.search.widening import widen
from rag.search_values import Beside
from rag.store.search_queries import PassageRow

FIRST = "The museum opens at nine."
SECOND = "A ticket costs seven euros on workdays and nine euros on Sundays."
THIRD = "Dogs stay outside."
PAGE = f"{FIRST} {SECOND} {THIRD}"


def item(start: int, end: int, page: str = PAGE) -> Weighed:
    return Weighed(PassageRow(7, 1, "f", "t", 1, start, end, page[start:end], "", "en", b"7", None), "same")


def widened(start: int, end: int, *beside: tuple[int, int], page: str = PAGE) -> str:
    one = item(start, end, page)
    widen([one], {7: page}, {7: [Beside(*span) for span in beside]})
    return page[one.start : one.end]


def test_half_a_sentence_gets_its_other_half_from_the_neighbour_that_has_it() -> None:
    cut_at = PAGE.index("workdays")
    assert widened(0, cut_at - 1, (cut_at, len(PAGE))) == f"{FIRST} {SECOND}"
    assert widened(cut_at, len(PAGE), (0, cut_at - 1)) == f"{SECOND} {THIRD}"


def test_a_passage_of_whole_sentences_stays_as_it_is() -> None:
    end = len(FIRST) + 1 + len(SECOND)
    assert widened(len(FIRST) + 1, end, (0, len(FIRST)), (end + 1, len(PAGE))) == SECOND


def test_lines_are_whole_though_no_full_stop_ends_them() -> None:
    page = "Adults 7 EUR\nChildren 0 EUR\nDogs no"
    start, end = page.index("Children"), page.index("\nDogs")
    assert widened(start, end, (0, start - 1), (end + 1, len(page)), page=page) == "Children 0 EUR"


def test_without_a_neighbour_that_touches_it_nothing_is_added() -> None:
    start = PAGE.index("ticket")
    end = PAGE.index("workdays") - 1
    assert widened(start, end) == PAGE[start:end]
    assert widened(start, end, (0, start - 5), (end + 5, len(PAGE))) == PAGE[start:end]


def test_a_sentence_without_end_is_not_followed_without_end() -> None:
    page = "word " * 1000
    near = widened(800, 1699, (1600, 2499), page=page)
    assert near == page[800:2499]
    assert len(near) <= JOINED_CHARACTERS
    assert widened(0, 1699, (1600, 2499), page=page) == page[0:1699]


@pytest.mark.parametrize("at", range(3))
def test_what_the_passages_of_a_page_were_cut_into_is_whole_again(at: int) -> None:
    page = " ".join(f"Sentence {n} goes on and on {'and on ' * (40 + n)}until it ends." for n in range(6))
    spans = [(one.start, one.end) for one in cut(page)]
    others = [span for span in spans if span != spans[at]]
    text = widened(*spans[at], *others, page=page)
    assert page[slice(*spans[at])] in text
    assert text.startswith("Sentence")
    assert text.endswith(".")
