"""What a person does to one message of the shown chat: versions, edits, rating, pins, branches, deletion.

Holds what is being edited and what can be undone. A message is named by its key; what is not in the store
yet, and everything while a reply is on its way, is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.operations import Operation
from desktop.core.types import Chat
from desktop.view_models.bridge import follow
from desktop.view_models.replies import RunningReply
from desktop.view_models.turns import Turn

if TYPE_CHECKING:
    from desktop.view_models.conversation import ConversationViewModel


class Edit(msgspec.Struct, frozen=True):
    """A message that is being edited, and what it is to say."""

    key: int
    text: str
    before: str

    @property
    def changed(self) -> bool:
        return self.text.strip() != self.before.strip()


class MessageCommands(QObject):
    """Part of the conversation's view model."""

    editing_changed = Signal()  # `editing` is of another message, or of none
    deleted_changed = Signal()  # there is something to undo, or no longer
    branched = Signal(int)  # a chat was made that a person wants to see

    def __init__(self, conversation: ConversationViewModel, core: Core) -> None:
        super().__init__(conversation)
        self._vm = conversation
        self._core = core
        self._edits: dict[int, Edit] = {}  # by chat: what was begun waits until the person comes back
        self._deleted: tuple[int, int] | None = None  # chat and message
        conversation.reset.connect(self.editing_changed)
        conversation.reset.connect(self.forget_deleted)

    def can_change(self, key: int) -> bool:
        """Whether this message can be changed now."""
        return key >= 0 and not self._vm.running

    # ── versions ──

    def switch(self, key: int, step: int) -> None:
        """Show the version `step` places on, with what follows it."""
        turn = self._vm.turn(key)
        other = turn.beside(step) if turn else None
        if other is not None and not self._vm.running and self.editing is None:
            follow(self._core.activate(other), self, on_result=self._vm.show_path, on_error=self._vm.report)

    # ── editing ──

    @property
    def editing(self) -> Edit | None:
        """Of the shown chat."""
        chat = self._vm.chat
        return self._edits.get(chat.id) if chat else None

    def begin_edit(self, key: int) -> None:
        turn, chat, now = self._vm.turn(key), self._vm.chat, self.editing
        if turn is None or chat is None or not self.can_change(key) or (now is not None and now.changed):
            return
        self._edits[chat.id] = Edit(key, turn.text, turn.text)
        self.editing_changed.emit()

    def set_edit(self, text: str) -> None:
        """What stands in the editor now."""
        if self.editing is not None and self._vm.chat is not None:
            self._edits[self._vm.chat.id] = replace(self.editing, text=text)

    def cancel_edit(self) -> None:
        if self._vm.chat is not None and self._edits.pop(self._vm.chat.id, None) is not None:
            self.editing_changed.emit()

    def give_back(self, chat: int, key: int, text: str) -> None:
        """An edit that could not be sent is being edited again."""
        self._edits[chat] = Edit(key, text, "")
        self.editing_changed.emit()

    def save_edit(self) -> None:
        """Have the message say what the editor holds; what follows stays below it."""
        edit = self.editing
        if edit is None or not edit.text.strip() or self._vm.running:
            return
        if not edit.changed:
            self.cancel_edit()
            return

        def saved(chat: Chat) -> None:
            self._edits.pop(chat.info.id, None)
            self.editing_changed.emit()
            self._vm.show_path(chat)

        operation = self._core.edit_message(edit.key, edit.text.strip())
        follow(operation, self, on_result=saved, on_error=self._vm.report)

    def send_edit(self) -> None:
        """Ask what the editor holds in place of the question, and have it answered."""
        edit, chat = self.editing, self._vm.chat
        turn = self._vm.turn(edit.key) if edit else None
        if edit is None or turn is None or chat is None or not edit.text.strip() or self._vm.running:
            return
        self.cancel_edit()
        text = edit.text.strip()
        self._vm.report(None)
        operation = self._core.send_edited(edit.key, text)
        self._vm.run(RunningReply.in_other_words(chat.id, turn, text, operation))

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
        if turn is not None and key >= 0:
            self._mark(self._core.pin_message(key, pinned), key, pinned=pinned)

    def rate(self, key: int, rating: int) -> None:
        """1 or -1; the same again takes it back."""
        turn = self._vm.turn(key)
        if turn is not None and turn.is_reply and key >= 0:
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
        if key >= 0:
            follow(
                self._core.branch_chat(key),
                self,
                on_result=lambda chat: self.branched.emit(chat.info.id),
                on_error=self._vm.report,
            )

    @property
    def deleted(self) -> bool:
        """A message was deleted, and `undo_delete` brings it back."""
        return self._deleted is not None

    def delete(self, key: int) -> None:
        """Take a message and what follows it away."""
        if not self.can_change(key):
            return

        def gone(chat: Chat) -> None:
            edit = self._edits.get(chat.info.id)
            self._vm.show_path(chat)
            if edit is not None and self._vm.turn(edit.key) is None:
                self.cancel_edit()
            self._deleted = (chat.info.id, key)
            self.deleted_changed.emit()

        follow(self._core.delete_message(key), self, on_result=gone, on_error=self._vm.report)

    def undo_delete(self) -> None:
        if self._deleted is not None:
            _chat, key = self._deleted
            self.forget_deleted()
            follow(
                self._core.restore_message(key), self, on_result=self._vm.show_path, on_error=self._vm.report
            )

    def forget_deleted(self) -> None:
        """There is nothing to undo any more."""
        if self._deleted is not None:
            self._deleted = None
            self.deleted_changed.emit()
