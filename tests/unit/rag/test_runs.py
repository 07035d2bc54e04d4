"""The map from text offsets to boxes, packed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.protocol import Box
from rag.reading.runs import RECORD, Run, boxes_for, pack, unpack

fractions = st.floats(0, 1)


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), *[fractions] * 4)))
def test_runs_come_back_as_they_were_packed_to_a_65535th_of_the_page(
    records: list[tuple[int, int, float, float, float, float]],
) -> None:
    runs = [Run(start, end, Box(*box)) for start, end, *box in records]
    back = list(unpack(pack(runs)))
    assert [(run.start, run.end) for run in back] == [(run.start, run.end) for run in runs]
    for run, original in zip(back, runs, strict=True):
        for name in ("left", "top", "right", "bottom"):
            assert getattr(run.box, name) == pytest.approx(getattr(original.box, name), abs=1 / 65_535)


def test_a_word_beyond_the_edge_is_clipped_to_the_page() -> None:
    (run,) = unpack(pack([Run(0, 4, Box(-0.5, 0.2, 1.5, 0.3))]))
    assert (run.box.left, run.box.right) == (0.0, 1.0)


def test_bytes_that_are_not_whole_records_are_refused() -> None:
    with pytest.raises(ValueError, match="whole records"):
        list(unpack(b"\0" * (RECORD.size + 1)))


def test_words_of_one_line_become_one_rectangle_and_lines_stay_apart() -> None:
    packed = pack(
        [
            Run(0, 3, Box(0.1, 0.1, 0.2, 0.12)),
            Run(4, 7, Box(0.21, 0.101, 0.3, 0.121)),
            Run(8, 11, Box(0.1, 0.13, 0.2, 0.15)),
        ]
    )
    boxes = boxes_for(packed, 0, 11)
    assert [(round(b.left, 2), round(b.right, 2)) for b in boxes] == [(0.1, 0.3), (0.1, 0.2)]


def test_words_of_two_columns_on_one_height_stay_apart() -> None:
    packed = pack([Run(0, 3, Box(0.1, 0.1, 0.3, 0.12)), Run(4, 7, Box(0.6, 0.1, 0.8, 0.12))])
    assert len(boxes_for(packed, 0, 7)) == 2


def test_only_words_that_the_span_touches_are_marked() -> None:
    packed = pack([Run(0, 3, Box(0.1, 0.1, 0.2, 0.12)), Run(4, 7, Box(0.1, 0.3, 0.2, 0.32))])
    assert [round(box.top, 1) for box in boxes_for(packed, 3, 7)] == [0.3]
    assert boxes_for(packed, 3, 4) == ()
    assert boxes_for(b"", 0, 100) == ()
