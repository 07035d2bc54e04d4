"""What temperature and truncation make of a token's chances."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.view_models.chances import Chances, Knobs, chances, drawn, with_drawn
from engine.protocol import Alternative, TokenDetail

BEFORE = tuple(Alternative(n, f"t{n}", p) for n, p in enumerate((0.5, 0.25, 0.125, 0.0625)))
REST = 0.0625


def after(made: Chances) -> list[float]:
    return [round(one.after, 4) for one in made.known]


def cuts(made: Chances) -> list[str]:
    return [one.cut for one in made.known]


def test_nothing_turned_changes_nothing() -> None:
    made = chances(BEFORE, Knobs())
    assert after(made) == [0.5, 0.25, 0.125, 0.0625]
    assert (made.rest, made.sure) == (REST, "exact")


def test_top_k_keeps_the_likeliest_and_says_what_it_cut() -> None:
    made = chances(BEFORE, Knobs(top_k=2))
    assert after(made) == [0.6667, 0.3333, 0, 0]
    assert cuts(made) == ["", "", "top_k", "top_k"]
    assert made.rest == 0


def test_top_p_keeps_as_many_as_reach_it() -> None:
    made = chances(BEFORE, Knobs(top_p=0.75))
    assert cuts(made) == ["", "", "top_p", "top_p"]
    assert cuts(chances(BEFORE, Knobs(top_p=0.76))) == ["", "", "", "top_p"]
    # of what top-k left, as llama.cpp counts it
    assert cuts(chances(BEFORE, Knobs(top_k=2, top_p=0.6))) == ["", "top_p", "top_k", "top_k"]


def test_min_p_is_a_share_of_the_likeliest() -> None:
    made = chances(BEFORE, Knobs(min_p=0.3))
    assert cuts(made) == ["", "", "min_p", "min_p"]
    assert made.rest == 0
    assert chances(BEFORE, Knobs(min_p=0.1)).rest == pytest.approx(REST)


def test_temperature_evens_out_or_sharpens_and_says_how_sure_the_rest_is() -> None:
    hot, cold = chances(BEFORE, Knobs(temperature=2.0)), chances(BEFORE, Knobs(temperature=0.5))
    assert hot.known[0].after < 0.5 < cold.known[0].after
    assert hot.known[0].after / hot.known[1].after == pytest.approx(math.sqrt(2))
    assert cold.known[0].after / cold.known[1].after == pytest.approx(4)
    assert (hot.sure, cold.sure) == ("least", "most")
    assert after(chances(BEFORE, Knobs(temperature=0.0))) == [1, 0, 0, 0]
    assert chances(BEFORE, Knobs(temperature=2.0, top_k=3)).sure == "exact"


def test_no_token_is_no_chance() -> None:
    assert chances((), Knobs()).known == ()


@given(
    st.lists(st.floats(0.001, 1.0), min_size=1, max_size=20),
    st.builds(
        Knobs,
        st.floats(0.0, 2.0),
        st.integers(0, 40),
        st.floats(0.0, 1.0),
        st.floats(0.0, 1.0),
    ),
)
def test_chances_are_shares_of_one_in_the_old_order(weights: list[float], knobs: Knobs) -> None:
    total = sum(weights) * 1.1
    ranked = sorted((weight / total for weight in weights), reverse=True)
    made = chances([Alternative(n, "", p) for n, p in enumerate(ranked)], knobs)
    found = [one.after for one in made.known]
    assert sum(found) + made.rest == pytest.approx(1)
    assert found == sorted(found, reverse=True)
    assert all((one.after == 0) or not one.cut for one in made.known)
    assert made.known[0].after > 0


def detail(after: tuple[Alternative, ...], token: int = 0, p: float = 0.5) -> TokenDetail:
    return TokenDetail(token, f"t{token}", p, p, BEFORE, after)


def test_with_the_settings_of_the_reply_what_was_drawn_from_counts() -> None:
    left = (Alternative(1, "t1", 0.7), Alternative(0, "t0", 0.3))
    made = drawn(detail(left), chances(BEFORE, Knobs(top_k=2)))
    assert after(made) == [0.3, 0.7, 0, 0]
    assert cuts(made) == ["", "", "top_k", "top_k"]
    assert made.rest == 0
    full = tuple(Alternative(one.id, one.text, one.p) for one in BEFORE)
    assert drawn(detail(full), chances(BEFORE, Knobs())).rest == pytest.approx(REST)


def test_a_drawn_token_that_is_none_of_the_likeliest_has_the_last_row() -> None:
    unlikely = detail(BEFORE, 9, 0.01)
    made = with_drawn(unlikely, chances(BEFORE, Knobs()), 1.0)
    assert made.known[-1].id == 9
    assert made.known[-1].after == pytest.approx(0.01)
    assert made.rest == pytest.approx(REST - 0.01)
    assert with_drawn(unlikely, chances(BEFORE, Knobs(top_k=2)), 1.0).known[-1].after == 0
    assert with_drawn(detail(BEFORE), chances(BEFORE, Knobs()), 1.0) == chances(BEFORE, Knobs())
