"""Bytes of tokens to shown text: whole characters, and never a piece of a stop string."""

from hypothesis import given
from hypothesis import strategies as st

from engine.text_stream import TextStream


def run(pieces: list[bytes], stop: tuple[str, ...] = ()) -> tuple[list[str], bool]:
    stream = TextStream(stop)
    shown = []
    for piece in pieces:
        shown.append(stream.push(piece))
        if stream.stopped:
            return shown, True
    return [*shown, stream.finish()], stream.stopped


def test_a_character_split_over_tokens_shows_when_it_is_whole() -> None:
    shown, _ = run([b"caf", b"\xc3", b"\xa9 \xf0\x9f", b"\x98", b"\x80!"])
    assert shown == ["caf", "", "é ", "", "😀!", ""]


def test_an_unfinished_character_at_the_end_becomes_the_replacement_character() -> None:
    shown, _ = run([b"a\xf0\x9f"])
    assert "".join(shown) == "a\ufffd"


def test_bytes_that_are_no_text_do_not_break_the_stream() -> None:
    shown, _ = run([b"\xff", b"ok", b"\xc3", b"ok"])
    assert "".join(shown) == "\ufffdok\ufffdok"


def test_a_stop_string_across_tokens_never_shows() -> None:
    shown, stopped = run([b"Hello Us", b"er", b": you", b" there"], ("User:",))
    assert "".join(shown) == "Hello "
    assert stopped


def test_the_beginning_of_a_stop_string_that_was_none_is_shown_after_all() -> None:
    shown, stopped = run([b"Hello Use", b"ful ", b"User"], ("User:",))
    assert shown[0] == "Hello "
    assert "".join(shown) == "Hello Useful User"
    assert not stopped


def test_the_first_of_several_stop_strings_counts() -> None:
    shown, _ = run([b"one two three"], ("three", "two"))
    assert "".join(shown) == "one "


def test_an_empty_stop_string_stops_nothing() -> None:
    assert run([b"text"], ("",)) == (["text", ""], False)


@given(
    text=st.text(alphabet="abé😀", max_size=40),
    stop=st.lists(st.text(alphabet="abé😀", min_size=1, max_size=4), max_size=3),
    cuts=st.lists(st.integers(1, 3), min_size=1, max_size=9),
)
def test_however_the_bytes_are_cut_the_text_up_to_the_stop_is_shown(
    text: str, stop: list[str], cuts: list[int]
) -> None:
    data = text.encode()
    pieces = []
    while data:
        size = cuts[len(pieces) % len(cuts)]
        pieces.append(data[:size])
        data = data[size:]
    shown, stopped = run(pieces, tuple(stop))
    ends = [text.index(end) for end in stop if end in text]
    assert stopped == bool(ends)
    whole = "".join(shown)
    if not stopped:
        assert whole == text
        return
    assert text.startswith(whole)
    assert not any(end in whole for end in stop)
