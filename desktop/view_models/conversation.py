"""The conversation as the window shows it: turns, the reply on its way, drafts, how full the context is.

Holds which chat is shown and every reply that runs, also of chats out of sight. Knows no widgets and
chooses no words.
"""

from collections.abc import Callable
from typing import Literal

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

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
from desktop.core.types import Chat, ChatInfo, ModelFile, Problem, StoredMessage
from desktop.view_models.bridge import follow, listen
from desktop.view_models.replies import RunningReply
from desktop.view_models.turns import ContextUse, Turn, turn_of, turns_of
from engine.protocol import LoadedModel

Emptiness = Literal["", "loading_chat", "no_model", "ask"]


class ConversationViewModel(QObject):
    """One for the window. Its methods return at once; what becomes of them is told by signals."""

    chat_changed = Signal(object)  # ChatInfo of the chat shown, or None for one that is not stored yet
    reset = Signal()  # `turns` are others altogether
    turns_replaced = Signal(int)  # from this index on `turns` are others; those before are as they were
    turn_changed = Signal(int)  # the turn at this index has another state, but no other text
    text_added = Signal(int, str)  # text at the end of the turn at this index
    running_changed = Signal(bool)  # a reply of the shown chat runs
    reply_ended = Signal(int)  # index of a reply of the shown chat that has just ended
    draft_changed = Signal(str)  # the draft of the shown chat is another, not by typing
    context_changed = Signal(object)  # ContextUse or None
    emptiness_changed = Signal(str)  # what an empty conversation says
    problem_changed = Signal(object)  # Problem or None: a send that could not begin
    engine_changed = Signal(object)  # EngineStatus
    citation_activated = Signal(object)  # the Citation whose source a person wants to see
    model_wanted = Signal()  # a person wants to choose a model

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._chat: Chat | None = None
        self._opening: int | None = None
        self._turns: list[Turn] = []
        self._running: dict[int, RunningReply] = {}
        self._ended: dict[int, Turn] = {}  # by reply: a chat read before its reply ended is put right
        self._drafts: dict[int | None, str] = {}
        self._context: dict[int, ContextUse] = {}
        self._engine = EngineStatus("no_model")
        self._problem: Problem | None = None
        self._creating = False
        self._has_models = True  # until the core says otherwise
        self._emptiness: Emptiness = "ask"
        listen(core, self, self._core_event)

    # ── what is shown ──

    @property
    def chat(self) -> ChatInfo | None:
        return self._chat.info if self._chat else None

    @property
    def turns(self) -> tuple[Turn, ...]:
        return tuple(self._turns)

    @property
    def running(self) -> bool:
        """A reply of the shown chat is on its way."""
        return self._creating or (self._chat is not None and self._chat.info.id in self._running)

    @property
    def engine(self) -> EngineStatus:
        return self._engine

    @property
    def draft(self) -> str:
        return self._drafts.get(self._chat.info.id if self._chat else None, "")

    @property
    def problem(self) -> Problem | None:
        """Why the last question was not taken up; the question is the draft again."""
        return self._problem

    @property
    def emptiness(self) -> Emptiness:
        """What to say while there are no turns: "" when there are some."""
        return self._emptiness

    @property
    def context(self) -> ContextUse | None:
        """None while nothing is known, before the first reply and without a model."""
        return self._context.get(self._chat.info.id) if self._chat else None

    # ── choosing a chat ──

    def open(self, chat: int) -> None:
        """Show a stored chat; a reply that runs in it goes on before the person's eyes."""
        self._opening = chat
        follow(self._core.open_chat(chat), self, on_result=self._opened, on_error=self._open_failed)
        self._set_emptiness()

    def _opened(self, chat: Chat) -> None:
        if chat.info.id == self._opening:
            self._opening = None
            self._show(chat)

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
            if self._chat is None and self._opening is None:
                self._drafts[chat.info.id] = self._drafts.pop(None, "")
                self._chat = chat
                self.chat_changed.emit(chat.info)
            then(chat.info.id)

        follow(self._core.create_chat(), self, on_result=created, on_error=self._set_problem)

    def _show(self, chat: Chat | None) -> None:
        self._chat = chat
        self._turns = turns_of(chat.messages) if chat else []
        self._lay_running_over()
        self._set_problem(None)
        self._remember_context()
        self._set_emptiness()
        self.chat_changed.emit(self.chat)
        self.reset.emit()
        self.draft_changed.emit(self.draft)
        self.running_changed.emit(self.running)
        self.context_changed.emit(self.context)

    def _lay_running_over(self) -> None:
        self._turns = [
            self._ended[turn.key] if turn.state == "streaming" and turn.key in self._ended else turn
            for turn in self._turns
        ]
        running = self._running.get(self._chat.info.id) if self._chat else None
        if running is not None:
            self._turns = running.laid_over(self._turns)

    # ── asking ──

    def set_draft(self, text: str) -> None:
        """Keep what stands in the composer, per chat, in memory."""
        self._drafts[self._chat.info.id if self._chat else None] = text

    def send(self, text: str) -> None:
        """Ask. While a reply of this chat runs, nothing happens; the draft stays."""
        text = text.strip()
        if not text or self.running:
            return
        self._set_problem(None)
        self._put_draft("")
        if self._chat is not None:
            self._ask(self._chat.info.id, text)
            return
        self._creating = True
        self.running_changed.emit(True)
        follow(
            self._core.create_chat(),
            self,
            on_result=lambda chat: self._created(chat, text),
            on_error=lambda problem: self._not_created(problem, text),
        )

    def _created(self, chat: Chat, text: str) -> None:
        self._creating = False
        if self._chat is None and self._opening is None:
            self._show(chat)
        self._ask(chat.info.id, text)

    def _not_created(self, problem: Problem, text: str) -> None:
        self._creating = False
        self._put_draft(text)
        self._set_problem(problem)
        self.running_changed.emit(self.running)

    def _ask(self, chat: int, text: str) -> None:
        self._run(RunningReply.asking(chat, text, self._core.send(chat, text)))

    def stop(self) -> None:
        """Stop the reply of the shown chat. What is written stays."""
        running = self._running.get(self._chat.info.id) if self._chat else None
        if running is not None:
            running.operation.cancel()

    def regenerate(self, reply: int) -> None:
        """Answer the question of `reply` anew; the old reply stays in the store."""
        if self._chat is None or self.running:
            return
        at = self._index(reply)
        if at is None:
            return
        self._set_problem(None)
        self._run(RunningReply.again(self._chat.info.id, self._turns[at], self._core.regenerate(reply)))

    def retry(self) -> None:
        """Answer the last question anew."""
        if self._turns and self._turns[-1].is_reply and self._turns[-1].key >= 0:
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

    def _run(self, running: RunningReply) -> None:
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
        before = self._turns
        self._turns = running.laid_over(before)
        same = next(
            (i for i, (a, b) in enumerate(zip(before, self._turns, strict=False)) if a != b),
            min(len(before), len(self._turns)),
        )
        self._set_emptiness()
        self.turns_replaced.emit(same)

    def _end(self, running: RunningReply, message: StoredMessage) -> None:
        if message.stats is not None:
            limit = running.limit_tokens or self._limit()
            self._set_context(running.chat, ContextUse.after(message.stats, limit, running.dropped))
        self._settle(running, turn_of(message, running.reply.excerpts, searched=running.reply.searched))

    def _end_badly(self, running: RunningReply, problem: Problem) -> None:
        if running.saved:
            self._settle(running, replace(running.reply, state="failed", problem=problem, activity=None))
            return
        # Nothing was stored: take the optimistic turns back and give the question back to the composer.
        del self._running[running.chat]
        if not self._shows(running):
            self._drafts[running.chat] = running.asked
            return
        self._turns = running.taken_back(self._turns)
        self.turns_replaced.emit(running.at(self._turns))
        if running.asked:
            self._put_draft(running.asked)
        self._set_problem(problem)
        self._set_emptiness()
        self.running_changed.emit(self.running)

    def _settle(self, running: RunningReply, reply: Turn) -> None:
        del self._running[running.chat]
        self._ended[reply.key] = reply
        if not self._shows(running):
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
        self.running_changed.emit(self.running)
        self.reply_ended.emit(at)

    # ── small things ──

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
            if info is None:
                self.new()
            elif info != self._chat.info:
                self._chat = replace(self._chat, info=info)
                self.chat_changed.emit(info)

    def _count_models(self, models: tuple[ModelFile, ...]) -> None:
        # The core loads the chosen model, or the only one, with the first question.
        self._has_models = any(model.problem is None for model in models) or bool(
            self._core.setting("model_path")
        )
        self._set_emptiness()

    def _shows(self, running: RunningReply) -> bool:
        return self._chat is not None and self._chat.info.id == running.chat

    def _index(self, key: int) -> int | None:
        return next((i for i in range(len(self._turns) - 1, -1, -1) if self._turns[i].key == key), None)

    def _put_draft(self, text: str) -> None:
        self.set_draft(text)
        self.draft_changed.emit(text)

    def _set_problem(self, problem: Problem | None) -> None:
        if problem != self._problem:
            self._problem = problem
            self.problem_changed.emit(problem)

    def _limit(self) -> int:
        return self._engine.model.context_tokens if self._engine.model else 0

    def _remember_context(self) -> None:
        if self._chat is None or self._chat.info.id in self._context or not self._limit():
            return
        stats = next((turn.stats for turn in reversed(self._turns) if turn.stats), None)
        if stats is not None:
            self._set_context(self._chat.info.id, ContextUse.after(stats, self._limit()))

    def _set_context(self, chat: int, use: ContextUse) -> None:
        self._context[chat] = use
        if self._chat is not None and self._chat.info.id == chat:
            self.context_changed.emit(use)

    def _set_emptiness(self) -> None:
        says: Emptiness = "ask"
        if self._turns:
            says = ""
        elif self._opening is not None:
            says = "loading_chat"
        elif self._engine.state == "no_model" and not self._has_models:
            says = "no_model"
        if says != self._emptiness:
            self._emptiness = says
            self.emptiness_changed.emit(says)
