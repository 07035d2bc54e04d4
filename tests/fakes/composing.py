"""What is being written, as the fake core keeps it: files that it has, drafts, edits, the map of a chat."""

from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from msgspec.structs import replace

from desktop.core.chats.rows import NODE_CHARACTERS
from desktop.core.errors import Reported
from desktop.core.operations import Operation
from desktop.core.types import FilePart, Problem, StoredMessage
from desktop.core.types.composing import ChatTree, Draft, EditDraft, FilesSize, ReadingFile, TreeNode
from tests.fakes.chats import FakeChats


class FakeReading:
    """A file on its way. A test calls `progress` and, once, `finish` or `fail`; a cancel ends it too."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.operation: Operation[FilePart] = Operation()
        self.operation.emit(ReadingFile(0, 0))
        self.operation.on_cancel(lambda: self.fail(Problem("cancelled")))

    def progress(self, done: int, pages: int) -> None:
        if not self.operation.done:
            self.operation.emit(ReadingFile(done, pages))

    def finish(self, text: str, pages: int = 0) -> None:
        if not self.operation.done:
            self.operation.finish(FilePart(PurePath(self.path).name, text, self.path, pages))

    def fail(self, problem: Problem) -> None:
        if not self.operation.done:
            self.operation.fail(Reported(problem))


class FakeComposing:
    """What `FakeCore` inherits. `texts`: files by path; one that is not there is read by the test itself."""

    chats: FakeChats
    script: Any
    engine: Any
    drafts: dict[int, Draft]
    edits: dict[int, EditDraft]
    texts: dict[str, FilePart]
    readings: list[FakeReading]
    _now: Callable[..., Operation[Any]]
    _note: Callable[..., None]

    def read_file(self, path: str) -> Operation[FilePart]:
        if path in self.texts:
            return self._now("read_file", lambda: self.texts[path], path)
        begun = self._now("read_file", lambda: FakeReading(path), path)
        if begun.error() is not None:
            return begun
        self.readings.append(begun.result())
        return self.readings[-1].operation

    def measure_files(self, chat: int, text: str, files: tuple[FilePart, ...]) -> Operation[FilesSize]:
        def work() -> FilesSize:
            if self.engine.model is None:
                raise Reported(Problem("no_model", {"folder": "/models"}))
            tokens = tuple(len(file.text.split()) for file in files)
            limit = self.script.plan.limit_tokens
            return FilesSize(tokens, sum(tokens) + len(text.split()), limit - 64)

        return self._now("measure_files", work, chat, text, files)

    def save_draft(self, chat: int, text: str) -> Operation[None]:
        return self._now("save_draft", lambda: self._keep_draft(chat, text=text), chat, text)

    def save_draft_files(self, chat: int, files: tuple[FilePart, ...]) -> Operation[None]:
        return self._now("save_draft_files", lambda: self._keep_draft(chat, files=files), chat, files)

    def _keep_draft(self, chat: int, **changes: Any) -> None:
        draft = replace(self.drafts.pop(chat, Draft("")), **changes)
        if draft != Draft(""):
            if chat:
                self.chats.get(chat)
            self.drafts[chat] = draft

    def list_drafts(self) -> Operation[dict[int, Draft]]:
        return self._now("list_drafts", lambda: {n: d for n, d in self.drafts.items() if n >= 0})

    def save_edit(self, message: int, text: str | None, files: tuple[FilePart, ...] = ()) -> Operation[None]:
        def work() -> None:
            self.edits.pop(message, None)
            if text is not None:
                self.edits[message] = EditDraft(self.chats.message(message).chat, message, text, files)

        return self._now("save_edit", work, message, text, files)

    def list_edits(self) -> Operation[tuple[EditDraft, ...]]:
        return self._now("list_edits", lambda: tuple(e for n, e in self.edits.items() if n >= 0))

    def chat_tree(self, chat: int) -> Operation[ChatTree]:
        def work() -> ChatTree:
            shown = tuple(message.id for message in self.chats.get(chat).messages)
            return ChatTree(chat, tuple(_node(message) for message in self.chats.all_of(chat)), shown)

        return self._now("chat_tree", work, chat)


def _node(message: StoredMessage) -> TreeNode:
    said = message.text or ", ".join(file.name for file in message.files)
    return TreeNode(
        message.id,
        message.parent,
        message.role,
        message.state,
        " ".join(said.split())[:NODE_CHARACTERS],
        message.created_at,
        message.model,
        message.edited,
        message.pinned,
        message.rating,
    )
