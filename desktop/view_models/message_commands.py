"""What a person does to one message of the shown chat: versions, edits, rating, pins, branches, deletion.

Holds what is being edited and what can be undone. A message is named by its key; what is not in the store
yet, and everything while a reply is on its way, is left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.operations import Operation
from desktop.core.types import Chat, FilePart
from desktop.view_models.bridge import follow
from desktop.view_models.chat_path import ChatPath, path_of
from desktop.view_models.edits import Edit, Edits
from desktop.view_models.replies import RunningReply
from desktop.view_models.turns import NOT_STORED, Turn

if TYPE_CHECKING:
    from desktop.view_models.conversation import ConversationViewModel


class MessageCommands(QObject):
    """Part of the conversation's view model."""

    editing_changed = Signal()  # `editing` is of another message, or of none
    edit_files_changed = Signal()  # its files are others
    deleted_changed = Signal()  # there is something to undo, or no longer
    branched = Signal(int)  # a chat was made that a person wants to see

    def __init__(self, conversation: ConversationViewModel, core: Core) -> None:
        super().__init__(conversation)
        self._vm = conversation
        self._core = core
        self.edits = Edits(core, self)  # what was begun waits until the person comes back
        self._deleted: dict[int, list[int]] = {}  # by chat: messages, the one deleted last at the end
        self._offered = False
        conversation.reset.connect(self.editing_changed)
        conversation.reset.connect(self.forget_deleted)
        self.edits.read.connect(self.editing_changed)

    def can_change(self, key: int) -> bool:
        """Whether this message can be changed now."""
        return key not in NOT_STORED and not self._vm.running

    def _follow_path(self, operation: Operation[Chat], then: Callable[[ChatPath], None]) -> None:
        follow(operation, self, on_result=then, on_error=self._vm.report, made=path_of)

    # ── versions ──

    def switch(self, key: int, step: int) -> None:
        """Show the version `step` places on, with what follows it."""
        turn = self._vm.turn(key)
        other = turn.beside(step) if turn else None
        if other is not None and not self._vm.running and self.editing is None:
            self._follow_path(self._core.activate(other), self._vm.show_path)

    # ── editing ──

    @property
    def editing(self) -> Edit | None:
        """Of the path that is shown."""
        return self.edits.among(self._vm.turns)

    def begin_edit(self, key: int) -> None:
        turn, now = self._vm.turn(key), self.editing
        if turn is None or not self.can_change(key) or (now is not None and now.changed):
            return
        if now is not None:
            self.edits.drop(now.key)
        self.edits.put(Edit(key, turn.text, turn.text, turn.files, turn.files))
        self.editing_changed.emit()

    def set_edit(self, text: str) -> None:
        """What stands in the editor now."""
        if self.editing is not None:
            self.edits.put(replace(self.editing, text=text))

    def drop_file(self, at: int) -> None:
        """Let go of one of the files of the question that is edited."""
        edit = self.editing
        if edit is not None and at < len(edit.files):
            self.edits.put(replace(edit, files=(*edit.files[:at], *edit.files[at + 1 :])))
            self.edit_files_changed.emit()

    def cancel_edit(self) -> None:
        if self.editing is not None and self.edits.drop(self.editing.key):
            self.editing_changed.emit()

    def give_back(self, key: int, text: str, files: tuple[FilePart, ...]) -> None:
        """An edit that could not be sent is being edited again."""
        turn = self._vm.turn(key)
        before = turn.files if turn is not None else ()
        self.edits.put(Edit(key, text, turn.text if turn is not None else "", files, before))
        self.editing_changed.emit()

    def save_edit(self) -> None:
        """Have the message say what the editor holds; what follows stays below it."""
        edit = self.editing
        if edit is None or not edit.says_something or self._vm.running:
            return
        if not edit.changed:
            self.cancel_edit()
            return

        def saved(path: ChatPath) -> None:
            self.edits.drop(edit.key)
            self.editing_changed.emit()
            self._vm.show_path(path)

        others = (edit.files,) if edit.files != edit.files_before else ()
        operation = self._core.edit_message(edit.key, edit.text.strip(), *others)
        self._follow_path(operation, saved)

    def send_edit(self) -> None:
        """Ask what the editor holds in place of the question, and have it answered."""
        edit, chat = self.editing, self._vm.chat
        turn = self._vm.turn(edit.key) if edit else None
        if edit is None or turn is None or chat is None or not edit.says_something or self._vm.running:
            return
        self.cancel_edit()
        text = edit.text.strip()
        self._vm.report(None)
        others = (edit.files,) if edit.files != edit.files_before else ()
        operation = self._core.send_edited(edit.key, text, *others)
        self._vm.run(RunningReply.in_other_words(chat.id, turn, text, edit.files, operation))

    def go_on(self, key: int) -> None:
        """Have a reply continue where it ended."""
        turn, chat = self._vm.turn(key), self._vm.chat
        if turn is not None and chat is not None and turn.text and self.can_change(key):
            self._vm.report(None)
            operation = self._core.continue_reply(key)
            self._vm.run(RunningReply.going_on(chat.id, turn, operation))

    # ── marks ──

    def pin(self, key: int, *, pinned: bool) -> None:
        """Keep a message in the context window, or no longer."""
        turn = self._vm.turn(key)
        if turn is not None and turn.stored:
            self._mark(self._core.pin_message(key, pinned), key, pinned=pinned)

    def rate(self, key: int, rating: int) -> None:
        """1 or -1; the same again takes it back."""
        turn = self._vm.turn(key)
        if turn is not None and turn.is_reply and turn.stored:
            wanted = 0 if turn.rating == rating else rating
            self._mark(self._core.rate_message(key, wanted), key, rating=wanted)

    def _mark(self, operation: Operation[None], key: int, **changes: Any) -> None:
        def done(_: object) -> None:
            turn: Turn | None = self._vm.turn(key)
            if turn is not None:
                self._vm.change_turn(replace(turn, **changes))

        follow(operation, self, on_result=done, on_error=self._vm.report)

    # ── branches and deletions ──

    def branch(self, key: int) -> None:
        """Go on from this message in a new chat."""
        if key not in NOT_STORED:
            follow(
                self._core.branch_chat(key),
                self,
                on_result=lambda chat: self.branched.emit(chat.info.id),
                on_error=self._vm.report,
            )

    @property
    def deleted(self) -> bool:
        """A message of the shown chat was deleted, and it is offered to bring it back."""
        return self._offered and self.can_undo

    @property
    def can_undo(self) -> bool:
        """`undo_delete` brings something back, offered or not."""
        return bool(self._chat is not None and self._deleted.get(self._chat))

    @property
    def _chat(self) -> int | None:
        return self._vm.chat.id if self._vm.chat else None

    def delete(self, key: int) -> None:
        """Take a message and what follows it away."""
        if not self.can_change(key):
            return

        def gone(path: ChatPath) -> None:
            self._deleted.setdefault(path.chat.info.id, []).append(key)
            self._offered = True
            self._vm.show_path(path)
            if self.edits.drop(key) or self.editing is None:
                self.editing_changed.emit()
            self.deleted_changed.emit()

        self._follow_path(self._core.delete_message(key), gone)

    def undo_delete(self) -> None:
        """Bring back what was deleted last, then what was deleted before it."""
        if self._chat is None or not self.can_undo or self._vm.running:
            return
        key = self._deleted[self._chat].pop()
        self.deleted_changed.emit()
        self._follow_path(self._core.restore_message(key), self._vm.show_path)

    def forget_deleted(self) -> None:
        """Offer it no more; Ctrl+Z brings it back all the same."""
        if self._offered:
            self._offered = False
            self.deleted_changed.emit()
