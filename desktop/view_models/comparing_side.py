"""One side of a comparison as its pane shows it: its branch, the reply on its way. Asks the core for little.

Its messages are read, copied and rated; they are changed in the conversation, once a side is kept.
"""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.events import Planned, ReplyEvent, TextAdded, TurnSaved
from desktop.core.operations import Operation
from desktop.core.types import Chat, ChatInfo, FilePart, Problem, StoredMessage
from desktop.core.types.comparing import Comparison, Side
from desktop.view_models.bridge import follow
from desktop.view_models.conversation_state import ConversationState, Emptiness
from desktop.view_models.edits import Edit
from desktop.view_models.replies import RunningReply
from desktop.view_models.turn_list import TurnList
from desktop.view_models.turns import Activity, ContextUse, Turn, alone


class SideMessages(QObject):
    """What `MessageCommands` is to the conversation, where nothing can be changed."""

    editing_changed = Signal()
    edit_files_changed = Signal()
    deleted_changed = Signal()
    editing: Edit | None = None
    can_undo = False

    def __init__(self, side: SideViewModel, core: Core) -> None:
        super().__init__(side)
        self._vm = side
        self._core = core

    def can_change(self, key: int) -> bool:  # noqa: ARG002
        return False

    def rate(self, key: int, rating: int) -> None:
        """Say whether a reply is good (1) or bad (-1); the same once more takes it back."""
        turn = self._vm.turn(key)
        if turn is not None and turn.stored:
            rated = 0 if turn.rating == rating else rating
            self._vm.change_turn(replace(turn, rating=rated))
            follow(self._core.rate_message(key, rated), self, on_error=self._vm.failed.emit)

    def nothing(self, *_arguments: object, **_named: object) -> None:
        """What cannot be done here."""

    switch = begin_edit = go_on = pin = branch = delete = undo_delete = nothing
    cancel_edit = save_edit = send_edit = drop_file = set_edit = nothing


