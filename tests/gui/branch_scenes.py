"""Scenes of the map of a chat and of temporary chats."""

from msgspec.structs import replace

from desktop.core.types import TextPart
from tests.fakes.samples import STATS
from tests.gui.scene_register import scene
from tests.gui.stage import Stage, settle


def _say(stage: Stage, chat: int, question: str, answer: str) -> int:
    return stage.say(chat, question, answer).id


def _versions(stage: Stage, reply: int, count: int) -> None:
    """So many more versions of a reply."""
    for number in range(count):
        stage.core.chats.edit(reply, f"{stage.texts.uncited} ({number + 2})")


@scene
def scene_branches(stage: Stage) -> None:
    stage.open()
    texts, chats = stage.texts, stage.core.chats
    first = _say(stage, 2, texts.question, texts.uncited)
    second = _say(stage, 2, texts.follow_up, texts.cooking)
    _versions(stage, second, 2)
    chats.activate(second)
    _say(stage, 2, texts.long_question, texts.half)
    chats.edit(first, texts.half)
    _say(stage, 2, texts.code_question, texts.uncited)
    chats.activate(second)
    _versions(stage, first, 9)
    chats.activate(second)
    stage.session.conversation.open(2)
    settle()
    stage.workspace.open_panel("branches")
    settle(150)


@scene
def scene_branches_none(stage: Stage) -> None:
    stage.open()
    _say(stage, 2, stage.texts.question, stage.texts.uncited)
    stage.session.conversation.open(2)
    settle()
    stage.workspace.open_panel("branches")
    settle(150)


def _temporary(stage: Stage) -> int:
    stage.workspace.temporary_chat()
    settle()
    chat = stage.session.conversation.chat
    assert chat is not None
    return chat.id


@scene
def scene_temporary_chat(stage: Stage) -> None:
    stage.open(chat=2)
    chat = _temporary(stage)
    chats = stage.core.chats
    chats.add_message(chat, "user", stage.texts.question)
    reply = chats.add_message(chat, "assistant", model="SmolLM2-135M-Instruct")
    chats.change(replace(reply, parts=(TextPart(stage.texts.uncited),), state="complete", stats=STATS))
    stage.core.rename_chat(chat, stage.texts.question)
    stage.session.conversation.open(chat)
    settle()


@scene
def scene_narrow_temporary_chat(stage: Stage) -> None:
    stage.open(chat=2)
    _temporary(stage)
