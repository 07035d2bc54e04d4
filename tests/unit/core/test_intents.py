"""What kind of answer a question asks for."""

import pytest

from desktop.core.answers.intents import asks_every_document, asks_for_page, asks_for_summary, leans_on_chat


@pytest.mark.parametrize(
    "question",
    [
        "On which page is the price of a ticket?",
        "What page mentions Marie Curie?",
        "Which pages are about clocks?",
        "¿En qué página está el precio?",
        "¿Qué páginas hablan de relojes?",
        "Dime en qué página pone eso",
    ],
)
def test_a_question_for_a_page_is_known(question: str) -> None:
    assert asks_for_page(question)


@pytest.mark.parametrize(
    "question",
    ["Who paints a page of the book?", "What does page 3 say?", "¿Qué dice la página 3?", "Who wrote it?"],
)
def test_a_question_about_a_page_is_not_one_for_it(question: str) -> None:
    assert not asks_for_page(question)


@pytest.mark.parametrize(
    "question",
    [
        "Summarize all documents",
        "List the due date in each of the contracts",
        "Compare the reports",
        "Which of my documents mention Paris?",
        "How many papers cite Einstein?",
        "Resume todos los documentos",
        "¿Qué dice cada contrato sobre el precio?",
        "Compara los informes",
        "¿Cuáles de mis archivos hablan de París?",
    ],
)
def test_a_question_about_every_document_is_known(question: str) -> None:
    assert asks_every_document(question)


@pytest.mark.parametrize(
    "question",
    [
        "Are all tickets free?",
        "What does the contract say about each party?",
        "Who must sign the document?",
        "¿Todos los días cuesta lo mismo?",
        "¿Quién firma el contrato?",
    ],
)
def test_other_questions_are_not_about_every_document(question: str) -> None:
    assert not asks_every_document(question)


@pytest.mark.parametrize(
    "question",
    ["And on Sundays?", "How much does it cost?", "Why?", "¿Y los domingos?", "¿Cuánto cuesta eso?"],
)
def test_a_question_that_leans_on_the_chat_is_known(question: str) -> None:
    assert leans_on_chat(question)


@pytest.mark.parametrize(
    "question",
    [
        "How much does a ticket for the museum cost?",
        "¿Cuándo abre el museo de relojes de Cáceres los domingos?",
        "Who founded the museum of clocks in Vienna?",
        "¿En qué página está el precio de la entrada?",
        "Summarize all documents",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert not leans_on_chat(question)


def test_a_summary_is_told_from_a_question() -> None:
    assert asks_for_summary("Summarize all documents")
    assert asks_for_summary("¿De qué tratan mis documentos?")
    assert not asks_for_summary("Which documents mention Paris?")
