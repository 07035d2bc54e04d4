"""Which of the ranked passages become hits, and what is said of the others."""

import pytest

from rag.search.candidates import Weighed
from rag.search.choosing import JOINED_CHARACTERS, choose
from rag.store.search_queries import PassageRow

TEXT = (
    "A day ticket costs seven euros, and children under twelve come in free on every day of the year. "
    "Dogs stay outside; bicycles are left at the gate."
)


def item(
    number: int, text: str = "", *, page: int = 1, start: int = 0, heading: str = "", confidence: float = 0.5
) -> Weighed:
    text = text or " ".join(f"word{number}x{n}" for n in range(30))
    end = start + len(text)
    row = PassageRow(number, 1, "f", "t", page, start, end, text, heading, "en", bytes([number]), None)
    made = Weighed(row, "same")
    made.confidence = confidence
    return made


def fates(*items: Weighed, wanted: int = 5, floor: float = 0.0) -> list[str]:
    choose(items, wanted, floor)
    return [one.fate for one in items]


def test_only_as_many_as_are_wanted_are_kept() -> None:
    assert fates(*(item(n, page=n) for n in (1, 2, 3)), wanted=2) == ["kept", "kept", "budget"]


def test_what_lies_below_the_floor_is_cut_wherever_it_stands() -> None:
    low = item(2, page=2, confidence=0.01)
    assert fates(item(1), low, item(3, page=3), floor=0.05) == ["kept", "floor", "kept"]


@pytest.mark.parametrize(
    ("other", "fate"),
    [
        (TEXT, "duplicate"),
        (TEXT.upper() + " ", "duplicate"),
        (TEXT.replace("children", "kids"), "duplicate"),
        (TEXT.replace("seven", "7"), "kept"),  # what differs in a figure says something else
        (TEXT + " " + TEXT.replace("day", "year").replace("seven", "forty"), "kept"),
    ],
)
def test_near_copies_are_one_hit_unless_their_figures_differ(other: str, fate: str) -> None:
    again = item(2, other, page=7)
    assert fates(item(1, TEXT), again) == ["kept", fate]
    assert again.because == (1 if fate == "duplicate" else 0)


def test_neighbours_of_one_page_are_joined_to_one_hit() -> None:
    first, second = item(1, start=0), item(2, start=0)
    second.row = second.row._replace(start=first.row.end - 20, end=first.row.end + 100)
    assert fates(first, second) == ["kept", "joined"]
    assert (first.start, first.end) == (0, second.row.end)
    assert second.because == 1


def test_what_only_looks_like_a_neighbour_is_a_hit_of_its_own() -> None:
    first = item(1)
    beside = {"start": first.row.end}
    assert fates(item(1), item(2, page=2, **beside)) == ["kept", "kept"]  # type: ignore[arg-type]
    assert fates(item(1), item(2, heading="Next", **beside)) == ["kept", "kept"]  # type: ignore[arg-type]
    assert fates(item(1), item(2, start=first.row.end + 50)) == ["kept", "kept"]


def test_a_hit_does_not_grow_without_end() -> None:
    half = "x" * (JOINED_CHARACTERS // 2)
    pieces = [item(n, half + str(n), start=n * len(half)) for n in range(4)]
    choose(pieces, 9, 0.0)
    kept = [one for one in pieces if one.fate == "kept"]
    assert len(kept) > 1
    assert all(one.end - one.start <= JOINED_CHARACTERS for one in kept)
