"""Scenes of what other windows do not show: the prompt, what else a reply might have said, what it cost."""

from msgspec.structs import replace

from desktop.core.types import ContextPlan, Problem
from desktop.ui.insight.probabilities_panel import ProbabilitiesPanel
from desktop.ui.panels.frame import PanelFrame
from tests.fakes.replies import Script
from tests.fakes.samples import SMOLLM
from tests.gui.scene_register import scene
from tests.gui.stage import Stage, settle, wait_for

LONG_PROMPT = "Answer briefly and in plain words. Say when you are not sure."


def _talked(stage: Stage, *, limit: int = 512, left_out: bool = False, cached: int = 0) -> list[int]:
    """A chat with some turns in front; gives its messages. `left_out`: the first two turns do not fit."""
    texts = stage.texts
    stage.open()
    stage.core.chats.set_system_prompt(2, LONG_PROMPT)
    for question, answer in (
        (texts.cooking, texts.half),
        (texts.follow_up, texts.uncited),
        (texts.question, texts.cited),
        (texts.long_question, texts.long_answer[:400]),
    ):
        stage.say(2, question, answer)
    messages = [message.id for message in stage.core.chats.get(2).messages]
    stage.core.chats.pin_message(messages[4], True)
    dropped = tuple(messages[:4]) if left_out else ()
    stage.core.script = Script(plan=ContextPlan(limit, 0, 0, dropped=dropped, cached_tokens=cached))
    stage.session.conversation.open(2)
    settle()
    stage.workspace.composer.field.setPlainText(texts.follow_up)
    settle(400)
    return messages


@scene
def scene_context_meter(stage: Stage) -> None:
    _talked(stage, cached=150)


@scene
def scene_context(stage: Stage) -> None:
    _talked(stage, cached=40)
    stage.workspace.open_panel("context")
    settle(400)


@scene
def scene_context_left_out(stage: Stage) -> None:
    _talked(stage, limit=290, left_out=True, cached=60)
    stage.workspace.open_panel("context")
    settle(400)
    frame = stage.workspace.side.made("context")
    panel = frame.content  # type: ignore[union-attr]
    panel.explain.click()
    panel.blanks.click()
    panel.search.setText(stage.texts.search)
    settle(300)
    panel.canvas.setFocus()
    panel.canvas.go_to(30)
    settle()


@scene
def scene_context_without_a_model(stage: Stage) -> None:
    stage.open()
    stage.core.fail("plan_prompt", Problem("no_model", {"folder": "/home/ana/models"}), 20)
    stage.session.conversation.open(2)
    stage.workspace.open_panel("context")
    settle(400)


def _probabilities(stage: Stage) -> ProbabilitiesPanel:
    """The panel beside a reply with alternatives."""
    stage.open()
    stage.core.settings["alternatives"] = 8
    stage.say(2, stage.texts.question, stage.texts.cited)
    stage.session.conversation.open(2)
    settle()
    stage.workspace.open_panel("probabilities")
    settle()
    frame = stage.workspace.side.made("probabilities")
    assert isinstance(frame, PanelFrame)
    assert isinstance(frame.content, ProbabilitiesPanel)
    return frame.content


@scene
def scene_probabilities(stage: Stage) -> None:
    panel = _probabilities(stage)
    panel.canvas.go_to(3)
    panel.bars.setFocus()
    panel.bars._go(1)
    settle()


@scene
def scene_probabilities_tinted(stage: Stage) -> None:
    panel = _probabilities(stage)
    stage.session.probabilities.set_heat(True)
    panel.canvas.go_to(9)
    panel.knobs.sliders["temperature"].setValue(36)
    panel.knobs.sliders["top_k"].setValue(5)
    settle()


@scene
def scene_probabilities_not_kept(stage: Stage) -> None:
    stage.open()
    stage.say(2, stage.texts.question, stage.texts.cited)
    stage.session.conversation.open(2)
    settle()
    stage.workspace.open_panel("probabilities")
    settle()


@scene
def scene_cost(stage: Stage) -> None:
    stage.open()
    reply = stage.say(2, stage.texts.question, stage.texts.cited)
    assert reply.stats is not None
    stats = replace(reply.stats, drafted_tokens=40, accepted_tokens=31, thought_tokens=12)
    stage.core.chats.change(replace(reply, stats=stats))
    stage.session.conversation.open(2)
    settle()
    stage.workspace.open_panel("cost")
    settle()


@scene
def scene_cost_repeated(stage: Stage) -> None:
    stage.open()
    stage.say(2, stage.texts.question, stage.texts.uncited)
    stage.session.conversation.open(2)
    settle()
    stage.core.automatic = True
    stage.workspace.open_panel("cost")
    settle()
    stage.session.costs.repeat()
    wait_for(lambda: stage.session.costs.repetition is not None)
    settle()


@scene
def scene_parameters(stage: Stage) -> None:
    stage.open(chat=2)
    stage.core.model_values[SMOLLM] = {"top_k": 20}
    stage.core.chat_values[2] = {"temperature": 0.2, "seed": 7}
    stage.workspace.open_panel("parameters")
    settle()


@scene
def scene_parameters_of_a_model(stage: Stage) -> None:
    stage.open(chat=2)
    stage.core.own_presets["Stories"] = {"temperature": 1.1, "min_p": 0.1}
    stage.core.model_values[SMOLLM] = {"temperature": 1.1, "min_p": 0.1}
    stage.session.parameters.set_scope("model")
    stage.workspace.open_panel("parameters")
    settle()
