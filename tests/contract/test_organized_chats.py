"""Folders, archive, trash, copies and search: the real core over fake workers, and the fake one."""

import threading
from collections.abc import Callable

from desktop.core.contract import Core
from desktop.core.events import ChatsChanged, CoreEvent
from tests.contract.conftest import code_of
from tests.fakes.house import PATIENCE_S


class Told:
    """The last that was told of the chats."""

    def __init__(self, core: Core) -> None:
        self.last = ChatsChanged(())
        self._changed = threading.Condition()
        core.subscribe(self._take)

    def _take(self, event: CoreEvent) -> None:
        if isinstance(event, ChatsChanged):
            with self._changed:
                self.last = event
                self._changed.notify_all()

    def becomes(self, holds: Callable[[ChatsChanged], bool]) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: holds(self.last), PATIENCE_S)


def asked(core: Core, question: str) -> int:
    chat = core.create_chat().result(PATIENCE_S).info.id
    core.send(chat, question).result(PATIENCE_S)
    return chat


def test_folders_are_told_and_chats_lie_in_them_until_they_go(core: Core) -> None:
    told = Told(core)
    work = core.create_folder("Work").result(PATIENCE_S)
    inner = core.create_folder("Inner", work.id).result(PATIENCE_S)
    first, second = asked(core, "one"), asked(core, "two")
    core.move_chats((first, second), inner.id).result(PATIENCE_S)
    assert told.becomes(lambda e: {chat.folder for chat in e.chats} == {inner.id})
    core.rename_folder(inner.id, "Other").result(PATIENCE_S)
    assert told.becomes(
        lambda e: [(f.name, f.parent) for f in e.folders] == [("Other", work.id), ("Work", 0)]
    )
    assert core.delete_folder(inner.id).result(PATIENCE_S) == work.id
    assert told.becomes(lambda e: {chat.folder for chat in e.chats} == {work.id})
    assert core.delete_folder(work.id).result(PATIENCE_S) == 0
    assert told.becomes(lambda e: not e.folders and {chat.folder for chat in e.chats} == {0})


def test_what_cannot_be_is_refused(core: Core) -> None:
    top = core.create_folder("top").result(PATIENCE_S)
    low = core.create_folder("low", top.id).result(PATIENCE_S)
    chat = asked(core, "one")
    assert code_of(core.create_folder(" ")) == "bad_folder_name"
    assert code_of(core.move_folder(top.id, low.id)) == "folder_in_itself"
    assert code_of(core.delete_folder(99)) == "unknown_folder"
    assert code_of(core.move_chats((chat,), 99)) == "unknown_folder"
    assert code_of(core.archive_chats((99,), True)) == "unknown_chat"
    assert code_of(core.erase_chats((99,))) == "unknown_chat"
    assert code_of(core.duplicate_chat(99)) == "unknown_chat"


def test_the_archive_is_told_among_the_chats(core: Core) -> None:
    told = Told(core)
    chat = asked(core, "one")
    core.archive_chats((chat,), True).result(PATIENCE_S)
    assert told.becomes(lambda e: [c.archived for c in e.chats] == [True])
    core.archive_chats((chat,), False).result(PATIENCE_S)
    assert told.becomes(lambda e: [c.archived for c in e.chats] == [False])


def test_the_trash_gives_back_and_forgets(core: Core) -> None:
    told = Told(core)
    first, second, third = asked(core, "one"), asked(core, "two"), asked(core, "three")
    core.delete_chats((first, second)).result(PATIENCE_S)
    core.delete_chat(third).result(PATIENCE_S)
    assert told.becomes(lambda e: not e.chats and e.trashed == 3)
    trash = core.list_trash().result(PATIENCE_S)
    assert [info.id for info in trash] == [third, second, first]
    assert all(info.deleted_at for info in trash)
    core.restore_chats((first,)).result(PATIENCE_S)
    assert told.becomes(lambda e: [c.id for c in e.chats] == [first] and e.trashed == 2)
    core.erase_chats((second, first)).result(PATIENCE_S)
    assert told.becomes(lambda e: not e.chats and e.trashed == 1)
    assert code_of(core.restore_chat(second)) == "unknown_chat"
    assert core.empty_trash().result(PATIENCE_S) == 1
    assert core.list_trash().result(PATIENCE_S) == ()


def test_a_copy_of_a_chat_says_the_same(core: Core) -> None:
    chat = asked(core, "How much?")
    folder = core.create_folder("Work").result(PATIENCE_S)
    core.move_chats((chat,), folder.id).result(PATIENCE_S)
    old = core.open_chat(chat).result(PATIENCE_S)
    made = core.duplicate_chat(chat).result(PATIENCE_S)
    assert (made.info.title, made.info.folder) == ("How much? (2)", folder.id)
    assert [message.text for message in made.messages] == [message.text for message in old.messages]
    assert {message.id for message in made.messages}.isdisjoint(message.id for message in old.messages)


def test_what_was_said_is_found_in_every_branch_and_shown_there(core: Core) -> None:
    chat = asked(core, "Where is Málaga?")
    shown = core.open_chat(chat).result(PATIENCE_S)
    core.edit_message(shown.messages[0].id, "Where is Cádiz?").result(PATIENCE_S)
    other = asked(core, "Good morning")
    core.archive_chats((chat,), True).result(PATIENCE_S)

    found = core.find_in_chats("malaga").result(PATIENCE_S)

    assert [one.info.id for one in found.chats] == [chat]
    hit = next(hit for hit in found.chats[0].messages if hit.role == "user")
    assert hit.message == shown.messages[0].id
    assert [hit.snippet[a:b] for a, b in hit.marks] == ["Málaga"]
    branch = core.activate(hit.message).result(PATIENCE_S)
    assert hit.message in [message.id for message in branch.messages]
    assert core.find_in_chats("").result(PATIENCE_S).chats == ()
    core.delete_chats((chat, other)).result(PATIENCE_S)
    assert core.find_in_chats("malaga").result(PATIENCE_S).chats == ()
