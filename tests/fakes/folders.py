"""Folders, archive, trash and search, as the fake core offers them."""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from desktop.core.errors import BadFolderName, FolderInItself, UnknownChat, UnknownFolder
from desktop.core.events import ChatsChanged
from desktop.core.found_words import marks_in, snippet_of, terms_of
from desktop.core.operations import Operation
from desktop.core.types import Chat, ChatInfo
from desktop.core.types.chats import Folder, Found, FoundChat, FoundMessage
from tests.fakes.chats import FakeChats


class FakeFolderCalls:
    """What `FakeCore` inherits."""

    chats: FakeChats
    folders: dict[int, Folder]
    _now: Callable[..., Operation[Any]]
    _change_chats: Callable[..., Operation[Any]]

    def chats_changed(self) -> ChatsChanged:
        folders = sorted(self.folders.values(), key=lambda folder: (folder.name.casefold(), folder.id))
        return ChatsChanged(self.chats.infos(), tuple(folders), len(self.chats._deleted))

    def _folder(self, folder: int) -> Folder:
        if folder not in self.folders:
            raise UnknownFolder(folder=folder)
        return self.folders[folder]

    def create_folder(self, name: str, parent: int = 0) -> Operation[Folder]:
        def work() -> Folder:
            if parent:
                self._folder(parent)
            made = Folder(max(self.folders, default=0) + 1, _name(name), parent)
            self.folders[made.id] = made
            return made

        return self._change_chats("create_folder", work, name, parent)

    def rename_folder(self, folder: int, name: str) -> Operation[None]:
        def work() -> None:
            kept = _name(name)
            self.folders[folder] = replace(self._folder(folder), name=kept)

        return self._change_chats("rename_folder", work, folder, name)

    def move_folder(self, folder: int, parent: int) -> Operation[None]:
        def work() -> None:
            moved, above = self._folder(folder), parent
            while above:
                if above == folder:
                    raise FolderInItself(name=moved.name)
                above = self._folder(above).parent
            self.folders[folder] = replace(moved, parent=parent)

        return self._change_chats("move_folder", work, folder, parent)

    def delete_folder(self, folder: int) -> Operation[int]:
        def work() -> int:
            parent = self._folder(folder).parent
            del self.folders[folder]
            for inner in [held for held in self.folders.values() if held.parent == folder]:
                self.folders[inner.id] = replace(inner, parent=parent)
            for kept in (self.chats._chats, self.chats._deleted):
                for number, chat in kept.items():
                    if chat.info.folder == folder:
                        kept[number] = replace(chat, info=replace(chat.info, folder=parent))
            return parent

        return self._change_chats("delete_folder", work, folder)

    def move_chats(self, chats: Sequence[int], folder: int) -> Operation[None]:
        def work() -> None:
            for chat in chats:
                self.chats.get(chat)
                if folder:
                    self._folder(folder)
                self.chats._change_info(chat, folder=folder)

        return self._change_chats("move_chats", work, tuple(chats), folder)

    def archive_chats(self, chats: Sequence[int], archived: bool) -> Operation[None]:
        def work() -> None:
            for chat in chats:
                self.chats._change_info(chat, archived=archived)

        return self._change_chats("archive_chats", work, tuple(chats), archived)

    def duplicate_chat(self, chat: int) -> Operation[Chat]:
        return self._change_chats("duplicate_chat", lambda: self.chats.duplicate(chat), chat)

    def delete_chats(self, chats: Sequence[int]) -> Operation[None]:
        def work() -> None:
            for chat in chats:
                self.chats.delete(chat)

        return self._change_chats("delete_chats", work, tuple(chats))

    def restore_chats(self, chats: Sequence[int]) -> Operation[None]:
        def work() -> None:
            for chat in chats:
                self.chats.restore(chat)

        return self._change_chats("restore_chats", work, tuple(chats))

    def list_trash(self) -> Operation[tuple[ChatInfo, ...]]:
        def work() -> tuple[ChatInfo, ...]:
            infos = [chat.info for chat in self.chats._deleted.values() if not chat.info.temporary]
            return tuple(sorted(infos, key=lambda info: (-info.deleted_at, -info.id)))

        return self._now("list_trash", work)

    def erase_chats(self, chats: Sequence[int]) -> Operation[None]:
        def work() -> None:
            for chat in chats:
                if chat not in self.chats._chats and chat not in self.chats._deleted:
                    raise UnknownChat(chat=chat)
            for chat in chats:
                self.chats._chats.pop(chat, None)
                self.chats._deleted.pop(chat, None)

        return self._change_chats("erase_chats", work, tuple(chats))

    def empty_trash(self) -> Operation[int]:
        def work() -> int:
            count = len(self.chats._deleted)
            self.chats._deleted.clear()
            return count

        return self._change_chats("empty_trash", work)

    def find_in_chats(self, query: str) -> Operation[Found]:
        return self._now("find_in_chats", lambda: self._find(query), query)

    def _find(self, query: str) -> Found:
        terms = terms_of(query)
        found: list[tuple[int, FoundChat]] = []
        for info in self.chats.infos():
            if not terms or info.temporary:
                continue
            title = marks_in(info.title, terms)
            messages = [
                FoundMessage(said.id, said.role, said.created_at, *snippet_of(said.text, terms))
                for said in sorted(self.chats._messages.values(), key=lambda said: -said.id)
                if said.chat == info.id
                and said.id not in self.chats._gone
                and all(marks_in(said.text, (term,)) for term in terms)
            ]
            titled = all(marks_in(info.title, (term,)) for term in terms)
            if messages or titled:
                newest = messages[0].message if messages else 0
                place = (1 << 62) if titled else newest
                found.append((place, FoundChat(info, title, tuple(messages[:4]), len(messages))))
        return Found(tuple(chat for _place, chat in sorted(found, key=lambda one: -one[0])))


def _name(given: str) -> str:
    name = " ".join(given.split())
    if not name:
        raise BadFolderName
    return name
