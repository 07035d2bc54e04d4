"""How well texts answer what a person typed."""

from desktop.view_models.finding import NO_MATCH, folded, holds, score, score_both, words_of


def points(query: str, text: str) -> int:
    return score(words_of(query), folded(text))


def test_case_and_accents_do_not_count() -> None:
    assert folded("Diseño Ámbar") == "diseno ambar"
    assert points("diseno", "Diseño") > NO_MATCH
    assert points("DISEÑO", "diseno") > NO_MATCH


def test_a_beginning_counts_more_than_a_word_and_that_more_than_an_inside() -> None:
    assert points("chat", "Chat model") > points("chat", "New chat") > points("chat", "Unchatty")


def test_every_word_must_be_answered_in_any_order() -> None:
    assert points("model chat", "Chat model") > NO_MATCH
    assert points("model cat", "Chat mode") == NO_MATCH


def test_letters_in_order_find_from_a_words_beginning_on() -> None:
    assert points("nch", "New chat") > NO_MATCH
    assert points("ewc", "New chat") == NO_MATCH


def test_of_equal_answers_the_shorter_text_is_better() -> None:
    assert points("new", "New chat") > points("new", "New chat with a long name")


def test_nothing_typed_is_answered_by_everything() -> None:
    assert points("  ", "anything") > NO_MATCH
    assert holds((), "anything")


def test_holding_takes_words_as_they_are_written() -> None:
    assert holds(words_of("top k"), folded("Top K"))
    assert not holds(words_of("tk"), folded("Top K"))


def test_what_only_the_help_says_is_found_after_what_a_name_says() -> None:
    words = words_of("memory")
    in_the_name = score_both(words, "memory for a model", "")
    in_the_help = score_both(words, "rest after", "leaves the memory")
    assert in_the_name > in_the_help > NO_MATCH
    assert score_both(words, "rest after", "") == NO_MATCH
