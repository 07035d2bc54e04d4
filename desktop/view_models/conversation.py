"""The conversation as the window shows it: turns, the reply on its way, drafts, how full the context is.

Holds which chat is shown and every reply that runs, also of chats out of sight. Knows no widgets and
chooses no words.
"""

from collections.abc import Callable

from msgspec.structs import replace
from PySide6.QtCore import QObject

from desktop.core.contract import Core
from desktop.core.events import (
    ChatsChanged,
    CoreEvent,
    EngineStatus,
    Planned,
    ReplyEvent,
    TextAdded,
    TurnSaved,
)
from desktop.core.operations import Operation
from desktop.core.types import Chat, FilePart, Problem, StoredMessage
from desktop.core.types.models import ModelFile
from desktop.view_models.attachments import AttachmentsViewModel
from desktop.view_models.bridge import follow, listen
from desktop.view_models.chat_path import ChatPath, path_of
from desktop.view_models.conversation_state import ENDED_KEPT, ConversationState
from desktop.view_models.document_switches import Once
from desktop.view_models.message_commands import MessageCommands
from desktop.view_models.replies import RunningReply
from desktop.view_models.temporary import TemporaryChats
from desktop.view_models.turn_list import OPEN, TurnList
from desktop.view_models.turns import ContextUse, Turn
from engine.protocol import LoadedModel


