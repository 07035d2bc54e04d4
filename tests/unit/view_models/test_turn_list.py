"""The turns of a chat: a list that packs what is far from its end."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop.core.types import Citation, Excerpt, ExcerptsPart, FilePart, Problem, ThoughtsPart
from desktop.view_models.turn_list import (
    CITES,
    LARGEST_BYTES,
    NEAR,
    OPEN,
    PACK,
    PINNED,
    REPLY,
    Extent,
    TurnList,
)
from desktop.view_models.turns import QUESTION_KEY, Turn
from engine.protocol import ReplyRecord, Sampling, Stats, Templating

EXCERPT = Excerpt(1, 10, 20, "museum.pdf", "Museum", 2, 100, 120, "A ticket costs 8 euros.", "Prices", 0.5)
RICH = Turn(
    key=1,
    role="assistant",
    text="Eight euros [1]. Ünïcode ✓ 🙂",
    state="failed",
    model="tiny",
    stats=Stats(12, 3, 40, 0.25, 31.5, "end", 7, record=ReplyRecord(Sampling(), templating=Templating())),
    problem=Problem("engine_died", {"file": "a.gguf", "signal": 9, "share": 0.5}, "a log"),
    searched=True,
    excerpts=(EXCERPT,),
    citations=(Citation(1, 20, "museum.pdf", "Museum", 2, 100, 120, "A ticket costs 8 euros."),),
    asked="How much?",
    looked=ExcerptsPart((), "whole", "price", 1, 2, 3),
    thoughts=ThoughtsPart("Let me see.", 1.5),
    versions=(1, 5),
    edited=True,
    pinned=True,
    rating=1,
    files=(FilePart("notes.txt", "some notes", "/there/notes.txt", 2),),
)


def turns_of(count: int, first: int = 1) -> list[Turn]:
    return [
        Turn(key=key, role="user" if key % 2 else "assistant", text=f"text {key} " * 20, pinned=key % 7 == 0)
        for key in range(first, first + count)
    ]


def packed(turns: TurnList) -> TurnList:
    while turns.pack_one():
        pass
    return turns


def test_far_turns_are_packed_and_read_back_as_they_were() -> None:
    turns = [replace(RICH, key=key) for key in range(1, 301)]
    far = packed(TurnList(turns))
    assert far.packed >= 300 - NEAR - PACK
    assert list(far) == turns
    assert far[0].stats == RICH.stats
    assert far[-300] == turns[0]
    assert far[10:200:7] == turns[10:200:7]
    with pytest.raises(IndexError):
        far[300]


def test_a_packed_turn_takes_a_fraction_of_its_text() -> None:
    far = packed(TurnList(turns_of(1_000)))
    packs = sum(len(pack) for pack in far._packs.values())
    assert packs < 0.2 * sum(len(turn.text) for turn in far)


def test_the_end_of_a_chat_stays_as_it_is() -> None:
    turns = turns_of(300)
    far = packed(TurnList(turns))
    assert all(far[at] is turns[at] for at in range(300 - NEAR, 300))


def test_what_may_still_change_or_cannot_be_written_down_is_not_packed() -> None:
    turns = turns_of(300)
    turns[3] = replace(turns[3], key=QUESTION_KEY)
    turns[40] = replace(turns[40], state="streaming")
    turns[70] = replace(turns[70], text="half a pair: \ud83d")
    turns[100] = replace(turns[100], text="x" * (LARGEST_BYTES + 1))
    far = packed(TurnList(turns))
    assert list(far) == turns
    assert all(far[at] is turns[at] for at in (3, 40, 70, 100))
    assert far[130] is not turns[130]
    far[70] = replace(turns[70], text="a whole one")
    before = far.packed
    assert packed(far).packed == before + PACK
    assert far[70].text == "a whole one"


def test_marks_and_keys_are_known_without_unpacking() -> None:
    turns = turns_of(200)
    turns[5] = replace(RICH, key=turns[5].key)
    far = packed(TurnList(turns))
    far._open.clear()
    assert list(far.keys) == [turn.key for turn in turns]
    assert far.keys_with(PINNED) == [turn.key for turn in turns if turn.pinned]
    assert far.keys_with(REPLY) == [turn.key for turn in turns if turn.is_reply]
    assert (far.has(CITES), far.with_mark(CITES)) == (True, [5])
    assert far.replies == [turn.is_reply for turn in turns]
    assert [far.index_of(key) for key in (1, 200, 117, 4711)] == [0, 199, 116, None]
    assert not far._open


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put_from"), st.floats(0, 1), st.integers(0, 90)),
        st.tuples(st.just("change"), st.floats(0, 1), st.just(0)),
        st.tuples(st.just("pack"), st.floats(0, 1), st.integers(1, 5)),
        st.tuples(st.just("look"), st.floats(0, 1), st.just(0)),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_whatever_is_done_to_it_it_is_the_list_that_it_would_be(steps: list[tuple[str, float, int]]) -> None:
    plain, far, key = turns_of(150), TurnList(turns_of(150)), 1_000
    for what, share, count in steps:
        at = round(share * len(plain))
        if what == "put_from":
            tail = plain[at : at + 2] + turns_of(count, key)
            key += count
            after = plain[:at] + tail
            both = zip(plain, after, strict=False)
            least = min(len(plain), len(after))
            assert far.put_from(at, tail) == next((n for n, (a, b) in enumerate(both) if a != b), least)
            plain = after
        elif what == "change" and at < len(plain):
            text = f"{plain[at].text}\n\nmore"
            plain[at] = far[at] = replace(plain[at], text=text, pinned=True, state="failed")
        elif what == "pack":
            for _ in range(count):
                far.pack_one()
        elif what == "look" and at < len(plain):
            assert far[at] == plain[at]
    assert far == plain
    assert len(far) == len(plain)
    assert far.keys_with(PINNED) == [turn.key for turn in plain if turn.pinned]
    assert far.with_mark(OPEN) == [at for at, turn in enumerate(plain) if turn.state == "failed"]
    assert list(far.extents_from(3)) == [count for turn in plain[3:] for count in Extent.of(turn.text)]
    assert all(far.index_of(turn.key) == at for at, turn in enumerate(plain))
