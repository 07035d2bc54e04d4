"""What the conversation shows: the chat, its turns, drafts, how full the context is; signals and small reads.

Asks the core for nothing.
"""

from typing import Final, Literal

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.contract import Core
from desktop.core.events import EngineStatus
from desktop.core.types import Chat, ChatInfo, Problem
from desktop.view_models.drafts import Drafts
from desktop.view_models.replies import RunningReply
from desktop.view_models.turn_list import TurnList
from desktop.view_models.turns import ContextUse, Turn

ENDED_KEPT: Final = 16  # replies
PACK_MS: Final = 200  # between two packs of turns: nobody waits for them

Emptiness = Literal["", "loading_chat", "no_model", "ask", "side"]


class ConversationState(QObject):
    """What `ConversationViewModel` shows."""

    chat_changed = Signal(object)  # ChatInfo of the chat shown, or None for one that is not stored yet
    reset = Signal()  # `turns` are others altogether
    turns_replaced = Signal(int)  # from this index on `turns` are others; those before are as they were
    path_changed = Signal(int)  # as `turns_replaced`, when a person chose another branch
    turn_changed = Signal(int)  # the turn at this index has another state, but no other text
    text_added = Signal(int, str)  # text at the end of the turn at this index
    running_changed = Signal(bool)  # a reply of the shown chat runs
    reply_ended = Signal(int)  # index of a reply of the shown chat that has just ended
    ended_elsewhere = Signal(int, str)  # a chat that is not shown, and how its reply ended: "complete", …
    typed = Signal()  # the draft of the shown chat is another, by typing or not
    draft_changed = Signal(str)  # the draft of the shown chat is another, not by typing
    context_changed = Signal(object)  # ContextUse or None
    emptiness_changed = Signal(str)  # what an empty conversation says
    problem_changed = Signal(object)  # Problem or None: a send that could not begin
    engine_changed = Signal(object)  # EngineStatus
    repeated = Signal(int, object)  # a reply's key, and the Repetition that it came to
    citation_activated = Signal(object)  # the Citation whose source a person wants to see
    model_wanted = Signal()  # a person wants to choose a model
    fixed = False  # True: messages can be read and copied, and neither changed nor followed by others

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._chat: Chat | None = None
        self._opening: int | None = None
        self._turns = TurnList()
        self._packing = QTimer(self, interval=PACK_MS, singleShot=True)
        self._packing.timeout.connect(self._pack)
        self._running: dict[int, RunningReply] = {}
        self._ended: dict[int, Turn] = {}  # the last ones: a chat read before its reply ended is put right
        self._drafts = Drafts(core, self)
        self._drafts.read.connect(lambda: self.draft_changed.emit(self.draft))
        self._context: dict[int, ContextUse] = {}
        self._engine = EngineStatus("no_model")
        self._problem: Problem | None = None
        self._creating = False
        self._stop_wanted = False  # while the chat is being created
        self._has_models = True  # until the core says otherwise
        self._emptiness: Emptiness = "ask"

    # ── what is shown ──

    @property
    def chat(self) -> ChatInfo | None:
        return self._chat.info if self._chat else None

    @property
    def stored(self) -> Chat | None:
        """The chat with all that was read of it but its messages: see `turns`."""
        return self._chat

    @property
    def turns(self) -> TurnList:
        """As they are now, and always: whoever wants to keep some takes them out."""
        return self._turns

    @property
    def running(self) -> bool:
        """A reply of the shown chat is on its way."""
        return self._creating or (self._chat is not None and self._chat.info.id in self._running)

    @property
    def engine(self) -> EngineStatus:
        return self._engine

    @property
    def draft(self) -> str:
        return self._drafts.get(self._chat.info.id if self._chat else None)

    @property
    def longest_paste(self) -> int:
        """Characters of a text that is pasted and stays text; a longer one becomes a file. 0: any."""
        return int(str(self._core.setting("long_paste_characters")))

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

    # ── small things ──

    def _shows(self, running: RunningReply) -> bool:
        return self._chat is not None and self._chat.info.id == running.chat

    def _index(self, key: int) -> int | None:
        return self._turns.index_of(key)

    def _pack_soon(self) -> None:
        """There may be more turns now that are far from what a person reads."""
        if not self._packing.isActive():  # replies in a row do not put it off
            self._packing.start()

    def _pack(self) -> None:
        if self._turns.pack_one():
            self._packing.start()

    def set_draft(self, text: str) -> None:
        """Keep what stands in the composer, per chat."""
        self._drafts.set(self._chat.info.id if self._chat else None, text)
        self.typed.emit()

    def save_drafts(self) -> None:
        """Now: the program is about to end."""
        self._drafts.save()

    def put_draft(self, text: str) -> None:
        """Have this stand in the composer, whatever stood there."""
        self.set_draft(text)
        self.draft_changed.emit(text)

    def forget_problem(self) -> None:
        """What kept the last question from being taken up is settled."""
        self._set_problem(None)

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
