"""Scenes of single messages: versions, editing, a deletion that can be undone."""

from tests.gui.scene_register import scene
from tests.gui.stage import Stage, settle


def _two_versions(stage: Stage) -> list[int]:
    """The chat in front with two versions of its reply, the first of them shown. Gives the messages."""
    stage.open()
    first = stage.say(2, stage.texts.question, stage.texts.uncited)
    stage.session.conversation.open(2)
    settle()
    stage.core.chats.edit(first.id, stage.texts.half)
    chat = stage.core.chats.activate(first.id)
    stage.session.conversation.open(2)
    settle()
    return [message.id for message in chat.messages]


@scene
def scene_versions(stage: Stage) -> None:
    messages = _two_versions(stage)
    stage.session.conversation.messages.switch(messages[1], 1)
    settle()
    turns = stage.session.conversation.turns
    stage.session.conversation.messages.pin(turns[1].key, pinned=True)
    stage.session.conversation.messages.rate(turns[1].key, 1)
    settle()
    widget = stage.workspace.conversation.widget_at(1)
    assert widget is not None
    widget.focus_link(None)
    settle()


@scene
def scene_editing_a_question(stage: Stage) -> None:
    messages = _two_versions(stage)
    stage.session.conversation.messages.begin_edit(messages[0])
    settle()


@scene
def scene_message_deleted(stage: Stage) -> None:
    messages = _two_versions(stage)
    stage.session.conversation.messages.delete(messages[1])
    settle()
