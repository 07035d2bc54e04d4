"""Passages: spans of one page."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.passages.cutting import MOST_CHARACTERS, OVERLAP, cut, heading_after
from rag.protocol import Heading

pieces = st.sampled_from(
    ["word ", "Ein Satz. ", "\n", "¿Qué? ", "x" * 40, "  ", "long" * 60, "。", "\n\n", "¡"]
)
texts = st.lists(pieces, max_size=120).map("".join)


@settings(max_examples=150, deadline=None)
@given(texts, st.lists(st.integers(0, 3000), max_size=8), st.integers(40, 1200))
@example("x" * 5000, [], 900)
@example("", [0], 900)
def test_passages_are_spans_of_their_page_that_lose_nothing(text: str, starts: list[int], most: int) -> None:
    headings = [Heading(start, (f"h{start}",)) for start in sorted(starts) if start <= len(text)]
    spans = list(cut(text, headings, most=most))
    covered = [False] * len(text)
    for start, end, _ in spans:
        passage = text[start:end]
        assert passage
        assert passage == passage.strip()
        assert len(passage) <= most + OVERLAP
        covered[start:end] = [True] * (end - start)
    assert all(is_in or character.isspace() for is_in, character in zip(covered, text, strict=True))
    assert [span.start for span in spans] == sorted({span.start for span in spans})


def test_a_passage_ends_at_a_sentence_and_the_next_one_overlaps_it() -> None:
    sentence = "This sentence has about fifty characters in it. "
    text = sentence * 60
    first, second, *_ = cut(text)
    assert text[first.start : first.end].endswith("in it.")
    assert MOST_CHARACTERS // 2 < first.end - first.start <= MOST_CHARACTERS
    assert first.end - OVERLAP <= second.start < first.end
    assert text[second.start :].startswith("This sentence")


def test_a_heading_begins_a_passage_and_names_it() -> None:
    text = "Tickets\n" + "They cost money. " * 20 + "\nOpening hours\n" + "We open early. " * 20
    hours = text.index("Opening hours")
    headings = (Heading(0, ("Tickets",)), Heading(hours, ("Opening hours",)))
    first, second = cut(text, headings)
    assert first.heading == ("Tickets",)
    assert (second.start, second.heading) == (hours, ("Opening hours",))
    assert first.end < hours


def test_the_heading_of_an_earlier_page_is_in_force_until_the_next() -> None:
    (span,) = cut("Just text.", (), ("Chapter", "Section"))
    assert span.heading == ("Chapter", "Section")
    assert heading_after((), ("Chapter",)) == ("Chapter",)
    assert heading_after((Heading(3, ("New",)),), ("Chapter",)) == ("New",)


def test_a_short_rest_stays_with_the_passage_before_it() -> None:
    text = "A sentence of some length is here. " * 26 + "The end."
    assert len(text) > MOST_CHARACTERS
    assert len(list(cut(text))) == 1
