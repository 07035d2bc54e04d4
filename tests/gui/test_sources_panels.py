"""The panel of a chat's sources, and the panel that says why a search found what it found."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.core.types import TextPart
from desktop.ui.sources.chat_panel import ChatSourcesPanel
from desktop.ui.sources.why_panel import WhyPanel
from desktop.view_models.chat_sources import ChatSourcesViewModel
from desktop.view_models.conversation import ConversationViewModel
from desktop.view_models.documents import DocumentsViewModel
from desktop.view_models.why import WhyViewModel
from tests.fakes.core import FakeCore
from tests.fakes.samples import EXCERPTS


@pytest.fixture
def core() -> FakeCore:
    return FakeCore(automatic=False)


@pytest.fixture
def conversation(qtbot: QtBot, core: FakeCore) -> ConversationViewModel:
    """A chat whose two replies cite both passages, one of them twice."""
    vm = ConversationViewModel(core)
    chat = core.chats.create().info.id
    for answer in ("Seven euros [1].", "Closed on Monday [2], seven euros [1]."):
        asked = core.chats.add_message(chat, "user", "How much is a ticket?")
        core.chats.set_excerpts(asked, EXCERPTS)
        reply = core.chats.add_message(chat, "assistant")
        core.chats.change(replace(reply, parts=(TextPart(answer),), state="complete"))
    with qtbot.waitSignal(vm.reset):
        vm.open(chat)
    return vm


def test_all_sources_of_a_chat_stand_under_their_document_and_page_each_once(
    qtbot: QtBot, conversation: ConversationViewModel
) -> None:
    panel = ChatSourcesPanel(ChatSourcesViewModel(conversation))
    qtbot.addWidget(panel)
    assert panel.tree.topLevelItemCount() == 1
    page = panel.tree.topLevelItem(0).child(0)
    assert page.text(0) == "Page 3"
    assert page.childCount() == 2
    assert panel.say.text() == "2 passages are cited in this chat."


def test_a_source_opens_at_exactly_its_passage_with_enter(
    qtbot: QtBot, conversation: ConversationViewModel
) -> None:
    panel = ChatSourcesPanel(ChatSourcesViewModel(conversation))
    qtbot.addWidget(panel)
    panel.show()
    passage = panel.tree.topLevelItem(0).child(0).child(0)
    panel.tree.setCurrentItem(passage)
    with qtbot.waitSignal(conversation.citation_activated) as opened:
        QTest.keyClick(panel.tree, Qt.Key.Key_Return)
    shown = opened.args[0]
    assert (shown.page, shown.start) == (3, min(one.start for one in EXCERPTS))


def test_the_cited_passages_are_walked_one_by_one_and_round(
    qtbot: QtBot, conversation: ConversationViewModel
) -> None:
    sources = ChatSourcesViewModel(conversation)
    opened: list[int] = []
    conversation.citation_activated.connect(lambda one: opened.append(one.start))
    for by in (1, 1, 1, -1):
        sources.step(by)
    first, second = sorted(one.start for one in EXCERPTS)
    assert opened == [first, second, first, second]


def test_a_chat_without_citations_says_so(qtbot: QtBot, core: FakeCore) -> None:
    panel = ChatSourcesPanel(ChatSourcesViewModel(ConversationViewModel(core)))
    qtbot.addWidget(panel)
    assert panel.say.text() == "No reply of this chat cites a document yet."


def _why(qtbot: QtBot, core: FakeCore, conversation: ConversationViewModel) -> tuple[WhyViewModel, WhyPanel]:
    core.settings["excerpts"] = 1
    why = WhyViewModel(core, conversation, DocumentsViewModel(core))
    panel = WhyPanel(why)
    qtbot.addWidget(panel)
    why.show_last()
    qtbot.waitUntil(lambda: why.state == "known")
    return why, panel


def test_every_candidate_stands_under_its_fate_with_its_ranks(
    qtbot: QtBot, core: FakeCore, conversation: ConversationViewModel
) -> None:
    _model, panel = _why(qtbot, core, conversation)
    groups = [panel.tree.topLevelItem(at) for at in range(panel.tree.topLevelItemCount())]
    assert [group.text(0) for group in groups] == ["Given to the model · 1", "After the last place · 1"]
    assert groups[1].child(0).text(0).split("\n")[1] == "meaning 2 · words 2 · both 2"
    assert "9 passages" in panel.say.text()


def test_a_panel_that_is_too_narrow_for_a_line_of_ranks_breaks_it_between_two(
    qtbot: QtBot, core: FakeCore, conversation: ConversationViewModel
) -> None:
    _model, panel = _why(qtbot, core, conversation)
    panel.show()
    row = panel.tree.topLevelItem(1).child(0)
    line = "meaning 2 · words 2 · both 2"
    for share, lines in ((2.0, [line]), (0.7, ["meaning 2 · words 2", "both 2"])):
        beside = panel.width() - panel.tree.viewport().width() + 80
        panel.resize(round(panel.tree.fontMetrics().horizontalAdvance(line) * share) + beside, 600)
        assert row.text(0).split("\n")[1:] == lines


def test_a_passage_that_was_cut_says_why_when_it_is_chosen(
    qtbot: QtBot, core: FakeCore, conversation: ConversationViewModel
) -> None:
    _model, panel = _why(qtbot, core, conversation)
    panel.tree.setCurrentItem(panel.tree.topLevelItem(1).child(0))
    assert "it comes after the last place" in panel.reason.text()
    assert "By meaning it is number 2." in panel.reason.text()


def test_any_other_passage_can_be_asked_about(
    qtbot: QtBot, core: FakeCore, conversation: ConversationViewModel
) -> None:
    model, panel = _why(qtbot, core, conversation)
    model.explain(999)
    qtbot.waitUntil(lambda: "in no document any more" in panel.reason.text())
    panel.field.setText("ticket")
    QTest.keyClick(panel.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.tree.topLevelItem(0).text(0).startswith("Found by your words"))


def test_without_a_question_to_documents_the_panel_says_so(qtbot: QtBot, core: FakeCore) -> None:
    panel = WhyPanel(WhyViewModel(core, ConversationViewModel(core), DocumentsViewModel(core)))
    qtbot.addWidget(panel)
    assert panel.say.text() == "No reply of this chat asked your documents yet."
    assert panel.tree.isHidden()
