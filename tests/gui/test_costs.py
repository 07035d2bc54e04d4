"""What a reply cost, in the real window: from the line under it, by keys, and made once more exactly."""

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from desktop.core.types import StoredMessage, TextPart
from desktop.ui.insight.cost_panel import CostPanel
from desktop.ui.panels.frame import PanelFrame
from engine.protocol import Stats
from tests.fakes.samples import STATS
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture

LEFT = Qt.MouseButton.LeftButton
TEXT = "Seven euros, and four for students."


def shown(open_window: Open, stats: Stats | None = STATS) -> WholeWindow:  # noqa: F811
    core = core_with_chats()
    core.chats.add_message(2, "user", "How much is it?")
    reply: StoredMessage = core.chats.add_message(2, "assistant", model="SmolLM2")
    core.chats.change(replace(reply, parts=(TextPart(TEXT),), state="complete", stats=stats))
    whole = open_window(core)
    whole.session.conversation.open(2)
    whole.qtbot.waitUntil(lambda: len(whole.session.conversation.turns) == 2)
    whole.qtbot.wait(80)
    return whole


def panel_of(whole: WholeWindow) -> CostPanel:
    frame = whole.workspace.side.made("cost")
    assert isinstance(frame, PanelFrame)
    assert isinstance(frame.content, CostPanel)
    return frame.content


def test_a_click_on_the_line_under_a_reply_tells_all_that_it_cost(open_window: Open) -> None:  # noqa: F811
    whole = shown(open_window)
    view = whole.workspace.conversation
    widget = view.widget_at(1)
    assert widget is not None
    at = widget.footer_rect().center().toPoint()
    whole.qtbot.mouseClick(view.viewport(), LEFT, pos=widget.mapTo(view.viewport(), at))
    assert whole.workspace.panel == "cost"
    told = dict(panel_of(whole).lines)
    assert told["Prompt"] == "412 tokens"
    assert told["First token after"] == "0.31 s"
    assert told["Speed"] == "48.2 tokens/s"
    assert told["Ended"] == "the model had said all"
    assert told["Seed"] == "7"
    assert told["Model"] == "SmolLM2"
    assert told["Temperature"] == "0.7"
    assert "32 read, 380 known from before" in [value for _name, value in panel_of(whole).lines]
    labels = [label.text() for label in panel_of(whole).findChildren(QLabel)]
    assert "412 tokens" in labels


def test_guesses_stops_and_limits_are_told_in_words(open_window: Open) -> None:  # noqa: F811
    stats = replace(STATS, drafted_tokens=40, accepted_tokens=30, stop_reason="length", thought_tokens=9)
    whole = shown(open_window, stats)
    whole.workspace.commands.run("cost")
    told = dict(panel_of(whole).lines)
    assert told["Guessed ahead"] == "40 tokens, 75% of them right"
    assert told["Ended"] == "at the length limit"


def test_a_reply_without_figures_says_so(open_window: Open) -> None:  # noqa: F811
    whole = shown(open_window, None)
    whole.workspace.commands.run("cost")
    panel = panel_of(whole)
    assert panel.say.isVisible()
    assert not panel.repeat.isVisible()
    assert not whole.workspace.commands["repeat"].enabled()


def test_repeating_makes_a_version_and_says_whether_it_is_the_same(open_window: Open) -> None:  # noqa: F811
    whole = shown(open_window)
    whole.workspace.commands.run("cost")
    panel = panel_of(whole)
    assert "known from before" in panel.expect.text()
    whole.qtbot.mouseClick(panel.repeat, LEFT)
    whole.qtbot.waitUntil(lambda: whole.session.costs.repetition is not None and panel.result.isVisible())
    assert panel.result.text().startswith("The same text, to the letter.")
    assert "known from before" in panel.result.text()
    assert len(whole.session.conversation.turns[1].versions) == 2
    whole.qtbot.waitUntil(panel.repeat.isEnabled)
