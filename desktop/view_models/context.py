"""What the model would receive if the draft were sent now: by parts for the meter, by tokens for the panel.

Asks the core after a pause in typing, one question at a time. Counts nothing itself and chooses no words.
"""

from typing import Final

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.contract import Core
from desktop.core.events import ChatsChanged, CoreEvent, EngineStatus
from desktop.core.types import FilePart, PlannedPrompt, Problem
from desktop.view_models.bridge import follow, listen
from desktop.view_models.conversation import ConversationViewModel
from desktop.view_models.turn_list import PINNED, REPLY

PAUSE_MS: Final = 250
UNLOADED_MS: Final = 700
MOST_TOLD: Final = 400  # characters of a message that is left out


class LeftOut(msgspec.Struct, frozen=True):
    """A message of the chat that the model will not see. `mine`: the person wrote it."""

    key: int
    mine: bool
    text: str


class ContextViewModel(QObject):
    """One for the window. `prompt` is None while nothing is known; `problem` says why where it can."""

    changed = Signal()
    open_wanted = Signal()  # a person wants to see all of it

    def __init__(
        self, core: Core, conversation: ConversationViewModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._core = core
        self._conversation = conversation
        self.prompt: PlannedPrompt | None = None
        self.problem: Problem | None = None
        self.searches = False
        self._chat = 0  # of `prompt`
        self._detailed = False
        self._asking = False
        self._again = False
        self._engine: tuple[str, str] = ("", "")
        self._pins: tuple[int, ...] = ()
        self._files: tuple[FilePart, ...] = ()
        self._pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self._ask)
        self._connect()
        listen(core, self, self._core_event)

    def _connect(self) -> None:
        vm = self._conversation
        for signal in (vm.path_changed, vm.reply_ended, vm.draft_changed, vm.typed):
            signal.connect(self.look_again)
        vm.reset.connect(self._another_chat)
        vm.turn_changed.connect(self._turn_changed)
        vm.attachments.changed.connect(self._files_changed)

    @property
    def chat(self) -> int:
        """Of the conversation in front; 0: it is not stored."""
        chat = self._conversation.chat
        return chat.id if chat else 0

    @property
    def detailed(self) -> bool:
        """Whether the tokens are wanted too."""
        return self._detailed

    def set_detailed(self, detailed: bool) -> None:
        """Ask for the tokens from now on, or no longer."""
        if detailed != self._detailed:
            self._detailed = detailed
            if detailed:
                self._ask()

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """The messages that the model will not see, the oldest first."""
        if self.prompt is None:
            return ()
        gone, turns = set(self.prompt.plan.dropped), self._conversation.turns
        return tuple(
            LeftOut(key, not turns[at].is_reply, turns[at].text[:MOST_TOLD])
            for at, key in enumerate(turns.keys)
            if key in gone
        )

    @property
    def replies(self) -> frozenset[int]:
        """The messages that the model wrote."""
        return frozenset(self._conversation.turns.keys_with(REPLY))

    def set_searches(self, searches: bool) -> None:
        """Whether documents will be searched for the question: what they give is not known yet."""
        if searches != self.searches:
            self.searches = searches
            self.changed.emit()
            self.look_again()

    def pinned(self, key: int) -> bool:
        turn = self._conversation.turn(key)
        return turn is not None and turn.pinned

    def pin(self, key: int, *, pinned: bool) -> None:
        """Keep a message's turn in the context, or let it leave."""
        self._conversation.messages.pin(key, pinned=pinned)

    def look_again(self, *_: object) -> None:
        """Something may count differently now: ask after a pause."""
        self._pause.start(PAUSE_MS)

    # ── what changes it ──

    def _another_chat(self) -> None:
        if self._chat == 0 and self.prompt is not None and not self._conversation.turns:
            # it was just stored, for a question that counted as its draft
            self._chat = self.chat
            self.look_again()
            return
        if self._chat != self.chat:
            self._take(None, None)
        # without a loaded model a process of its own counts: opening a window need not wait beside it
        self._pause.start(0 if self._engine[0] else UNLOADED_MS)

    def _turn_changed(self, _index: int) -> None:
        pins = tuple(self._conversation.turns.keys_with(PINNED))
        if pins != self._pins:
            self._pins = pins
            self.look_again()

    def _files_changed(self) -> None:
        if self._conversation.attachments.files != self._files:
            self.look_again()

    def _core_event(self, event: CoreEvent) -> None:
        if isinstance(event, EngineStatus):
            # loaded or not, a model counts the same; one that loads will be asked when it is there
            engine = (event.model.path if event.model else event.path, str(event.state == "loading"))
            if engine != self._engine:
                self._engine = engine
                self.look_again()
        elif isinstance(event, ChatsChanged):  # a system prompt that was saved, a document switched on
            self.look_again()

    # ── asking ──

    def _ask(self) -> None:
        if self._asking:
            self._again = True
            return
        draft, self._files = self._conversation.draft, self._conversation.attachments.files
        nothing = not draft.strip() and not self._files
        if self._conversation.running and nothing and self.prompt is not None:
            return  # the question on its way was the draft a moment ago: it counts until its reply ends
        self._asking, self._again = True, False
        chat, detailed = self.chat, self._detailed
        follow(
            self._core.plan_prompt(chat, draft, tokens=detailed, files=self._files),
            self,
            on_result=lambda prompt: self._told(chat, detailed, prompt, None),
            on_error=lambda problem: self._told(chat, detailed, None, problem),
        )

    def _told(self, chat: int, detailed: bool, prompt: PlannedPrompt | None, problem: Problem | None) -> None:
        self._asking = False
        if chat == self.chat and detailed >= self._detailed:
            self._chat = chat
            self._take(prompt, problem)
        else:
            self._again = True
        if self._again:
            self._pause.start(PAUSE_MS)

    def _take(self, prompt: PlannedPrompt | None, problem: Problem | None) -> None:
        if (prompt, problem) != (self.prompt, self.problem):
            self.prompt, self.problem = prompt, problem
            self.changed.emit()
