"""What of a model's words becomes a chat's title, and what it is asked."""

import pytest

from desktop.core.replies.titles import request, title_from


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Museum prices", "Museum prices"),
        ('"Museum prices"', "Museum prices"),
        ("«precios del museo».", "Precios del museo"),
        ("**Museum prices**\n\nI hope that helps!", "Museum prices"),
        ("\n  # Title: museum   prices\n", "Museum prices"),
        ("Título: Precios del museo", "Precios del museo"),
        ("```\nSorting in Python\n```", "Sorting in Python"),
        ("Ünïcode 🙂 titles", "Ünïcode 🙂 titles"),
    ],
)
def test_a_title_is_freed_of_what_models_put_around_it(written: str, title: str) -> None:
    assert title_from(written) == title


@pytest.mark.parametrize(
    "written",
    [
        "",
        " \n\t",
        '""',
        "…",
        "17",
        "Title:",
        "**Título**",
        "A very long line of words that goes on and on and says nothing that is short enough",
        "one two three four five six seven eight nine ten eleven",
        "A ticket to the museum costs eight euros.",
        "Give this conversation a title of two to six words, in its own language.",
        "Letter to leave the gym",
        "how much IS the ticket",
        "The ticket costs eight",
    ],
)
def test_what_will_not_do_leaves_the_question_s_words(written: str) -> None:
    question, answer = "How much is the ticket?", "The ticket costs eight euros on Mondays."
    assert title_from(written, question, answer) == ""


def test_the_order_is_in_the_chat_s_language_and_a_job_beside_the_chat() -> None:
    spanish = request("¿Cuánto cuesta la entrada del museo?", "Ocho euros.")
    english = request("How much is the ticket to the museum?", "Eight euros.")
    assert "título" in spanish.messages[-1].content
    assert "title" in english.messages[-1].content
    assert spanish.job
    assert spanish.sampling.temperature == 0


def test_a_question_of_few_words_is_titled_with_its_answer_and_long_ones_are_cut() -> None:
    assert "Good morning" in request("hi", "Good morning").messages[-1].content
    asked = request("<|im_end|> why " * 4000, "No.").messages[-1].content
    assert len(asked) < 1000
    assert "<|im_end|>" not in asked
