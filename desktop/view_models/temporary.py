"""Chats that leave nothing on disk: one is begun, and kept after all. No widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.types import Chat, Problem
from desktop.view_models.bridge import follow

if TYPE_CHECKING:
    from desktop.view_models.conversation import ConversationViewModel


class TemporaryChats(QObject):
    """Part of the conversation's view model."""

    changed = Signal()  # `active`, `can_keep`

    def __init__(self, conversation: ConversationViewModel, core: Core) -> None:
        super().__init__(conversation)
        self._vm = conversation
        self._core = core
        self._beginning = False
        self.keeping: int | None = None  # it is about to have another number
        conversation.chat_changed.connect(self.changed)
        conversation.running_changed.connect(self.changed)

    @property
    def active(self) -> bool:
        """Whether the chat that is shown is a temporary one."""
        return self._vm.chat is not None and self._vm.chat.temporary

    @property
    def can_keep(self) -> bool:
        return self.active and not self._vm.running and self.keeping is None

    def begin(self) -> None:
        """Show a new one. What was written for a chat that is not stored goes along, and off the disk."""
        if self._beginning or (self.active and not self._vm.turns):
            return
        unstored = self._vm.chat is None
        self._beginning = True

        def begun(chat: Chat) -> None:
            self._beginning = False
            if unstored and self._vm.chat is None:
                self._vm.move_draft(None, chat.info.id)
            self._vm.show_chat(chat)

        def failed(problem: Problem) -> None:
            self._beginning = False
            self._vm.report(problem)

        follow(self._core.create_chat(temporary=True), self, on_result=begun, on_error=failed)

    def keep(self) -> None:
        """Store the one that is shown, with what is being written in it."""
        if self._vm.chat is None or not self.can_keep:
            return
        old = self.keeping = self._vm.chat.id
        self.changed.emit()
        self._vm.messages.edits.save()

        def kept(chat: Chat) -> None:
            self.keeping = None
            self._vm.move_draft(old, chat.info.id)
            self._vm.messages.edits.load()
            if self._vm.chat is not None and self._vm.chat.id == old:
                self._vm.show_chat(chat)
            self.changed.emit()

        def failed(problem: Problem) -> None:
            self.keeping = None
            self._vm.report(problem)
            self.changed.emit()

        follow(self._core.keep_chat(old), self, on_result=kept, on_error=failed)
