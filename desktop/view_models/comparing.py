"""Two answers side by side: what each side is asked with, both replies on their way, what is kept.

Holds no words and no widgets; what a pane shows stands in desktop.view_models.comparing_side.
"""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.errors import Cancelled
from desktop.core.events import TurnSaved
from desktop.core.operations import Operation
from desktop.core.types import Chat, ChatInfo, FilePart, Problem
from desktop.core.types.comparing import (
    SIDES,
    ComparingEvent,
    Comparison,
    ComparisonPlanned,
    InTurn,
    Side,
    SideEnded,
    SideEvent,
)
from desktop.core.types.prompts import PromptInfo
from desktop.view_models.bridge import follow
from desktop.view_models.chat_path import ComparedPaths, paths_of
from desktop.view_models.comparing_side import SideViewModel
from desktop.view_models.conversation import ConversationViewModel
from desktop.view_models.turn_list import TurnList

# how both are answered, as far as it is known; "alike": nothing differs between them yet
Way = Literal["alike", "one_model", "two_models", "together", "memory"]


class ComparisonViewModel(QObject):
    """One for the window. It compares the chat that was in front when its page came to the front.

    What is being written is the chat's own draft, with the files that are attached to it: whoever goes from
    the conversation to the comparison, or back, finds it there, and it outlives the program.
    """

    changed = Signal()  # `sides[n].side`, `way`, `can_keep`, `running`
    prompts_changed = Signal()
    draft_changed = Signal(str)  # not by typing
    problem_changed = Signal(object)  # Problem or None: why nothing was asked
    kept = Signal(int)  # a chat that goes on with one side
    moved = Signal(int)  # this chat has other messages than before

    def __init__(
        self, core: Core, conversation: ConversationViewModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._core = core
        self._conversation = conversation
        self.attachments = conversation.attachments
        self.sides = tuple(SideViewModel(core, number, self) for number in range(SIDES))
        self.chat: ChatInfo | None = None
        self.prompts: tuple[PromptInfo, ...] = ()
        self.shown = False  # its page is in front
        self.problem: Problem | None = None
        self._stored = False  # the chat keeps two branches
        self._planned: InTurn | None = None
        self._begun: set[int] = set()  # the sides that had their turn
        self._operation: Operation[Comparison] | None = None
        self._creating = False
        self._stop_wanted = False  # while the chat is being made
        self._opening: int | None = None
        conversation.draft_changed.connect(self.draft_changed)
        for side in self.sides:
            side.stop_wanted.connect(lambda side=side: self.stop_side(side.number))
            side.again_wanted.connect(lambda side=side: self.answer_again(side.number))
            side.failed.connect(self._fail)
            side.quoted.connect(self._quote)

    # ── what is shown ──

    @property
    def running(self) -> bool:
        return self._operation is not None or self._creating

    @property
    def draft(self) -> str:
        return self._conversation.draft

    @property
    def longest_paste(self) -> int:
        """Characters of a paste that stays text; 0: any."""
        return self._conversation.longest_paste

    @property
    def can_keep(self) -> bool:
        return self._stored and not self.running

    @property
    def way(self) -> Way:
        first, second = self.sides[0].side, self.sides[1].side
        if self._planned is not None:
            return self._planned or "together"
        if first == second:
            return "alike"
        return "one_model" if self._path(first) == self._path(second) else "two_models"

    def _path(self, side: Side) -> str:
        return side.model or str(self._core.setting("model_path"))

    # ── coming and going ──

    def enter(self, chat: ChatInfo | None) -> None:
        """The page came to the front, beside this chat; None: a new one."""
        self.shown = True
        self.draft_changed.emit(self.draft)  # what was typed in the conversation
        follow(self._core.list_prompts(), self, on_result=self._listed, on_error=self._fail)
        if self.running:
            return
        if chat is None:
            if self.chat is not None or any(side.turns for side in self.sides):
                self._show_new()
            return
        self._opening = chat.id
        if self.chat is None or self.chat.id != chat.id:
            for side in self.sides:
                side.show(chat, TurnList(), loading=True)
        opening = self._core.open_comparison(chat.id)
        follow(opening, self, on_result=self._opened, on_error=self._not_opened, made=paths_of)

    def leave(self) -> None:
        """Another page came to the front: what answers goes on, and then the second engine ends."""
        if self.shown:
            self.shown = False
            self._conversation.draft_changed.emit(self.draft)  # what was typed here
            follow(self._core.leave_comparison(), self, on_error=lambda _: None)

    def _show_new(self) -> None:
        self.chat, self._stored, self._planned = None, False, None
        for side in self.sides:
            side.show(None, TurnList())
        self._set_problem(None)
        self.changed.emit()

    def _opened(self, paths: ComparedPaths) -> None:
        found = paths.comparison
        if self.running or found.chat.id != self._opening:
            return
        self._opening = None
        other = self.chat is None or self.chat.id != found.chat.id
        self.chat, self._stored = found.chat, found.kept
        if other:
            self._planned = None
        for side, stored, turns in zip(self.sides, found.sides, paths.turns, strict=True):
            side.show(found.chat, turns)
            if found.kept or other:
                side.side = stored.side if found.kept else side.side
        self._set_problem(None)
        self.changed.emit()

    def _not_opened(self, problem: Problem) -> None:
        self._opening = None
        self._show_new()
        self._fail(problem)

    def _listed(self, prompts: tuple[PromptInfo, ...]) -> None:
        self.prompts = tuple(prompt for prompt in prompts if prompt.version or not prompt.own)
        self.prompts_changed.emit()

    # ── what the sides are asked with ──

    def choose_model(self, number: int, path: str) -> None:
        """ "": the one that is chosen for all."""
        self._choose(number, replace(self.sides[number].side, model=path))

    def choose_prompt(self, number: int, key: str) -> None:
        """A prompt of the library; "": the chat's own."""
        self._choose(number, replace(self.sides[number].side, prompt_key=key, prompt=None))

    def write_prompt(self, number: int, text: str) -> None:
        """A text of the side's own."""
        self._choose(number, replace(self.sides[number].side, prompt_key="", prompt=text))

    def _choose(self, number: int, side: Side) -> None:
        if side != self.sides[number].side:
            self.sides[number].side = side
            self._planned = None
            self.changed.emit()

    # ── asking ──

    def type(self, text: str) -> None:
        self._conversation.set_draft(text)

    def send(self) -> None:
        """Ask both what is written, with its files. While they answer, or a file is read, nothing happens."""
        text, waits = (
            self.draft.strip(),
            self.running or self._opening is not None or self.attachments.reading,
        )
        if not (text or self.attachments.files) or waits:
            return
        self._set_problem(None)
        self._conversation.put_draft("")
        files = self.attachments.take()
        if self.chat is not None:
            self._ask(self.chat, text, files)
            return
        self._creating, self._stop_wanted = True, False
        self.changed.emit()

        def created(chat: Chat) -> None:
            self._creating = False
            self.chat = chat.info
            self._ask(chat.info, text, files)
            self._conversation.take_chat(chat)  # what was typed since is for this one
            if self._stop_wanted:
                self.stop()

        def failed(problem: Problem) -> None:
            self._creating = False
            self._not_asked(None, text, files, problem)

        follow(self._core.create_chat(), self, on_result=created, on_error=failed)

    def _ask(self, chat: ChatInfo, text: str, files: tuple[FilePart, ...]) -> None:
        sides = (self.sides[0].side, self.sides[1].side)
        operation = self._core.compare(chat.id, text, sides, files)
        for side in self.sides:
            side.ask(chat, text, files, operation)
        self._follow(chat, operation, text, files)

    def answer_again(self, number: int) -> None:
        """The last question of one side once more, beside what it said."""
        if self.chat is None or self.running or not self._stored:
            return
        operation = self._core.answer_side_again(self.chat.id, number)
        self.sides[number].ask_again(operation)
        self._follow(self.chat, operation)

    def _follow(
        self,
        chat: ChatInfo,
        operation: Operation[Comparison],
        text: str = "",
        files: tuple[FilePart, ...] = (),
    ) -> None:
        self._operation = operation
        self._begun.clear()
        self.changed.emit()

        def failed(problem: Problem) -> None:
            self._operation = None
            for side in self.sides:
                side.take_back()
            self._not_asked(chat.id, text, files, problem)
            self.moved.emit(chat.id)

        follow(operation, self, on_event=self._take, on_result=self._done, on_error=failed, made=paths_of)

    def _take(self, event: ComparingEvent) -> None:
        match event:
            case ComparisonPlanned(in_turn=in_turn):
                self._planned = in_turn
                self.changed.emit()
                if self.chat is not None:
                    self.moved.emit(self.chat.id)
            case SideEvent(side=side, event=told):
                self.sides[side].take(told)
                if self._planned and not isinstance(told, TurnSaved) and side not in self._begun:
                    self._begun.add(side)
                    if len(self._begun) == 1:
                        self.sides[1 - side].come_after()
            case SideEnded(side=side, reply=reply, problem=problem):
                self.sides[side].end(reply, problem)

    def _done(self, paths: ComparedPaths) -> None:
        self._operation = None
        result = paths.comparison
        self.chat, self._stored = result.chat, True
        for side, turns in zip(self.sides, paths.turns, strict=True):
            side.take_result(result.chat, turns)
        self.changed.emit()
        self.moved.emit(result.chat.id)
        front = self._conversation.chat
        if self.shown and front is not None and front.id != result.chat.id:
            self.enter(front)  # another chat came to the front while this one was answered

    def _not_asked(self, chat: int | None, text: str, files: tuple[FilePart, ...], problem: Problem) -> None:
        self._conversation.give_back(chat, text, files)
        self._fail(problem)

    def stop(self) -> None:
        """Both. What is written stays."""
        self._stop_wanted = True
        if self._operation is not None:
            self._operation.cancel()

    def stop_side(self, number: int) -> None:
        if self._operation is not None and self.chat is not None:
            self._core.stop_side(self.chat.id, number)

    def keep(self, number: int) -> None:
        """Go on with one side, in the conversation, with the model that answered it."""
        if self.chat is None or not self.can_keep:
            return
        model = self.sides[number].side.model

        def done(chat: Chat) -> None:
            self._stored = False
            self.chat = None
            self.kept.emit(chat.info.id)
            if model and model != str(self._core.setting("model_path")):
                follow(self._core.load_model(model), self, on_error=lambda _: None)  # its status tells

        follow(self._core.keep_side(self.chat.id, number), self, on_result=done, on_error=self._fail)

    # ── small things ──

    def _quote(self, text: str) -> None:
        before = self.draft.rstrip()
        self._conversation.put_draft((f"{before}\n\n" if before else "") + text + "\n\n")

    def _set_problem(self, problem: Problem | None) -> None:
        self.problem = problem
        self.problem_changed.emit(problem)

    def _fail(self, problem: Problem) -> None:
        if problem.code != Cancelled.code:
            self._set_problem(problem)
        self.changed.emit()
