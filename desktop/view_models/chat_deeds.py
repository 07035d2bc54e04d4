"""What is done to chats and folders from the list: moved, archived, deleted, restored. Chooses no words."""

from collections.abc import Callable, Sequence
from typing import Final, Literal

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.contract import Core
from desktop.core.operations import Operation, start
from desktop.core.types import Chat, ChatInfo, Problem
from desktop.core.types.chats import Folder
from desktop.view_models.bridge import follow

UNDO_MS: Final = 12_000

Deed = Literal["deleted", "archived", "unarchived", "moved", "restored", "erased", "folder_deleted"]


class Done(msgspec.Struct, frozen=True):
    """What was just done. `where`: the name of the folder it went to, or what it held; "": in none."""

    deed: Deed
    chats: int = 0
    where: str = ""
    undoable: bool = False


class Question(msgspec.Struct, frozen=True):
    """What is to be done only when a person says so once more."""

    deed: Literal["erase", "empty_trash"]
    chats: tuple[int, ...]
    title: str = ""  # of the chat, where it is one


class ChatDeeds(QObject):
    """What `ChatsViewModel` inherits."""

    done_changed = Signal()  # `done`, `question`
    failed = Signal(object)  # a Problem
    folder_made = Signal(int)  # it still has the name it was given by the program
    open_requested = Signal(int)

    _core: Core
    folders: tuple[Folder, ...]
    done: Done | None = None
    question: Question | None = None
    _undo: Callable[[], Operation[None]] | None = None
    _undo_opens: int | None = None
    _undo_time: QTimer

    # what the view model of the list has
    @property
    def all(self) -> tuple[ChatInfo, ...]:
        raise NotImplementedError

    def info(self, chat: int | None) -> ChatInfo | None:
        raise NotImplementedError

    def refresh(self) -> None:
        raise NotImplementedError

    # ── chats ──

    def move(self, chats: Sequence[int], folder: int) -> None:
        """Into a folder; 0: out of any."""
        moved = [chat for chat in chats if (info := self.info(chat)) is not None and info.folder != folder]
        if moved:
            done = Done("moved", len(moved), self.folder_name(folder))
            self._do(self._core.move_chats(moved, folder), done)

    def archive(self, chats: Sequence[int], archived: bool) -> None:
        numbers = tuple(chats)
        done = Done("archived" if archived else "unarchived", len(numbers), undoable=True)
        self._do(
            self._core.archive_chats(numbers, archived),
            done,
            lambda: self._core.archive_chats(numbers, not archived),
        )

    def delete(self, *chats: int) -> None:
        """Into the trash; for some seconds `undo` brings them back."""
        numbers = tuple(chat for chat in chats if self.info(chat) is not None)
        if numbers:
            alone = len(numbers) == 1
            operation = self._core.delete_chat(numbers[0]) if alone else self._core.delete_chats(numbers)
            done = Done("deleted", len(numbers), undoable=True)
            self._do(
                operation, done, lambda: self._core.restore_chats(numbers), numbers[0] if alone else None
            )

    def restore(self, chats: Sequence[int]) -> None:
        """Out of the trash."""
        self._do(self._core.restore_chats(tuple(chats)), Done("restored", len(chats)))

    def duplicate(self, chat: int) -> None:
        """A copy of a chat, brought to the front."""

        def made(copy: Chat) -> None:
            self.open_requested.emit(copy.info.id)

        follow(self._core.duplicate_chat(chat), self, on_result=made, on_error=self.failed.emit)

    # ── for good ──

    def ask_to_erase(self, chats: Sequence[int]) -> None:
        info = self.info(chats[0]) if len(chats) == 1 else None
        self._ask(Question("erase", tuple(chats), info.title if info else ""))

    def ask_to_empty_trash(self) -> None:
        self._ask(Question("empty_trash", ()))

    def confirm(self) -> None:
        """What was asked about shall be done."""
        question, self.question = self.question, None
        self.done_changed.emit()
        if question is None:
            return
        if question.deed == "erase":
            count = len(question.chats)
            self._do(self._core.erase_chats(question.chats), Done("erased", count))
        else:
            follow(
                self._core.empty_trash(),
                self,
                on_result=lambda count: self._say(Done("erased", count)),
                on_error=self.failed.emit,
            )

    def decline(self) -> None:
        self.question = None
        self.done_changed.emit()

    # ── folders ──

    def folder_name(self, folder: int) -> str:
        return next((held.name for held in self.folders if held.id == folder), "")

    def new_folder(self, name: str, parent: int = 0, chats: Sequence[int] = ()) -> None:
        """Make a folder, put chats in it, and say that it waits for a name."""
        numbers = tuple(chats)

        def made(folder: Folder) -> None:
            if numbers:
                self._do(self._core.move_chats(numbers, folder.id), None)
            self.folder_made.emit(folder.id)

        follow(self._core.create_folder(name, parent), self, on_result=made, on_error=self.failed.emit)

    def rename_folder(self, folder: int, name: str) -> None:
        """An empty name changes nothing."""
        name = " ".join(name.split())
        if name and name != self.folder_name(folder):
            self._do(self._core.rename_folder(folder, name), None)

    def move_folder(self, folder: int, parent: int) -> None:
        held = next((held for held in self.folders if held.id == folder), None)
        if held is not None and held.parent != parent:
            self._do(self._core.move_folder(folder, parent), None)

    def delete_folder(self, folder: int) -> None:
        """What it holds stays, in the folder that it was in itself. Undone, what was not in the trash is in
        it again."""

        held = next((held for held in self.folders if held.id == folder), None)
        inner = tuple(inside.id for inside in self.folders if inside.parent == folder)
        chats = tuple(chat.id for chat in self.all if chat.folder == folder and not chat.temporary)

        def made_again(_operation: Operation[None]) -> None:
            if held is not None:
                again = self._core.create_folder(held.name, held.parent).result()
                self._core.move_chats(chats, again.id).result()
                for inside in inner:
                    self._core.move_folder(inside, again.id).result()

        def gone(parent: int) -> None:
            done = Done("folder_deleted", where=self.folder_name(parent), undoable=held is not None)
            self._say(done, lambda: start(made_again, "folder again"))

        follow(self._core.delete_folder(folder), self, on_result=gone, on_error=self.failed.emit)

    # ── what was done ──

    def undo(self) -> None:
        undo, opens = self._undo, self._undo_opens
        self.forget_done()
        if undo is None:
            return

        def undone(_: None) -> None:
            self.refresh()
            if opens is not None:
                self.open_requested.emit(opens)

        follow(undo(), self, on_result=undone, on_error=self.failed.emit)

    def forget_done(self) -> None:
        """It is told and undone no more."""
        self._undo_time.stop()
        self._undo = None
        if self.done is not None:
            self.done = None
            self.done_changed.emit()

    def _do(
        self,
        operation: Operation[None],
        done: Done | None,
        undo: Callable[[], Operation[None]] | None = None,
        opens: int | None = None,
    ) -> None:
        def over(_: None) -> None:
            if done is not None:
                self._say(done, undo, opens)
            else:
                self.refresh()

        follow(operation, self, on_result=over, on_error=self._not_done)

    def _not_done(self, problem: Problem) -> None:
        self.failed.emit(problem)
        self.refresh()

    def _say(
        self, done: Done, undo: Callable[[], Operation[None]] | None = None, opens: int | None = None
    ) -> None:
        self.done, self._undo, self._undo_opens = done, undo, opens
        self._undo_time.start()
        self.done_changed.emit()
        self.refresh()

    def _ask(self, question: Question) -> None:
        self.question = question
        self.done_changed.emit()