class ConversationViewModel(ConversationState):
    """One for the window. Its methods return at once; what becomes of them is told by signals.

    `messages` does what a person wants of a single message.
    """

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(core, parent)
        self.messages = MessageCommands(self, core)
        self.attachments = AttachmentsViewModel(self, core, self._drafts)
        self.temporary = TemporaryChats(self, core)
        self.draws_from: Callable[[], Once] = Once  # what holds for the next question alone
        listen(core, self, self._core_event)

    # ── choosing a chat ──

    def open(self, chat: int) -> None:
        """Show a stored chat; a reply that runs in it goes on before the person's eyes."""
        self._opening = chat
        opening = self._core.open_chat(chat)
        follow(opening, self, on_result=self._opened, on_error=self._open_failed, made=path_of)
        self._set_emptiness()

    def bring(self, chat: int | None) -> None:
        """Show this chat, None: an empty one, unless it is shown; another one on its way no longer comes."""
        if chat == (self._chat.info.id if self._chat is not None else None):
            self._opening = None
            self._set_emptiness()
        elif chat is None:
            self.new()
        elif chat != self._opening:
            self.open(chat)

    def _opened(self, path: ChatPath) -> None:
        if path.chat.info.id == self._opening:
            self._opening = None
            self._show(path)

    def _open_failed(self, problem: Problem) -> None:
        self._opening = None
        self._set_problem(problem)
        self._set_emptiness()

    def new(self) -> None:
        """Show an empty conversation. It is stored with its first question, or by `ensure_chat`."""
        self._opening = None
        self._show(None)

    def ensure_chat(self, then: Callable[[int], None]) -> None:
        """Call `then` with the id of the shown chat, storing it first where it is not stored yet."""
        if self._chat is not None:
            then(self._chat.info.id)
            return

        def created(chat: Chat) -> None:
            self.take_chat(chat)
            then(chat.info.id)

        follow(self._core.create_chat(), self, on_result=created, on_error=self._set_problem)

    def take_chat(self, chat: Chat) -> None:
        """A chat was made of what is in front, unless another one came to the front meanwhile."""
        if self._chat is None and self._opening is None:
            self.move_draft(None, chat.info.id)
            self._chat = chat
            self.chat_changed.emit(chat.info)

    def move_draft(self, old: int | None, chat: int) -> None:
        """What is being written for one chat is written for another: it has a number now, or another one."""
        self._drafts.move(old, chat)
        self.attachments.move(old, chat)

    def show_chat(self, chat: Chat) -> None:
        """Show a chat that was just made."""
        self._opening = None
        self._show(path_of(chat))

    def _show(self, path: ChatPath | None) -> None:
        self._chat = path.chat if path else None
        self._turns = self._brought_up(path) if path else TurnList()
        self._pack_soon()
        self._set_problem(None)
        self._remember_context()
        self._set_emptiness()
        self.chat_changed.emit(self.chat)
        self.reset.emit()
        self.draft_changed.emit(self.draft)
        self.running_changed.emit(self.running)
        self.context_changed.emit(self.context)

    def show_path(self, path: ChatPath) -> None:
        """Show another path through the tree of the shown chat; of any other chat, nothing."""
        if self._chat is None or self._chat.info.id != path.chat.info.id:
            return
        self._chat = path.chat
        before, self._turns = self._turns, self._brought_up(path)
        first = self._turns.first_other(before)
        self._pack_soon()
        self._set_emptiness()
        self.path_changed.emit(first)

    def change_turn(self, turn: Turn) -> None:
        """Show another state of a message, with the text that it has."""
        at = self._index(turn.key)
        if at is not None:
            self._turns[at] = turn
            self._pack_soon()
            self.turn_changed.emit(at)

    def turn(self, key: int) -> Turn | None:
        at = self._index(key)
        return None if at is None else self._turns[at]

    def report(self, problem: Problem | None) -> None:
        """Say above the composer what went wrong."""
        self._set_problem(problem)

    def _brought_up(self, path: ChatPath) -> TurnList:
        """Its turns with a reply that runs, or that ended since the chat was read."""
        turns = path.turns
        for at in turns.with_mark(OPEN):
            turn = turns[at]
            if turn.state == "streaming" and turn.key in self._ended:
                turns[at] = self._ended[turn.key]
        running = self._running.get(path.chat.info.id)
        if running is not None:
            running.lay_over(turns)
        return turns

    # ── asking ──

    def send(self, text: str) -> None:
        """Ask, with the files that are attached. While a reply of this chat runs, or a file is read, nothing
        happens; the draft stays."""
        text = text.strip()
        if not (text or self.attachments.files) or self.running or self.attachments.reading:
            return
        self._set_problem(None)
        self.put_draft("")
        files = self.attachments.take()
        if self._chat is not None:
            self._ask(self._chat.info.id, text, files)
            return
        self._creating, self._stop_wanted = True, False
        self.running_changed.emit(True)
        follow(
            self._core.create_chat(),
            self,
            on_result=lambda chat: self._created(chat, text, files),
            on_error=lambda problem: self._not_created(problem, text, files),
        )

    def _created(self, chat: Chat, text: str, files: tuple[FilePart, ...]) -> None:
        self._creating = False
        if self._chat is None and self._opening is None:
            self.move_draft(None, chat.info.id)  # what was typed since
            self._show(path_of(chat))
        self._ask(chat.info.id, text, files)
        if self._stop_wanted:
            self._running[chat.info.id].operation.cancel()

    def _not_created(self, problem: Problem, text: str, files: tuple[FilePart, ...]) -> None:
        self._creating = False
        self.give_back(None, text, files)
        self._set_problem(problem)
        self.running_changed.emit(self.running)

    def _ask(self, chat: int, text: str, files: tuple[FilePart, ...]) -> None:
        once = self.draws_from()
        operation = self._core.send(chat, text, files, once.collections, once.reading)
        self.run(RunningReply.asking(chat, text, files, operation))

    def quote(self, text: str) -> None:
        """Put `text` behind what stands in the composer, as a quotation in Markdown."""
        quoted = "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())
        before = self.draft.rstrip()
        self.put_draft((f"{before}\n\n" if before else "") + quoted + "\n\n")

    def stop(self) -> None:
        """Stop the reply of the shown chat. What is written stays."""
        running = self._running.get(self._chat.info.id) if self._chat else None
        if running is not None:
            running.operation.cancel()
        elif self._creating:
            self._stop_wanted = True

    def regenerate(self, reply: int) -> None:
        """Answer the question of `reply` anew; the old reply stays in the store."""
        if self._chat is None or self.running:
            return
        at = self._index(reply)
        if at is None:
            return
        self._set_problem(None)
        self.run(RunningReply.again(self._chat.info.id, self._turns[at], self._core.regenerate(reply)))

    def retry(self) -> None:
        """Answer the last question anew."""
        if self._turns and self._turns[-1].is_reply and self._turns[-1].stored:
            self.regenerate(self._turns[-1].key)

    def restart_engine(self) -> None:
        """Load the model again after its worker died, then answer the last question anew."""
        if self._engine.state == "loading":
            return
        path = self._engine.path or str(self._core.setting("model_path"))

        def loaded(_: LoadedModel) -> None:
            self.retry()

        follow(self._core.load_model(path), self, on_result=loaded, on_error=self._set_problem)

    def activate_citation(self, reply: int, n: int) -> None:
        """Ask for the source `n` of the turn whose key is `reply`."""
        at = self._index(reply)
        sources = self._turns[at].sources if at is not None else None
        for citation in sources.citations if sources else ():
            if citation.n == n:
                self.citation_activated.emit(citation)

    # ── a reply on its way ──

    def run(self, running: RunningReply) -> None:
        """Follow a reply on its way to its end."""
        self._running[running.chat] = running
        if self._shows(running):
            self._replace_turns(running)
            self.running_changed.emit(True)
        operation: Operation[StoredMessage] = running.operation
        follow(
            operation,
            self,
            on_event=lambda event: self._reply_event(running, event),
            on_result=lambda message: self._end(running, message),
            on_error=lambda problem: self._end_badly(running, problem),
        )

    def _reply_event(self, running: RunningReply, event: ReplyEvent) -> None:
        running.take(event)
        if isinstance(event, Planned):
            plan = event.plan
            self._set_context(
                running.chat, ContextUse(plan.prompt_tokens, plan.limit_tokens, plan.dropped_messages)
            )
        if not self._shows(running):
            return
        at = self._index(running.reply.key)
        if isinstance(event, TurnSaved) or at is None:
            self._replace_turns(running)
        elif isinstance(event, TextAdded):
            first = not self._turns[at].text
            self._turns[at] = running.reply
            self.text_added.emit(at, event.text)
            if first:
                self.turn_changed.emit(at)
        else:
            self._turns[at] = running.reply
            self.turn_changed.emit(at)

    def _replace_turns(self, running: RunningReply) -> None:
        first = running.lay_over(self._turns)
        self._set_emptiness()
        self.turns_replaced.emit(first)

    def _end(self, running: RunningReply, message: StoredMessage) -> None:
        if message.stats is not None:
            limit = running.limit_tokens or self._limit()
            self._set_context(running.chat, ContextUse.after(message.stats, limit, running.dropped))
        self._settle(running, running.ended(message))

    def _end_badly(self, running: RunningReply, problem: Problem) -> None:
        if running.saved:
            self._settle(running, replace(running.reply, state="failed", problem=problem, activity=None))
            return
        # Nothing was stored: take the optimistic turns back and give the question back to the composer.
        del self._running[running.chat]
        if running.gave_way is not None:
            self._not_asked(running, running.gave_way, problem)
            return
        self.give_back(running.chat, running.asked, running.files)
        if not self._shows(running):
            return
        self.turns_replaced.emit(running.take_back(self._turns))
        self._set_problem(problem)
        self._set_emptiness()
        self.running_changed.emit(self.running)

    def give_back(self, chat: int | None, asked: str, files: tuple[FilePart, ...]) -> None:
        """A question into the composer, before what was typed and attached there since."""
        self.attachments.give_back(chat, files)
        if not asked:
            return
        since = self._drafts.get(chat)
        self._drafts.set(chat, f"{asked}\n\n{since}" if since.strip() else asked)
        if chat == (self._chat.info.id if self._chat is not None else None):
            self.typed.emit()
            self.draft_changed.emit(self.draft)

    def _not_asked(self, running: RunningReply, instead_of: int, problem: Problem) -> None:
        """A question in other words was not taken up: the old path, with its text in the editor."""

        def shown(path: ChatPath) -> None:
            self.show_path(path)
            self.messages.give_back(instead_of, running.asked, running.files)
            self._set_problem(problem)
            self.running_changed.emit(self.running)

        opening = self._core.open_chat(running.chat)
        follow(opening, self, on_result=shown, on_error=self._set_problem, made=path_of)

    def _settle(self, running: RunningReply, reply: Turn) -> None:
        del self._running[running.chat]
        self._ended[reply.key] = reply
        while len(self._ended) > ENDED_KEPT:
            del self._ended[next(iter(self._ended))]
        if running.repetition is not None:
            self.repeated.emit(reply.key, running.repetition)
        if not self._shows(running):
            self.ended_elsewhere.emit(running.chat, reply.state)
            return
        at = self._index(reply.key)
        if at is None:
            return
        shown, self._turns[at] = self._turns[at].text, reply
        if reply.text.startswith(shown) and len(reply.text) > len(shown):
            self.text_added.emit(at, reply.text[len(shown) :])
        if reply.text.startswith(shown):
            self.turn_changed.emit(at)
        else:
            self.turns_replaced.emit(at)
        self._pack_soon()
        self.running_changed.emit(self.running)
        self.reply_ended.emit(at)

    # ── what the core tells at any time ──

    def _core_event(self, event: CoreEvent) -> None:
        if isinstance(event, EngineStatus):
            self._engine = event
            if event.state == "no_model":
                follow(self._core.list_models(), self, on_result=self._count_models)
            self._remember_context()
            self._set_emptiness()
            self.engine_changed.emit(event)
        elif isinstance(event, ChatsChanged) and self._chat is not None:
            info = next((info for info in event.chats if info.id == self._chat.info.id), None)
            if info is None and self._chat.info.id != self.temporary.keeping:
                self.new()
            elif info is not None and info != self._chat.info:
                self._chat = replace(self._chat, info=info)
                self.chat_changed.emit(info)

    def _count_models(self, models: tuple[ModelFile, ...]) -> None:
        # The core loads the chosen model, or the only one, with the first question.
        self._has_models = any(model.problem is None for model in models) or bool(
            self._core.setting("model_path")
        )
        self._set_emptiness()
