"""The context window in the real window: the meter while one types, the panel, turns that stay."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.core.types import ContextPlan, Problem
from desktop.ui.panels.frame import PanelFrame
from desktop.ui.prompt_view.panel import ContextPanel
from desktop.ui.prompt_view.prompt_canvas import Head, LeftHead, LeftOut, Read
from tests.fakes.core import FakeCore
from tests.fakes.replies import Script
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture

LEFT = Qt.MouseButton.LeftButton


def core_that_talked(*, dropped: int = 0, cached: int = 0) -> FakeCore:
    """Two turns in the second chat; the first `dropped` messages of it do not fit."""
    core = core_with_chats()
    for question, answer in (("How much is it?", "Seven euros."), ("And for children?", "Nothing.")):
        core.chats.add_message(2, "user", question)
        core.chats.add_message(2, "assistant", answer)
    keys = tuple(message.id for message in core.chats.get(2).messages)
    core.script = Script(plan=ContextPlan(400, 0, 0, dropped=keys[:dropped], cached_tokens=cached))
    return core


def shown(open_window: Open, core: FakeCore) -> WholeWindow:  # noqa: F811
    whole = open_window(core)
    whole.session.conversation.open(2)
    whole.qtbot.waitUntil(
        lambda: whole.session.context.prompt is not None and whole.session.context.chat == 2
    )
    return whole


def panel_of(whole: WholeWindow) -> ContextPanel:
    frame = whole.workspace.side.made("context")
    assert isinstance(frame, PanelFrame)
    assert isinstance(frame.content, ContextPanel)
    whole.qtbot.waitUntil(lambda: bool(whole.session.context.prompt and whole.session.context.prompt.tokens))
    return frame.content


def open_panel(whole: WholeWindow) -> ContextPanel:
    whole.qtbot.mouseClick(whole.workspace.composer.meter, LEFT)
    assert whole.workspace.panel == "context"
    return panel_of(whole)


def extras(panel: ContextPanel, kind: type) -> list[object]:
    return [row.extra for row in panel.canvas.flow.rows if isinstance(row.extra, kind)]


def test_the_meter_counts_what_is_typed_by_parts(open_window: Open) -> None:  # noqa: F811
    whole = shown(open_window, core_that_talked())
    before = whole.session.context.prompt
    assert before is not None
    whole.qtbot.keyClicks(whole.workspace.composer.field, "one two three")

    def question() -> int:
        plan = whole.session.context.prompt
        parts = {part.origin: part.tokens for part in plan.plan.parts} if plan else {}
        return parts.get("question", 0)

    whole.qtbot.waitUntil(lambda: question() == 3)
    plan = whole.session.context.prompt
    assert plan is not None
    assert plan.plan.prompt_tokens == before.plan.prompt_tokens + 3
    meter = whole.workspace.composer.meter
    assert f"{plan.plan.prompt_tokens} of 400" in meter.label.text()
    assert "Your question: 3" in meter.accessibleDescription()
    assert "Your question: 3" in meter.toolTip()
    assert [part for part, _ in meter.bar.boxes()][-1] == "question"


def test_typing_asks_once_and_not_for_every_key(open_window: Open) -> None:  # noqa: F811
    core = core_that_talked()
    whole = shown(open_window, core)
    whole.qtbot.wait(400)
    before = len(core.called("plan_prompt"))
    whole.qtbot.keyClicks(whole.workspace.composer.field, "a question of some length")
    whole.qtbot.waitUntil(lambda: len(core.called("plan_prompt")) > before)
    whole.qtbot.wait(400)
    assert len(core.called("plan_prompt")) <= before + 2


def test_a_chat_that_is_not_stored_has_a_plan_too(open_window: Open) -> None:  # noqa: F811
    whole = open_window(core_with_chats())
    whole.workspace.new_chat()
    whole.qtbot.keyClicks(whole.workspace.composer.field, "hello")
    whole.qtbot.waitUntil(lambda: ("question", 1) in parts(whole))


def parts(whole: WholeWindow) -> list[tuple[str, int]]:
    prompt = whole.session.context.prompt
    return [(part.origin, part.tokens) for part in prompt.plan.parts] if prompt else []


def test_the_panel_shows_every_token_under_the_head_of_its_part(open_window: Open) -> None:  # noqa: F811
    whole = shown(open_window, core_that_talked(cached=6))
    panel = open_panel(whole)
    prompt = whole.session.context.prompt
    assert prompt is not None
    assert panel.canvas.text == "".join(token.text for token in prompt.tokens)
    heads = [extra.section.origin for extra in extras(panel, Head) if isinstance(extra, Head)]
    assert heads == ["history"] * 4
    assert extras(panel, Read) == [Read(6)]


def test_tokens_are_asked_for_only_while_the_panel_stands_open(open_window: Open) -> None:  # noqa: F811
    whole = shown(open_window, core_that_talked())
    assert whole.session.context.prompt is not None
    assert not whole.session.context.prompt.tokens
    panel = open_panel(whole)
    whole.qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert not whole.workspace.panel
    assert not whole.session.context.detailed


def test_what_will_be_left_out_is_listed_before_sending_and_can_be_kept(open_window: Open) -> None:  # noqa: F811
    core = core_that_talked(dropped=2)
    whole = shown(open_window, core)
    assert "2 messages" in whole.workspace.composer.meter.warning.text()
    panel = open_panel(whole)
    left = [extra for extra in extras(panel, LeftOut) if isinstance(extra, LeftOut)]
    assert [one.text for one in left] == ["How much is it?", "Seven euros."]
    assert extras(panel, LeftHead) == [LeftHead(2)]
    row = next(n for n, row in enumerate(panel.canvas.flow.rows) if row.extra == left[0])
    y = round((row + 0.5) * panel.canvas.row_px) - panel.canvas.verticalScrollBar().value()
    at = QPoint(panel.canvas.viewport().width() - 20, y)
    whole.qtbot.mouseClick(panel.canvas.viewport(), LEFT, pos=at)
    whole.qtbot.waitUntil(lambda: core.called("pin_message") == [(left[0].key, True)])


def test_the_keys_walk_from_token_to_token_and_keep_a_turn(open_window: Open) -> None:  # noqa: F811
    core = core_that_talked()
    whole = shown(open_window, core)
    canvas = open_panel(whole).canvas
    canvas.setFocus()
    for key, here in (
        (Qt.Key.Key_Right, 0),
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Left, 0),
        (Qt.Key.Key_Down, None),
    ):
        whole.qtbot.keyClick(canvas, key)
        assert here is None or canvas.here == here
    assert canvas.flow.row_of(canvas.here) > canvas.flow.row_of(0)
    assert "token" in canvas.accessibleDescription()
    whole.qtbot.keyClick(canvas, Qt.Key.Key_P)
    whole.qtbot.waitUntil(lambda: len(core.called("pin_message")) == 1)
    whole.qtbot.waitUntil(lambda: any(origin == "pinned" for origin, _ in parts(whole)))
    whole.qtbot.keyClick(canvas, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == canvas.text


def test_a_text_is_searched_in_the_prompt(open_window: Open) -> None:  # noqa: F811
    panel = open_panel(shown(open_window, core_that_talked()))
    panel.search.setText("seven euros")
    panel.search.step.emit(1)
    QApplication.processEvents()
    panel._find()
    assert panel.hits.text() == "1 hit"
    assert panel.canvas.here in panel.canvas.found


def test_without_a_model_the_panel_says_what_is_missing(open_window: Open) -> None:  # noqa: F811
    core = core_with_chats()
    core.fail("plan_prompt", Problem("no_model", {"folder": "/home/ana/models"}), 99)
    whole = open_window(core)
    whole.workspace.open_panel("context")
    whole.qtbot.waitUntil(lambda: whole.session.context.problem is not None)
    frame = whole.workspace.side.made("context")
    assert isinstance(frame, PanelFrame)
    assert isinstance(frame.content, ContextPanel)
    assert "no chat model" in frame.content.say.text()
    assert not whole.workspace.composer.meter.isEnabled()


@pytest.fixture(autouse=True)
def _clipboard(qtbot: QtBot) -> Iterator[None]:
    yield
    QApplication.clipboard().clear()
