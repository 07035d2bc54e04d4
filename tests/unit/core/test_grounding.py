"""What in a reply stands in none of its sources."""

import pytest

from desktop.core.answers.grounding import Doubt, doubts
from desktop.core.types import Excerpt


def excerpt(n: int, text: str) -> Excerpt:
    return Excerpt(n, n, 1, "/museum.pdf", "Museum", 3, 0, len(text), text)


ENGLISH = excerpt(
    1,
    "The museum opens at nine. A ticket costs seven euros. Marie Curie gave 1,500 francs in 1911; see p. 12.",
)
SPANISH = excerpt(2, "El museo cierra los lunes y el 24 de diciembre. Lo dirige Ana Pérez, de Cáceres.")


def doubted(text: str, question: str = "") -> list[str]:
    found = doubts(text, (ENGLISH, SPANISH), question)
    assert all(text[doubt.start : doubt.end] == doubt.what for doubt in found)
    return [doubt.what for doubt in found]


@pytest.mark.parametrize(
    "text",
    [
        "A ticket costs 7 euros [1].",
        "A ticket costs seven euros. [1]",
        "Marie Curie gave 1.500 francs [1].",
        "She gave 1500 francs in 1911 (p. 12) [1].",
        "1. It opens at nine.\n2. It costs seven euros.",
        "- Opens at 9\n- Costs 7 euros",
        "Cierra el 24 de diciembre [2]. Dirige ANA PEREZ [2].",
        "Use `limit = 99` there, says the page [1].",
        "```\nTotal: 4711 Foo Bar\n```",
        "He said: The museum opens at nine.",
        "",
    ],
)
def test_what_stands_in_its_source_is_no_doubt(text: str) -> None:
    assert doubted(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A ticket costs 8 euros [1].", ["8"]),
        ("A ticket costs 7.50 euros [1].", ["7.50"]),
        ("It closes on 24 December [1].", ["24", "December"]),  # the other one says so
        ("It was given by Marie Curie and John Smith [1].", ["John", "Smith"]),
        ("La dirige Luisa Pérez [2].", ["Luisa"]),
        ("It is listed by UNESCO [1].", ["UNESCO"]),
        ("UNESCO lists it [1].", ["UNESCO"]),
        ("In all there are 300 rooms.", ["300"]),  # it cites nothing, and stands nowhere
    ],
)
def test_numbers_and_names_that_stand_in_no_source_are_doubts(text: str, expected: list[str]) -> None:
    assert doubted(text) == expected


def test_a_citation_of_an_excerpt_that_there_is_not_is_a_doubt() -> None:
    assert doubts("It opens at nine [1]; see [7] too.", (ENGLISH,)) == (
        Doubt(26, 29, "no_such_source", "[7]"),
    )
    assert doubted("It opens at nine [1, 7].") == [], "one of them is there"


def test_what_the_person_said_may_be_repeated() -> None:
    assert doubted("For Peter and his 4 friends it is seven euros each [1].") == ["Peter", "4"]
    assert doubted("For Peter and his 4 friends it is seven euros each [1].", "I am Peter; we are 4") == []


def test_a_name_that_another_language_writes_in_its_own_way_is_no_doubt_but_a_number_is() -> None:
    text = "The museum closes on Mondays and on the 25 of December, and it is led by Ana [2]."
    assert doubted(text) == ["25"]


def test_without_excerpts_nothing_is_doubted() -> None:
    assert doubts("It costs 8 euros [3].", ()) == ()
