"""Where the tokens of a reply stand in its text."""

from hypothesis import example, given
from hypothesis import strategies as st

from desktop.core.replies.token_spans import spans
from engine.protocol import TokenDetail


def details(*texts: str) -> list[TokenDetail]:
    return [TokenDetail(n, text, 0.5, 0.5, (), ()) for n, text in enumerate(texts)]


def cut(pieces: list[bytes]) -> list[TokenDetail]:
    return details(*(piece.decode("utf-8", "replace") for piece in pieces))


def test_tokens_follow_each_other_through_the_text() -> None:
    assert spans(details("Seven", " euros", "."), "Seven euros.") == ((0, 5), (5, 11), (11, 12))


def test_the_tokens_of_one_character_share_it() -> None:
    pieces = ["Sí ".encode(), b"\xf0\x9f", b"\x99", b"\x82", b" and more"]
    assert spans(cut(pieces), "Sí 🙂 and more") == ((0, 3), (3, 4), (3, 4), (3, 4), (4, 13))


def test_tags_and_thoughts_are_no_part_of_the_text() -> None:
    told = details("<think>", "\n", "It", " is", " late", "</think>", "\n\n", "It", " is")
    found = spans(told, "It is", "It is late")
    assert found == (None, None, None, None, None, None, None, (0, 2), (2, 5))


def test_what_a_stop_string_cut_off_is_no_part_of_the_text() -> None:
    assert spans(details("One", " two", "###"), "One two") == ((0, 3), (3, 7), None)


def test_details_may_begin_in_the_middle_of_the_text() -> None:
    text = "One two. One two three."
    assert spans(details(" two", " three", "."), text) == ((12, 16), (16, 22), (22, 23))


def test_a_blank_that_was_left_out_before_the_text_moves_nothing() -> None:
    assert spans(details(" Seven", " euros"), "Seven euros") == ((0, 5), (5, 11))


@example("\r0\x80", [1])
@example("00\x80\x80𐀀0", [5])
@given(st.text(max_size=60), st.lists(st.integers(1, 5), min_size=1, max_size=40))
def test_wherever_a_text_is_cut_every_character_is_some_tokens(text: str, lengths: list[int]) -> None:
    data, pieces = text.encode("utf-8"), []
    for length in lengths * (1 + len(data)):
        if not data:
            break
        pieces.append(data[:length])
        data = data[length:]
    if "\ufffd" in text:
        return
    found = [span for span in spans(cut(pieces), text) if span is not None]
    assert {n for begin, end in found for n in range(begin, end)} == set(range(len(text)))
    assert found == sorted(found)
