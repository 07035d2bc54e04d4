"""The core over the real engine and the real library, with the starter models and a real PDF."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.errors import CoreError
from desktop.core.events import ReadingPrompt, TextAdded
from desktop.core.places import Places
from desktop.core.replies.citations import cite
from desktop.core.services import Services, open_core
from engine.protocol import Sampling
from tests.fakes.house import Heard

pytestmark = pytest.mark.models

MUSEUM = Path(__file__).parents[1] / "data" / "museum.pdf"
TICKETS_PAGE = 3
PATIENCE_S = 280.0


@pytest.fixture(scope="module")
def core(
    tmp_path_factory: pytest.TempPathFactory, chat_model: Path, embedding_model: Path
) -> Iterator[Services]:
    """A core with the museum's guide indexed and the starter model loaded."""
    assert embedding_model.is_dir()
    core = open_core(Places.of(tmp_path_factory.mktemp("data"), chat_model.parent))
    try:
        indexed = core.index((str(MUSEUM),), "default").result(PATIENCE_S)
        assert [document.state for document in indexed.documents] == ["indexed"]
        core.load_model(str(chat_model)).result(PATIENCE_S)
        core.set_setting("max_reply_tokens", 60).result(PATIENCE_S)
        core.set_setting("seed", 7).result(PATIENCE_S)
        yield core
    finally:
        core.close()


def new_chat(core: Services, *collections: str) -> int:
    chat = core.create_chat().result(PATIENCE_S).info.id
    core.set_collections(chat, collections).result(PATIENCE_S)
    return chat


def test_a_question_over_a_pdf_is_answered_with_the_price_and_a_citation_of_its_page(core: Services) -> None:
    chat = new_chat(core, "default")
    reply = core.send(chat, "How much does a ticket cost?").result(PATIENCE_S)
    question = core.open_chat(chat).result(PATIENCE_S).messages[0]
    assert "seven euros" in reply.text.lower()
    citation = cite(reply.text, question.excerpts)[0]
    assert Path(citation.file).name == "museum.pdf"
    assert citation.page == TICKETS_PAGE
    assert "seven euros" in citation.quote

    # the citation opens the page with the passage marked
    place = core.locate(citation.document, citation.page, citation.start, citation.end).result(PATIENCE_S)
    assert place.page_text[citation.start : citation.end] == citation.quote
    assert place.boxes
    page = core.render_page(citation.file, citation.page, 400).result(PATIENCE_S)
    assert (page.width_px, page.page, page.pages) == (400, TICKETS_PAGE, 4)


def test_the_commands_way_to_ask_cites_the_same_page_and_leaves_no_chat(core: Services) -> None:
    before = core.search_chats("").result(PATIENCE_S)
    operation = core.answer((), "How much does a ticket cost?", collections=("default",))
    answer = operation.result(PATIENCE_S)
    assert "seven euros" in answer.text.lower()
    assert answer.citations[0].page == TICKETS_PAGE
    assert core.search_chats("").result(PATIENCE_S) == before


def test_a_spanish_question_finds_the_passage_in_the_english_pdf(core: Services) -> None:
    hits = core.search("¿Cuánto cuesta una entrada?", 3).result(PATIENCE_S)
    assert hits[0].page == TICKETS_PAGE
    assert "seven euros" in hits[0].text


def test_a_second_turn_evaluates_only_what_is_new(core: Services) -> None:
    chat = new_chat(core, "default")
    first = core.send(chat, "When is the museum open?").result(PATIENCE_S)
    heard = Heard()
    operation = core.send(chat, "And on Mondays?")
    operation.subscribe(heard)
    second = operation.result(PATIENCE_S)
    assert first.stats is not None
    assert second.stats is not None
    # all but the last token of the first turn's prompt and reply: excerpts are frozen into their turn
    assert second.stats.reused_tokens >= first.stats.prompt_tokens
    assert second.stats.prompt_tokens > second.stats.reused_tokens
    assert heard.of(ReadingPrompt)


def test_the_real_engine_killed_mid_reply_leaves_the_text_and_loads_again(core: Services) -> None:
    core.set_setting("max_reply_tokens", 0).result(PATIENCE_S)
    chat = new_chat(core)
    operation = core.send(chat, "Tell me a very long story about the sea.")
    begun = threading.Event()
    operation.subscribe(lambda event: begun.set() if isinstance(event, TextAdded) else None)
    assert begun.wait(PATIENCE_S)
    assert core.engine_pid is not None
    os.kill(core.engine_pid, signal.SIGKILL)
    with pytest.raises(CoreError) as died:
        operation.result(PATIENCE_S)
    assert died.value.problem().code == "engine_died"
    reply = core.open_chat(chat).result(PATIENCE_S).messages[-1]
    assert reply.state == "failed"
    assert reply.text

    core.load_model(str(core.setting("model_path"))).result(PATIENCE_S)
    sampling = Sampling(temperature=0.0)
    again = core.answer((), "Say hello.", sampling=sampling, max_tokens=8).result(PATIENCE_S)
    assert again.text
