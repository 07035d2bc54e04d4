"""Scenes of the list of chats: folders, search and its hits, archive and trash."""

from desktop.core.types import TextPart
from tests.gui.scene_register import scene
from tests.gui.stage import Stage, settle


def _folders(stage: Stage) -> None:
    """Two folders, one in the other, with chats in both."""
    outer = stage.core.create_folder(stage.texts.folder).result()
    inner = stage.core.create_folder(stage.texts.inner_folder, outer.id).result()
    stage.core.move_chats((3, 4), outer.id)
    stage.core.move_chats((5,), inner.id)
    settle()
    stage.session.chats.open_folders({outer.id})
    settle()


@scene
def scene_chat_folders(stage: Stage) -> None:
    stage.open(chat=2)
    _folders(stage)
    stage.core.archive_chats((6,), True)
    stage.core.delete_chats((7,))
    settle()
    listed = stage.workspace.sidebar.list
    listed.setFocus()
    listed.setCurrentIndex(listed.model().index(listed._model.row_of(3), 0))
    settle()


@scene
def scene_chats_chosen(stage: Stage) -> None:
    stage.open(chat=2)
    _folders(stage)
    listed = stage.workspace.sidebar.list
    listed.setFocus()
    listed._choose([listed._model.row_of(chat) for chat in (3, 4, 6)])
    settle()
    menu = listed.menu_for(stage.session.chats.info(3))
    stage.pop_up(menu, listed.viewport().mapToGlobal(listed.rect().center()))


@scene
def scene_chats_archived(stage: Stage) -> None:
    stage.open(chat=2)
    stage.core.archive_chats((3, 5), True)
    settle()
    stage.session.chats.go_to("archived")
    settle()


@scene
def scene_chats_trash(stage: Stage) -> None:
    stage.open(chat=2)
    stage.core.delete_chats((3, 5, 6))
    settle()
    stage.session.chats.go_to("trash")
    settle()
    stage.session.chats.ask_to_empty_trash()
    settle()


@scene
def scene_chats_deleted(stage: Stage) -> None:
    stage.open(chat=2)
    stage.session.chats.delete(3, 5)
    settle()


@scene
def scene_chats_found(stage: Stage) -> None:
    stage.open()
    stage.say(2, stage.texts.question, stage.texts.half)
    stage.say(3, stage.texts.half, stage.texts.uncited)
    stage.core.archive_chats((3,), True)
    word = stage.texts.looked_for
    stage.workspace.sidebar.search.setText(word)
    stage.session.chats._search()
    settle()
    hit = stage.session.chats.found
    assert hit is not None
    first = next(chat for chat in hit.chats if chat.info.id == 2)
    stage.session.chats.open_hit(2, first.messages[0].message)
    settle()


@scene
def scene_chats_not_found(stage: Stage) -> None:
    stage.open(chat=2)
    stage.workspace.sidebar.search.setText("zeppelin")
    stage.session.chats._search()
    settle()


@scene
def scene_find_in_chat(stage: Stage) -> None:
    stage.open()
    reply = stage.say(2, stage.texts.question, stage.texts.half)
    assert isinstance(reply.parts[0], TextPart)
    stage.session.conversation.open(2)
    settle()
    stage.workspace.middle.find_in_chat()
    stage.session.find.search(stage.texts.looked_for)
    settle()


@scene
def scene_narrow_chats_found(stage: Stage) -> None:
    scene_chats_found(stage)
    stage.workspace.unfold_sidebar()
    settle()
