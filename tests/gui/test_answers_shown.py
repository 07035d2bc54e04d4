"""What the conversation says of an answer's footing: doubts, what was searched for, passages."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolTip
from pytestqt.qtbot import QtBot

from desktop.core.events import ExcerptsFound
from desktop.core.types import ExcerptsPart, TextPart
from desktop.ui.conversation import answers_wording
from desktop.ui.conversation.accessible import spoken
from desktop.ui.conversation.links import links_of
from desktop.ui.conversation.turn_widget import link_boxes
from desktop.view_models.documents import DocumentsViewModel
from tests.fakes.core import FakeCore
from tests.fakes.samples import EXCERPTS
from tests.gui.conversation_window import Window, build

DOUBTFUL = "A ticket costs 8 euros, said John Farrell [1]. The plan says so too [9]."


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    return build(qtbot, FakeCore(automatic=False))


def told(window: Window, answer: str, how: ExcerptsPart) -> None:
    """A finished turn in front."""
    chats = window.core.chats
    chat = chats.create().info.id
    asked = chats.set_excerpts(chats.add_message(chat, "user", "How much is it?"), how)
    reply = chats.add_message(chat, "assistant")
    chats.change(replace(reply, parts=(TextPart(answer),), state="complete"))
    assert asked.excerpts == how.excerpts
    with window.qtbot.waitSignal(window.view_model.reset):
        window.view_model.open(chat)


def under(window: Window) -> str:
    entry = window.shown(1).entry
    assert entry is not None
    documents = [piece.document for piece in entry.pieces.all]
    return documents[-1].toPlainText() if documents and documents[-1] is not None else ""


def test_what_stands_in_no_source_is_underlined_with_a_wave_and_named_under_the_reply(
    window: Window,
) -> None:
    told(window, DOUBTFUL, ExcerptsPart(EXCERPTS))
    window.qtbot.waitUntil(lambda: "Look again" in under(window))
    assert "8, John, Farrell are not in the sources" in under(window)
    assert "[9] leads to no source" in under(window)
    entry = window.shown(1).entry
    assert entry is not None
    piece = entry.pieces.all[0]
    marks = window.view.doubted.beside(window.view.tints.of)(entry.turn.key, piece, entry.style)
    marked = [one.cursor.selectedText() for one in marks.selections]  # type: ignore[attr-defined]
    assert marked == ["8", "John", "Farrell", "[9]"]
    assert "Look again" in spoken(window.shown(1))


def test_a_doubtful_word_says_why_where_it_stands(window: Window) -> None:
    told(window, DOUBTFUL, ExcerptsPart(EXCERPTS))
    window.qtbot.waitUntil(lambda: "Look again" in under(window))
    entry = window.shown(1).entry
    assert entry is not None
    tips = {one.what: answers_wording.doubt(one) for one in entry.pieces.doubts}
    assert tips["[9]"] == "There is no source [9]."
    assert tips["8"] == "“8” is not in the sources given for it."


def test_a_reply_that_its_sources_say_is_not_doubted(window: Window) -> None:
    text = EXCERPTS[0].text.split(".")[0]
    told(window, f"{text} [1].", ExcerptsPart(EXCERPTS))
    window.settle()
    entry = window.shown(1).entry
    assert entry is not None
    window.qtbot.waitUntil(lambda: window.view.doubted._vm.of(entry.turn) is not None)
    assert entry.pieces.doubts == ()
    assert "Look again" not in under(window)


def test_a_growing_reply_is_not_doubted(window: Window) -> None:
    reply = window.ask("How much is it?")
    reply.find(EXCERPTS)
    reply.write(DOUBTFUL)
    window.settle()
    entry = window.shown(1).entry
    assert entry is not None
    assert window.view.doubted._vm.of(entry.turn) == ()
    reply.finish()
    window.qtbot.waitUntil(lambda: "Look again" in under(window))


def test_what_was_searched_for_and_what_was_missing_stand_under_a_reply(window: Window) -> None:
    told(window, "Seven euros [1].", ExcerptsPart(EXCERPTS, query="How much is a ticket?", indexing=2))
    assert "Searched for: How much is a ticket?" in under(window)
    assert "2 files were still being indexed" in under(window)


def test_an_answer_from_a_collection_that_is_still_being_indexed_says_from_how_many_documents(
    window: Window,
) -> None:
    told(window, "Seven euros [1].", ExcerptsPart(EXCERPTS, read=12, documents=14, indexing=2))
    assert "From 12 of 14 documents: 2 were still being indexed." in under(window)
    assert "From 12 of 14 documents" in spoken(window.shown(1))


def test_what_was_searched_for_is_known_as_soon_as_a_reply_ends(window: Window) -> None:
    reply = window.ask("And then?")
    reply.emit(ExcerptsFound(EXCERPTS, query="How much is a ticket?"))
    reply.emit(ExcerptsFound(EXCERPTS[:1]))  # fewer fit
    reply.write("Seven euros [1].")
    reply.finish()
    window.qtbot.waitUntil(lambda: "Searched for" in under(window))
    turn = window.view_model.turns[1]
    assert (turn.looked.query, turn.excerpts) == ("How much is a ticket?", EXCERPTS[:1])


def test_a_reply_that_says_itself_that_nothing_was_found_needs_no_second_word(window: Window) -> None:
    told(window, "I found nothing about this in these documents.", ExcerptsPart(()))
    sources = window.view_model.turns[1].sources
    assert sources is not None
    assert sources.kind == "told"
    assert "the model's own" not in window.seen_text(1)


def test_a_citation_shows_its_passage_and_tells_it_to_a_screen_reader(window: Window) -> None:
    told(window, "Seven euros [1].", ExcerptsPart(EXCERPTS))
    turn = window.view_model.turns[1]
    tip = answers_wording.passage_tip(turn, 1)
    assert EXCERPTS[0].text[:40] in tip
    assert "museum.pdf, p. " in tip
    widget = window.shown(1)
    assert widget.entry is not None
    widget.focus_link(links_of(widget.entry)[0])
    QApplication.processEvents()
    assert EXCERPTS[0].text[:40] in spoken(widget)


def test_how_documents_answer_goes_with_one_question_and_no_further(window: Window) -> None:
    model = DocumentsViewModel(window.core)
    window.composer.follow_documents(model)
    window.view_model.draws_from = model.take_once
    menu = window.composer.collections.menu_of_collections()
    inner = [action.menu() for action in menu.actions() if action.menu()][-1]
    assert isinstance(inner, QMenu)
    choices = inner.actions()
    assert [action.isChecked() for action in choices] == [True, False, False, False]
    choices[3].trigger()
    assert not window.composer.once.isHidden()
    assert window.composer.once.accessibleName() == "This question only: Every document"
    window.ask("What do they all say?").finish()
    assert window.core.asked_reading == "every"
    assert window.composer.once.isHidden()
    window.qtbot.waitUntil(lambda: not window.view_model.running)
    window.ask("And now?")
    assert window.core.asked_reading == "automatic"


def test_the_mouse_over_a_citation_shows_its_passage(window: Window) -> None:
    told(window, "Seven euros [1].", ExcerptsPart(EXCERPTS))
    widget = window.shown(1)
    assert widget.entry is not None
    link = next(one for one in links_of(widget.entry) if one.cites == 1)
    piece = widget.entry.pieces.all[link.piece]
    window.view.show_message(1, link.piece)
    window.settle()
    box = link_boxes(piece, link)[0].translated(window.shown(1).text_origin(piece))
    at = window.shown(1).pos() + box.center().toPoint()
    viewport = window.view.viewport()
    QTest.mouseMove(viewport, at + QPoint(0, 60))
    QTest.mouseMove(viewport, at)
    window.qtbot.waitUntil(lambda: EXCERPTS[0].text[:40] in QToolTip.text())
    assert "museum.pdf, p. " in QToolTip.text()
    QTest.mouseMove(viewport, at + QPoint(0, 60))
    window.qtbot.waitUntil(lambda: not QToolTip.isVisible() or not QToolTip.text())
