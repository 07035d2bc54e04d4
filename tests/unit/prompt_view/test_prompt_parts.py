"""A prompt cut into parts and rows, searched, and made visible: without any window."""

from hypothesis import given
from hypothesis import strategies as st

from desktop.core.types import Origin, ShownToken
from desktop.ui.prompt_view import glyphs
from desktop.ui.prompt_view.finder import Finder
from desktop.ui.prompt_view.flow import Flow
from desktop.ui.prompt_view.sections import sections


def said(text: str, origin: Origin = "template", message: int = 0) -> ShownToken:
    return ShownToken(7, text, origin, message)


PROMPT = (
    said("<|im_start|>"),
    said("system\n"),
    said("Be brief.", "system"),
    said("<|im_end|>"),
    said("\n"),
    said("<|im_start|>"),
    said("user\n"),
    said("How", "history", 4),
    said(" much?", "history", 4),
    said("<|im_end|>"),
    said("\n"),
    said("<|im_start|>"),
    said("user\n"),
    said("[1] Seven", "excerpts"),
    said("And then?", "question"),
    said("<|im_end|>"),
    said("<|im_start|>"),
    said("assistant\n"),
)


def test_the_marks_before_a_message_belong_to_it_and_the_last_ones_to_the_question() -> None:
    found = [(part.begin, part.end, part.origin, part.message) for part in sections(PROMPT)]
    assert found == [
        (0, 5, "system", 0),
        (5, 11, "history", 4),
        (11, 14, "excerpts", 0),
        (14, 18, "question", 0),
    ]


def test_a_prompt_of_marks_alone_is_one_part_and_an_empty_one_none() -> None:
    assert [(part.begin, part.end) for part in sections(PROMPT[:2])] == [(0, 2)]
    assert sections(()) == []


def flow(
    texts: list[str],
    width: float,
    ends: list[bool] | None = None,
    extras: dict[int, list[object]] | None = None,
) -> Flow:
    made = Flow(texts, ends or [False] * len(texts), width, lambda text: float(len(text)), extras or {})
    while made.step(3):
        pass
    return made


def test_rows_are_as_full_as_they_can_be_and_end_where_a_line_ends() -> None:
    made = flow(["aa", "bb", "c\n", "dddd", "ee"], 6, [False, False, True, False, False])
    assert [(row.begin, row.end) for row in made.rows] == [(0, 2), (2, 3), (3, 4), (4, 5)]
    assert made.row_of(4) == 3
    assert made.at(0, 3.5) == 1
    assert made.at(0, 50) is None


def test_what_stands_between_the_rows_ends_the_row_above_and_stands_once() -> None:
    made = flow(["a"] * 7, 100, extras={0: ["head"], 3: ["x", "y"], 7: ["end"]})
    assert [(row.begin, row.end, row.extra) for row in made.rows] == [
        (0, 0, "head"),
        (0, 3, None),
        (3, 3, "x"),
        (3, 3, "y"),
        (3, 7, None),
        (7, 7, "end"),
    ]
    assert made.row_of(3) == 4
    assert made.left_of(5) == 4.0


@given(st.lists(st.text("ab\n", max_size=6), max_size=60), st.integers(1, 20), st.integers(1, 9))
def test_every_token_stands_in_exactly_one_row_however_it_is_laid_out(
    texts: list[str], width: int, step: int
) -> None:
    made = Flow(texts, ["\n" in text for text in texts], width, lambda text: float(len(text)), {2: ["head"]})
    while made.step(step):
        pass
    rows = [row for row in made.rows if row.extra is None]
    assert [token for row in rows for token in range(row.begin, row.end)] == list(range(len(texts)))
    assert sum(row.extra is not None for row in made.rows) == (1 if len(texts) >= 2 else 0)
    for token in range(len(texts)):
        row = made.rows[made.row_of(token)]
        assert row.begin <= token < row.end


def test_a_text_is_found_across_tokens_in_any_case_and_around_the_end() -> None:
    finder = Finder()
    finder.read(["The ", "tick", "et", "", " costs; TICK", "ETS"])
    assert finder.find("ticket") == 2
    assert finder.tokens == {1, 2, 4, 5}
    assert finder.step(0, 0) == 1
    assert finder.step(1, 1) == 4
    assert finder.step(1, 4) == 1
    assert finder.step(-1, 1) == 4
    assert finder.find("nothing of the kind") == 0
    assert finder.step(1, 0) is None
    assert finder.find("") == 0


def test_what_cannot_be_seen_is_shown_and_nothing_turns_the_text_around() -> None:
    assert glyphs.shown(" a\tb\n", 1, blanks=True) == "·a⇥b↵"
    assert glyphs.shown(" a\n", 1, blanks=False) == " a"
    assert glyphs.shown("\n", 1, blanks=False) == "↵"
    assert glyphs.shown("", 42, blanks=False) == "#42"
    assert glyphs.shown("a\u202eb\u200bc", 1, blanks=False) == "a▯b▯c"
