"""From an engine's words to the stored text, every word with its run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.protocol import Box
from rag.reading.cleaning import clean_plain, clean_word, compose
from rag.reading.layout import Line, Word


def line(text: str, top: float, left: float = 0.1, right: float = 0.9, size: float = 11) -> Line:
    words = text.split()
    step = (right - left) / len(words)
    return Line(
        [
            Word(word, Box(left + i * step, top, left + (i + 1) * step, top + 0.02))
            for i, word in enumerate(words)
        ],
        size,
    )


def test_lines_of_a_paragraph_are_joined_and_a_short_line_ends_it() -> None:
    text, _ = compose(
        [
            line("A first line that is full", 0.10),
            line("and ends here.", 0.13, right=0.4),
            line("Another paragraph.", 0.16, right=0.5),
        ]
    )
    assert text == "A first line that is full and ends here.\nAnother paragraph."


def test_larger_letters_stand_on_a_line_of_their_own() -> None:
    text, _ = compose([line("A heading as wide as all", 0.1, size=16), line("the text below it goes", 0.13)])
    assert text == "A heading as wide as all\nthe text below it goes"


def test_a_word_cut_by_a_hyphen_is_put_together_and_keeps_both_boxes() -> None:
    first, second = Box(0.8, 0.1, 0.9, 0.12), Box(0.1, 0.13, 0.2, 0.15)
    text, runs = compose(
        [Line([Word("infor", first)], 11), Line([Word("mation", second, "hyphen"), Word("is", second)], 11)]
    )
    assert text == "information is"
    assert [(text[run.start : run.end], run.box) for run in runs[:2]] == [
        ("infor", first),
        ("mation", second),
    ]


def test_a_hyphen_before_a_capital_or_a_number_stays() -> None:
    box = Box(0, 0, 1, 1)
    text, _ = compose([Line([Word("UTF", box)]), Line([Word("8", box, "hyphen")])])
    assert text == "UTF-8"


def test_scripts_without_spaces_get_none() -> None:
    box = Box(0.1, 0.1, 0.2, 0.12)
    text, runs = compose([Line([Word("光", box), Word("明", box, "nothing")])])
    assert text == "光明"
    assert len(runs) == 2


@pytest.mark.parametrize(
    ("word", "stored"),
    [
        ("ﬁnal", "final"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\u202eright\u202c", "right"),
        ("bell\x07", "bell"),
        ("\x04", ""),
        ("........", ""),
        ("sección", "sección"),
        ("\ud800x", "x"),
        ("m²", "m2"),
    ],
)
def test_words_are_stored_in_their_plain_spelling(word: str, stored: str) -> None:
    assert clean_word(word) == stored


@given(st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=6), max_size=6))
def test_every_run_covers_the_cleaned_spelling_of_its_word(words: list[list[str]]) -> None:
    box = Box(0.1, 0.1, 0.2, 0.2)
    lines = [Line([Word(word, box) for word in row]) for row in words]
    text, runs = compose(lines)
    cleaned = [clean_word(word) for row in words for word in row]
    assert [text[run.start : run.end] for run in runs] == [word for word in cleaned if word]
    assert "\0" not in text
    text.encode("utf-8")


def test_plain_text_keeps_its_lines_and_indentation() -> None:
    assert clean_plain("\n\na\r\n    indented  \r\n\r\n\r\n\r\nb\ttab\x00\n") == "a\n    indented\n\nb\ttab"


def test_the_cells_of_a_row_stay_together_and_rows_apart() -> None:
    def cell(text: str, left: float, top: float) -> Line:
        return Line([Word(text, Box(left, top, left + 0.1, top + 0.02))], 11)

    rows = [
        cell("Austria", 0.1, 0.1),
        cell("8.9", 0.4, 0.1),
        cell("Belgium", 0.1, 0.13),
        cell("11.5", 0.4, 0.13),
    ]
    assert compose(rows)[0] == "Austria 8.9\nBelgium 11.5"
    in_one_line = [
        Line([*rows[0].words, *rows[1].words], 11),
        Line([*rows[2].words, *rows[3].words], 11),
    ]
    assert compose(in_one_line)[0] == "Austria 8.9\nBelgium 11.5"
