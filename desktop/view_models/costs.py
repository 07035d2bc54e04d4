"""What a reply cost, and making it once more exactly: the reply in front, and what came of repetitions.

Chooses no words.
"""

from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.replies.repeats import Repetition, record_of
from desktop.view_models.conversation import ConversationViewModel
from desktop.view_models.replies import RunningReply
from desktop.view_models.turn_list import REPLY
from desktop.view_models.turns import Turn
from engine.protocol import ReplyRecord


class CostsViewModel(QObject):
    """One for the window. `key` is the reply in front, None where there is none."""

    changed = Signal()

    def __init__(
        self, core: Core, conversation: ConversationViewModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._core = core
        self._conversation = conversation
        self.key: int | None = None
        self._repetitions: dict[int, Repetition] = {}
        conversation.repeated.connect(self._repeated)
        conversation.reply_ended.connect(self._ended)
        for signal in (conversation.reset, conversation.path_changed, conversation.running_changed):
            signal.connect(self._find_reply)

    @property
    def turn(self) -> Turn | None:
        return self._conversation.turn(self.key) if self.key is not None else None

    @property
    def record(self) -> ReplyRecord | None:
        """What the reply was made with; None where that was not kept."""
        turn = self.turn
        return record_of(turn.stats) if turn is not None else None

    @property
    def repetition(self) -> Repetition | None:
        """What came of it, where this reply is one that was to be exactly another."""
        return self._repetitions.get(self.key) if self.key is not None else None

    @property
    def can_repeat(self) -> bool:
        return self.record is not None and not self._conversation.running

    def show(self, key: int) -> None:
        self.key = key
        self.changed.emit()

    def show_last(self) -> None:
        replies = [key for key in self._conversation.turns.keys_with(REPLY) if key >= 0]
        self.key = replies[-1] if replies else None
        self.changed.emit()

    def repeat(self) -> None:
        """Make the reply once more with all that it was made with; it becomes a version beside it."""
        if self.turn is None:
            self.show_last()
        turn, chat = self.turn, self._conversation.chat
        if turn is not None and chat is not None and self.can_repeat:
            self._conversation.report(None)
            operation = self._core.repeat_reply(turn.key)
            self._conversation.run(RunningReply.again(chat.id, turn, operation))

    def _repeated(self, key: int, repetition: Repetition) -> None:
        self._repetitions[key] = repetition

    def _ended(self, index: int) -> None:
        self.show(self._conversation.turns[index].key)

    def _find_reply(self, *_: object) -> None:
        if self.turn is None and not self._conversation.running:
            self.show_last()
        else:
            self.changed.emit()