class SideViewModel(ConversationState):
    """`number` counts from 0. `messages` does what a person wants of a single message."""

    fixed = True
    failed = Signal(object)  # a Problem that is no reply's
    quoted = Signal(str)  # a selection that shall go into the composer
    stop_wanted = Signal()
    again_wanted = Signal()  # the last question of this side shall be answered once more

    def __init__(self, core: Core, number: int, parent: QObject) -> None:
        super().__init__(core, parent)
        self.number = number
        self.side = Side()
        self.messages = SideMessages(self, core)
        self._emptiness = "side"

    # ── what is shown ──

    def show(self, chat: ChatInfo | None, turns: TurnList, *, loading: bool = False) -> None:
        """Another branch altogether."""
        self._running.clear()
        self._chat = None if chat is None else Chat(chat, "", (), ())
        self._turns = turns
        self._pack_soon()
        self._opening = 0 if loading else None
        self._remember_context()
        self._set_emptiness()
        self.reset.emit()
        self.running_changed.emit(False)

    def take_result(self, chat: ChatInfo, turns: TurnList) -> None:
        """What is stored, where this side shows something else: a reply that ended badly, say."""
        self._chat = Chat(chat, "", (), ())
        self._running.clear()
        if turns.keys != self._turns.keys:
            self._turns = turns
            self._set_emptiness()
            self.turns_replaced.emit(0)
        self.running_changed.emit(False)

    @property
    def last_reply(self) -> Turn | None:
        """The reply that the side ends with."""
        return self._turns[-1] if self._turns and self._turns[-1].is_reply else None

    def turn(self, key: int) -> Turn | None:
        at = self._index(key)
        return None if at is None else self._turns[at]

    def change_turn(self, turn: Turn) -> None:
        """Show another state of a message, with the text that it has."""
        at = self._index(turn.key)
        if at is not None:
            self._turns[at] = turn
            self._pack_soon()
            self.turn_changed.emit(at)

    def _set_emptiness(self) -> None:
        says: Emptiness = "" if self._turns else ("loading_chat" if self._opening is not None else "side")
        if says != self._emptiness:
            self._emptiness = says
            self.emptiness_changed.emit(says)

    # ── a reply on its way ──

    def ask(
        self, chat: ChatInfo, text: str, files: tuple[FilePart, ...], operation: Operation[Comparison]
    ) -> None:
        """A question goes out."""
        self._chat = Chat(chat, "", (), ())
        self._run(RunningReply.asking(chat.id, text, files, operation))

    def ask_again(self, operation: Operation[Comparison]) -> None:
        last = self.last_reply
        if self._chat is not None and last is not None:
            self._run(RunningReply.again(self._chat.info.id, last, operation))

    def _run(self, running: RunningReply) -> None:
        self._running[running.chat] = running
        self._lay_over(running)
        self.running_changed.emit(True)

    def take(self, event: ReplyEvent) -> None:
        """Follow what the core tells of this side's reply."""
        running = self._present
        if running is None:
            return
        running.take(event)
        if isinstance(event, Planned):
            plan = event.plan
            self._set_context(
                running.chat, ContextUse(plan.prompt_tokens, plan.limit_tokens, plan.dropped_messages)
            )
        at = self._index(running.reply.key)
        if isinstance(event, TurnSaved) or at is None:
            self._lay_over(running)
            return
        self._turns[at] = alone(running.reply)
        if isinstance(event, TextAdded):
            self.text_added.emit(at, event.text)
        else:
            self.turn_changed.emit(at)

    def come_after(self) -> None:
        """The other side has its turn first."""
        running = self._present
        if running is not None and running.reply.activity == Activity("waiting"):
            running.reply = replace(running.reply, activity=Activity("other_side"))
            at = self._index(running.reply.key)
            if at is not None:
                self.change_turn(alone(running.reply))

    def end(self, reply: StoredMessage, problem: Problem | None) -> None:
        """The reply is there, or failed."""
        running = self._present
        if running is None:
            return
        self._running.clear()
        if problem is None:
            ended = running.ended(reply)
        else:
            ended = replace(running.reply, state="failed", problem=problem, activity=None)
        at = self._index(running.reply.key)
        if at is not None:
            self._turns[at] = alone(ended)
            self.turns_replaced.emit(at)
        self.running_changed.emit(False)
        if at is not None:
            self.reply_ended.emit(at)

    def take_back(self) -> None:
        """Nothing was asked after all."""
        running = self._present
        if running is not None:
            at = running.take_back(self._turns)
            self._running.clear()
            self._set_emptiness()
            self.turns_replaced.emit(at)
            self.running_changed.emit(False)

    @property
    def _present(self) -> RunningReply | None:
        return self._running.get(self._chat.info.id) if self._chat is not None else None

    def _lay_over(self, running: RunningReply) -> None:
        running.lay_over(self._turns)
        at = running.at(self._turns)
        self._turns.put_from(at, [alone(turn) for turn in self._turns[at:]])
        self._set_emptiness()
        self.turns_replaced.emit(at)

    # ── what a pane's conversation asks for ──

    def stop(self) -> None:
        self.stop_wanted.emit()

    def retry(self) -> None:
        self.again_wanted.emit()

    restart_engine = retry  # whoever answers loads its model again

    def regenerate(self, reply: int) -> None:  # noqa: ARG002
        self.again_wanted.emit()

    def quote(self, text: str) -> None:
        self.quoted.emit("\n".join(f"> {line}".rstrip() for line in text.strip().splitlines()))

    def activate_citation(self, reply: int, n: int) -> None:
        """Ask for the source `n` of the turn whose key is `reply`."""
        turn = self.turn(reply)
        sources = turn.sources if turn is not None else None
        for citation in sources.citations if sources else ():
            if citation.n == n:
                self.citation_activated.emit(citation)

    def show_file(self, file: FilePart) -> None:
        """Files are shown where the conversation is."""
