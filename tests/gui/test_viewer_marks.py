"""Lines out of word boxes, and a passage found again."""

from hypothesis import given
from hypothesis import strategies as st

from desktop.view_models.page_marks import line_boxes, span_of_quote
from rag.protocol import Box


def word(left: float, top: float, width: float = 0.05, height: float = 0.012) -> Box:
    return Box(left, top, left + width, top + height)


def test_words_of_a_line_become_one_box() -> None:
    line = line_boxes([word(0.1, 0.2), word(0.16, 0.201), word(0.22, 0.2)])
    assert len(line) == 1
    assert (line[0].left, round(line[0].right, 6)) == (0.1, 0.27)


def test_lines_below_each_other_stay_apart() -> None:
    assert len(line_boxes([word(0.1, 0.2), word(0.1, 0.216)])) == 2


def test_columns_stay_apart() -> None:
    assert len(line_boxes([word(0.40, 0.2), word(0.55, 0.2)])) == 2


def test_boxes_without_area_are_left_out() -> None:
    assert line_boxes([Box(0.1, 0.1, 0.1, 0.2), Box(0.3, 0.1, 0.4, 0.1)]) == ()


def test_an_unchanged_passage_is_where_it_was() -> None:
    assert span_of_quote("one two one", "one", 8, 11) == (8, 11)


def test_a_moved_passage_is_found_at_the_nearest_place() -> None:
    text = "ticket ... a new paragraph ... ticket"
    assert span_of_quote(text, "ticket", 25, 31) == (31, 37)


def test_a_passage_that_is_gone_is_not_invented() -> None:
    assert span_of_quote("another text", "ticket", 0, 6) is None


@given(st.text(), st.integers(-5, 50), st.integers(-5, 50))
def test_a_span_without_a_quote_never_leaves_the_text(text: str, start: int, end: int) -> None:
    span = span_of_quote(text, "", start, end)
    assert span is None or 0 <= span[0] < span[1] <= len(text)
