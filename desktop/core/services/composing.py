"""The core's methods about what is being written: files, drafts, edits, the map of a chat."""

from desktop.core.chats.thread import StoreThread
from desktop.core.operations import Operation, start
from desktop.core.replies.conversation import Conversations
from desktop.core.types import FilePart
from desktop.core.types.composing import ChatTree, Draft, EditDraft, FilesSize
from desktop.core.workers.file_reader import FileReader


class ComposingServices:
    """What `Services` inherits. Its methods are described in `desktop.core.contract.composing`."""

    _store: StoreThread
    _conversations: Conversations
    _files: FileReader

    def read_file(self, path: str) -> Operation[FilePart]:
        return start(lambda operation: self._files.read(path, operation), "read file")

    def measure_files(self, chat: int, text: str, files: tuple[FilePart, ...]) -> Operation[FilesSize]:
        return self._conversations.measure(chat, text, files)

    def save_draft(self, chat: int, text: str) -> Operation[None]:
        return self._store.operation(lambda chats: chats.save_draft(chat, text), "save draft")

    def save_draft_files(self, chat: int, files: tuple[FilePart, ...]) -> Operation[None]:
        return self._store.operation(lambda chats: chats.save_draft_files(chat, files), "save draft files")

    def list_drafts(self) -> Operation[dict[int, Draft]]:
        return self._store.operation(lambda chats: chats.drafts(), "list drafts")

    def save_edit(self, message: int, text: str | None, files: tuple[FilePart, ...] = ()) -> Operation[None]:
        return self._store.operation(lambda chats: chats.save_edit(message, text, files), "save edit")

    def list_edits(self) -> Operation[tuple[EditDraft, ...]]:
        return self._store.operation(lambda chats: chats.edits(), "list edits")

    def chat_tree(self, chat: int) -> Operation[ChatTree]:
        return self._store.operation(lambda chats: chats.outline(chat), "chat tree")
