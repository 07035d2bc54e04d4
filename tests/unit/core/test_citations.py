"""What a reply refers to, from its text and the excerpts of its turn."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.core.replies.citations import (
    attributed,
    cite,
    folded_key,
    markers,
    settled_length,
    with_citations,
    written,
)
from desktop.core.types import (
    Chat,
    ChatInfo,
    Excerpt,
    ExcerptsPart,
    MessageState,
    Part,
    StoredMessage,
    TextPart,
)
from desktop.view_models.turns import turns_of
from engine.protocol import Role

TICKETS = (
    "A ticket costs seven euros. Children under twelve come in free, and students and pensioners pay four "
    "euros. A family ticket for two adults and up to four children is sixteen euros."
)
HOURS = "The museum is open from Tuesday to Sunday, from 10:00 until 18:00. It is closed on Mondays."
BOATS = "The largest boat, the Esperanza, is 14 metres long and could carry nine tonnes of salt."


def excerpt(n: int, text: str, page: int) -> Excerpt:
    return Excerpt(n, 100 + n, 1, "/museum.pdf", "museum.pdf", page, 0, len(text), text)


EXCERPTS = (excerpt(1, TICKETS, 3), excerpt(2, HOURS, 3), excerpt(3, BOATS, 2))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Seven euros [1].", [1]),
        ("Seven euros [1, 3].", [1, 3]),
        ("Seven euros [1][3].", [1, 3]),
        ("Seven euros [1-3].", [1, 2, 3]),
        ("Seven euros [3]. Closed on Mondays [2], [3].", [3, 2]),
        ("Siete euros [1 y 2].", [1, 2]),
        ("Seven euros [excerpt 2].", [2]),
        ("Siete euros [Extracto 2].", [2]),
        ("Seven euros [^1].", [1]),
        ("Seven euros 【1】.", [1]),
        ("Seven euros [1, 9].", [1]),
        ("Seven euros [9] [0] [] [x].", []),
        ("`list[1]` is code", []),
        ("```\nlist[1]\n```\nand [2]", [2]),
        ("```\nlist[1] in code that is not closed yet", []),
        ("[1-900] is no range of ours", [1]),
    ],
)
def test_numbers_in_brackets_are_resolved_and_unknown_ones_stay_text(text: str, numbers: list[int]) -> None:
    found = [n for marker in written(text, EXCERPTS) for n in marker.numbers]
    assert list(dict.fromkeys(found)) == numbers


def test_a_citation_names_file_page_and_span() -> None:
    (citation,) = cite("It costs seven euros [1].", EXCERPTS)
    assert (citation.n, citation.file, citation.page) == (1, "/museum.pdf", 3)
    assert (citation.start, citation.end, citation.quote) == (0, len(TICKETS), TICKETS)
    assert not citation.attributed


def test_a_marker_says_where_it_stands() -> None:
    text = "It costs seven euros [1, 2]."
    (marker,) = written(text, EXCERPTS)
    assert text[marker.start : marker.end] == "[1, 2]"


def test_without_numbers_a_sentence_is_attributed_to_the_excerpt_that_says_it() -> None:
    text = "A ticket costs seven euros. Children under twelve come in free."
    citations = cite(text, EXCERPTS)
    assert [(citation.n, citation.attributed) for citation in citations] == [(1, True)]
    ends = [marker.start for marker in attributed(text, EXCERPTS)]
    assert ends == [len("A ticket costs seven euros."), len(text)]


@pytest.mark.parametrize(
    ("text", "n"),
    [("Seven euros.", 1), ("Esperanza", 3), ("On Mondays.", 2), ("14 metres", 3), ("at 18:00", 2)],
)
def test_a_short_answer_is_attributed_where_an_excerpt_holds_all_of_it(text: str, n: int) -> None:
    assert [(citation.n, citation.attributed) for citation in cite(text, EXCERPTS)] == [(n, True)]


@pytest.mark.parametrize("text", ["Eight euros.", "15 metres", "Yes.", "closed", "Carmen"])
def test_a_short_answer_that_no_excerpt_holds_whole_is_not(text: str) -> None:
    assert not cite(text, EXCERPTS)


@pytest.mark.parametrize(
    ("question", "text", "n"),
    [
        ("Is the museum open or closed on Mondays?", "closed", 2),
        ("¿Qué barco es el mayor?", "La respuesta es Esperanza.", 3),
        ("How much do students and pensioners pay for a ticket?", "The answer is: four", 1),
        (
            "Which wooden vessel of the old fishing fleet could carry nine tonnes of salt?",
            "The wooden vessel of the old fishing fleet to carry nine tonnes of salt is the Esperanza.",
            3,
        ),
    ],
)
def test_the_question_tells_what_a_short_answer_speaks_of(question: str, text: str, n: int) -> None:
    assert [citation.n for citation in cite(text, EXCERPTS, question)] == [n]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Who painted the ceiling of the chapel?", "closed"),
        ("Is the museum open on Mondays?", "Yes."),
        ("How long is the Esperanza?", "The Esperanza is 15 metres long."),
        ("Is the Esperanza 15 metres long?", "The Esperanza is 15 metres long and carries salt."),
        ("What does a ticket cost?", "A dragon guards the door of the treasure."),
    ],
)
def test_no_question_lends_a_reply_what_no_excerpt_says(question: str, text: str) -> None:
    assert not cite(text, EXCERPTS, question)


def test_a_sentence_with_a_number_its_source_does_not_hold_is_not_attributed() -> None:
    assert not cite("The Esperanza is 15 metres long and could carry nine tonnes of salt.", EXCERPTS)
    assert cite("The Esperanza is 14 metres long and could carry nine tonnes of salt.", EXCERPTS)


@pytest.mark.parametrize(
    "text",
    [
        "I do not know.",
        "The weather is nice today, is it not?",
        "",
        "Boats are long.",
        "[1",
        "Sure: the museum!",
    ],
)
def test_what_no_excerpt_supports_is_not_attributed(text: str) -> None:
    assert not markers(text, EXCERPTS)


def test_one_written_number_is_enough_to_trust_the_model_with_the_rest() -> None:
    text = "A ticket costs seven euros [1]. It is closed on Mondays, open Tuesday to Sunday."
    assert [citation.n for citation in cite(text, EXCERPTS)] == [1]


def test_without_excerpts_nothing_is_a_citation() -> None:
    assert not markers("Seven euros [1].", ())


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        ("It costs seven", "It costs seven"),
        ("It costs seven [", "It costs seven "),
        ("It costs seven [1", "It costs seven "),
        ("It costs seven [1, 2", "It costs seven "),
        ("It costs seven [1].", "It costs seven [1]."),
        (
            "a list [that goes on for longer than any marker",
            "a list [that goes on for longer than any marker",
        ),
    ],
)
def test_half_a_marker_at_the_end_of_a_growing_reply_is_held_back(text: str, settled: str) -> None:
    assert text[: settled_length(text)] == settled


@given(st.text(alphabet="[]0123456789,-y `\n.A¿ñ", max_size=60))
def test_any_text_is_resolved_without_an_error_and_markers_lie_inside_it(text: str) -> None:
    for marker in markers(text, EXCERPTS):
        assert 0 <= marker.start <= marker.end <= len(text)
        assert set(marker.numbers) <= {1, 2, 3}
    assert 0 <= settled_length(text) <= len(text)


@given(st.text(alphabet="[]0123456789,. ", max_size=40))
def test_a_marker_found_in_a_growing_reply_stays_where_it_is(text: str) -> None:
    whole = written(text, EXCERPTS)
    for length in range(len(text)):
        early = written(text[:length], EXCERPTS)
        assert whole[: len(early)] == early


@given(st.text(st.characters(max_codepoint=0x1FFF)))
def test_words_are_compared_without_case_and_accents_in_any_script(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text.casefold())
    assert folded_key(text) == "".join(c for c in decomposed if not unicodedata.combining(c))[:6]


def test_what_the_replies_of_a_chat_cite_comes_with_it() -> None:
    def message(
        number: int, role: Role, text: str, *more: Part, state: MessageState = "complete"
    ) -> StoredMessage:
        return StoredMessage(number, 1, number - 1, role, (TextPart(text), *more), state, 0.0)

    chat = Chat(
        ChatInfo(1, "", 0.0, 0.0),
        "",
        (),
        (
            message(1, "user", "How much is it?", ExcerptsPart(EXCERPTS)),
            message(2, "assistant", "Seven euros [1]."),
            message(3, "user", "And for children?"),
            message(4, "assistant", "Free [1]."),
            message(5, "user", "How long is the boat?", ExcerptsPart(EXCERPTS)),
            message(6, "assistant", "14 metres [3]", state="streaming"),
        ),
    )
    found = with_citations(chat).citations
    assert found == {2: cite("Seven euros [1].", EXCERPTS, "How much is it?")}
    assert turns_of(chat.messages, found) == turns_of(chat.messages)
    assert [bool(turn.citations) for turn in turns_of(chat.messages, found)][1::2] == [True, False, True]
