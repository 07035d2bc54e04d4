"""How documents answer a question of a chat, over fake workers in processes of their own."""

from pathlib import Path

import pytest

from desktop.core.errors import CoreError
from desktop.core.events import QuestionRewritten, VisitingDocument
from desktop.core.services import Services
from desktop.core.types import ExcerptsPart, StoredMessage
from tests.fakes.house import PATIENCE_S, Heard, house
from tests.fakes.rag_workers import PASSAGE

pytestmark = pytest.mark.slow


def asking(core: Services, collection: str = "default") -> int:
    chat = core.create_chat().result(PATIENCE_S).info.id
    core.set_collections(chat, (collection,)).result(PATIENCE_S)
    return chat


def say(core: Services, chat: int, text: str, **how: str) -> tuple[StoredMessage, ExcerptsPart, Heard]:
    """The reply, and what its question keeps of the documents."""
    heard = Heard()
    operation = core.send(chat, text, **how)  # type: ignore[arg-type]
    operation.subscribe(heard)
    reply = operation.result(PATIENCE_S)
    question = next(m for m in core.open_chat(chat).result(PATIENCE_S).messages if m.id == reply.parent)
    return reply, next(part for part in question.parts if isinstance(part, ExcerptsPart)), heard


def test_where_nothing_is_found_the_reply_says_so_in_the_language_of_the_question(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = asking(core, "empty")
        reply, kept, _ = say(core, chat, "How much does a ticket for the museum cost?")
        assert reply.text == "I found nothing about this in these documents."
        assert (reply.state, reply.stats, kept.excerpts) == ("complete", None, ())
        reply, _, _ = say(core, chat, "¿Cuánto cuesta la entrada del museo?")
        assert reply.text == "No he encontrado nada sobre esto en estos documentos."
        answer = core.answer((), "How much does a ticket cost?", collections=("empty",)).result(PATIENCE_S)
        assert answer.text == "I found nothing about this in these documents."


def test_a_collection_that_is_gone_leaves_the_others(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = core.create_chat().result(PATIENCE_S).info.id
        core.set_collections(chat, ("gone", "default")).result(PATIENCE_S)
        _, kept, _ = say(core, chat, "How much does a ticket for the museum cost?")
        assert [excerpt.text for excerpt in kept.excerpts] == [PASSAGE]


def test_a_question_for_a_page_is_answered_by_the_index(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        reply, kept, _ = say(core, asking(core), "On which page is the price of a ticket?")
        assert kept.way == "page"
        assert reply.stats is None
        assert "**museum.pdf**, page 3 [1]" in reply.text


def test_a_question_that_leans_on_the_chat_is_searched_for_with_what_was_asked_before(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = asking(core)
        _, kept, heard = say(core, chat, "How much does a ticket for the museum cost?")
        assert (kept.query, heard.of(QuestionRewritten)) == ("", [])
        _, kept, heard = say(core, chat, "And for children?")
        assert "ticket" in kept.query
        assert "children" in kept.query
        assert heard.of(QuestionRewritten) == [QuestionRewritten(kept.query)]
        first = core.open_chat(chat).result(PATIENCE_S).messages[1]
        second = core.open_chat(chat).result(PATIENCE_S).messages[3]
        assert first.stats is not None
        assert second.stats is not None
        assert second.stats.reused_tokens >= first.stats.prompt_tokens, "the job took the chat's cache"


def test_every_document_is_visited_and_counted(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        reply, kept, heard = say(core, asking(core), "Which documents mention the price of a ticket?")
        assert (kept.way, kept.documents) == ("every", 1)
        assert reply.text.startswith("- **museum.pdf**: ")
        assert reply.text.rstrip().endswith("I read 1 of 1 documents.")
        assert heard.of(VisitingDocument)
        assert "[1]" in reply.text
        again = core.regenerate(reply.id).result(PATIENCE_S)
        assert again.text == reply.text


def test_a_document_that_fits_is_read_whole_where_that_is_wanted(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = asking(core)
        _, kept, _ = say(core, chat, "Where do the children come in for free?", reading="whole")
        assert kept.way == "whole"
        assert [(one.page, one.text) for one in kept.excerpts] == [(3, PASSAGE)]
        _, kept, _ = say(core, chat, "When may the other visitors come in for free?")
        assert kept.way == "passages"
        core.set_setting("whole_documents", True).result(PATIENCE_S)
        _, kept, _ = say(core, chat, "Where do the older visitors come in for free?")
        assert kept.way == "whole"


def test_a_library_that_fails_ends_the_reply_with_its_problem(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = asking(core)
        with pytest.raises(CoreError) as refused:
            core.send(chat, "!damaged").result(PATIENCE_S)
        assert refused.value.problem().code == "database_damaged"
