"""Two answers side by side, as the fake core offers them.

core.in_turn = "memory"            # two models do not fit; "" (the default): they do
core.side_scripts[1] = Script(...)  # what one side answers by itself
"""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from desktop.core.errors import CoreError, EmptyQuestion, ReplyRunning, UnknownMessage
from desktop.core.events import EngineStatus
from desktop.core.models.names import shown_name
from desktop.core.operations import Operation
from desktop.core.types import Chat, FilePart, Problem, StoredMessage
from desktop.core.types.comparing import (
    ComparedSide,
    Comparison,
    ComparisonPlanned,
    InTurn,
    KeptSide,
    Side,
    SideEnded,
    SideEvent,
)
from desktop.core.types.prompts import PromptContent
from tests.fakes.chats import FakeChats
from tests.fakes.replies import FakeReply, Script, play


class FakeComparing:
    """What `FakeCore` inherits."""

    automatic: bool
    script: Script
    chats: FakeChats
    engine: EngineStatus
    settings: dict[str, object]
    replies: list[FakeReply]
    chat_values: dict[int, Any]
    chat_prompts: Any
    prompt_store: Any
    tell: Callable[..., None]
    chats_changed: Callable[[], Any]
    _now: Callable[..., Operation[Any]]
    _change_chats: Callable[..., Operation[Any]]
    _note: Callable[..., None]

    def _open_comparing(self) -> None:
        self.in_turn: InTurn = ""
        self.side_scripts: dict[int, Script] = {}
        self._compared: dict[int, tuple[KeptSide, KeptSide]] = {}
        self._sides: dict[tuple[int, int], FakeReply] = {}

    def open_comparison(self, chat: int) -> Operation[Comparison]:
        return self._now("open_comparison", lambda: self._comparison(chat), chat)

    def compare(
        self, chat: int, text: str, sides: tuple[Side, Side], files: tuple[FilePart, ...] = ()
    ) -> Operation[Comparison]:
        operation: Operation[Comparison] = Operation()
        try:
            self._note("compare", chat, text, sides, *((files,) if files else ()))
            if not text.strip() and not files:
                raise EmptyQuestion
            if any(not reply.over and reply.reply.chat == chat for reply in self.replies):
                raise ReplyRunning(chat=chat)
            for side in sides:
                name = shown_name(self._path_of(side))
                self.chat_prompts.for_side(self.prompt_store, chat, side.prompt_key, side.prompt, name)
            runs = self._ask(chat, text.strip(), sides, files)
        except CoreError as error:
            operation.fail(error)
            return operation
        one = self._path_of(sides[0]) == self._path_of(sides[1])
        in_turn: InTurn = "one_model" if one else self.in_turn
        operation.emit(ComparisonPlanned(in_turn))
        for side, run in enumerate(runs):
            self._follow(side, run, operation, runs)
        self.replies += runs
        self.tell(self.chats_changed())
        if self.automatic:
            self._play(runs, in_turn=bool(in_turn))
        return operation

    def answer_side_again(self, chat: int, side: int) -> Operation[Comparison]:
        operation: Operation[Comparison] = Operation()
        try:
            self._note("answer_side_again", chat, side)
            before = self._comparison(chat)
            if not before.kept:
                raise UnknownMessage(message=0)
            kept = self._compared[chat]
            old = self.chats.message(kept[side].leaf)
            shown = self.chats.get(chat).messages[-1].id
            self.chats._show(chat, old.parent)
            question = self.chats.message(old.parent or 0)
            reply = self.chats.add_message(chat, "assistant", model=old.model)
            self.chats._show(chat, reply.id if shown == old.id else shown)
            now = KeptSide(kept[side].side, reply.id)
            self._compared[chat] = (now, kept[1]) if side == 0 else (kept[0], now)
        except CoreError as error:
            operation.fail(error)
            return operation
        run = FakeReply(self.chats, question, self.chats.message(reply.id), lambda: None)
        self._sides[chat, side] = run
        self.replies.append(run)
        operation.emit(ComparisonPlanned(""))
        self._follow(side, run, operation, (run, run))
        if self.automatic:
            play(run, self.side_scripts.get(side, self.script))
        return operation

    def stop_side(self, chat: int, side: int) -> None:
        self._note("stop_side", chat, side)
        running = self._sides.get((chat, side))
        if running is not None:
            running.operation.cancel()

    def keep_side(self, chat: int, side: int) -> Operation[Chat]:
        def work() -> Chat:
            if any(not reply.over and reply.reply.chat == chat for reply in self.replies):
                raise ReplyRunning(chat=chat)
            if not self._comparison(chat).kept:
                raise UnknownMessage(message=0)
            kept = self._compared.pop(chat)[side]
            self.chats._show(chat, kept.leaf)
            if kept.side.prompt_key:
                self.chat_prompts.choose(self.prompt_store, chat, kept.side.prompt_key)
            elif kept.side.prompt is not None:
                self.chat_prompts.edit(self.prompt_store, chat, PromptContent(text=kept.side.prompt))
            if kept.side.values:
                self.chat_values[chat] = {**self.chat_values.get(chat, {}), **kept.side.values}
            return self.chats.get(chat)

        return self._change_chats("keep_side", work, chat, side)

    def leave_comparison(self) -> Operation[None]:
        return self._now("leave_comparison", lambda: None)

    # ── how ──

    def _path_of(self, side: Side) -> str:
        chosen = str(self.settings["model_path"]) or (self.engine.model.path if self.engine.model else "")
        return side.model or chosen

    def _comparison(self, chat: int) -> Comparison:
        shown = self.chats.get(chat)
        kept = self._compared.get(chat)
        last = shown.messages[-1].id if shown.messages else 0
        if kept is None or last not in (kept[0].leaf, kept[1].leaf):
            alike = ComparedSide(Side(), shown.messages)
            return Comparison(shown.info, (alike, alike), kept=False)
        first, second = (ComparedSide(one.side, self._branch(one.leaf)) for one in kept)
        return Comparison(shown.info, (first, second))

    def _branch(self, leaf: int) -> tuple[StoredMessage, ...]:
        return tuple(self.chats.message(number) for number in self.chats._path(leaf))

    def _ask(
        self, chat: int, text: str, sides: tuple[Side, Side], files: tuple[FilePart, ...]
    ) -> tuple[FakeReply, FakeReply]:
        before = self._comparison(chat)
        leaves = [side.messages[-1].id if side.messages else None for side in before.sides]
        questions: dict[int | None, StoredMessage] = {}
        for leaf in leaves:
            if leaf not in questions:
                self.chats._show(chat, leaf)
                questions[leaf] = self.chats.add_message(chat, "user", text, files=files)
        replies = []
        for leaf, side in zip(leaves, sides, strict=True):
            self.chats._show(chat, questions[leaf].id)
            name = shown_name(self._path_of(side))
            replies.append(self.chats.add_message(chat, "assistant", model=name))
        first, second = replies
        self.chats._show(chat, first.id)
        self._compared[chat] = (KeptSide(sides[0], first.id), KeptSide(sides[1], second.id))
        runs = tuple(
            FakeReply(self.chats, questions[leaf], self.chats.message(reply.id), lambda: None)
            for leaf, reply in zip(leaves, replies, strict=True)
        )
        self._sides |= {(chat, side): run for side, run in enumerate(runs)}
        return runs[0], runs[1]

    def _follow(
        self,
        side: int,
        run: FakeReply,
        operation: Operation[Comparison],
        runs: tuple[FakeReply, FakeReply],
    ) -> None:
        def ended(finished: Operation[StoredMessage]) -> None:
            error = finished.error()
            problem = error.problem() if error is not None else None
            reply = run.reply if error is not None else finished.result()
            operation.emit(SideEnded(side, reply, problem))
            if all(one.over for one in runs) and not operation.done:
                problems = [self._problem(one) for one in runs]
                compared = self._comparison(reply.chat)
                operation.finish(replace(compared, problems=(problems[0], problems[1])))
                self.tell(self.chats_changed())

        run.operation.subscribe(lambda event: operation.emit(SideEvent(side, event)))
        run.operation.when_done(ended)
        operation.on_cancel(run.operation.cancel)

    @staticmethod
    def _problem(run: FakeReply) -> Problem | None:
        error = run.operation.error()
        return None if error is None else error.problem()

    def _play(self, runs: tuple[FakeReply, FakeReply], *, in_turn: bool) -> None:
        scripts = [self.side_scripts.get(side, self.script) for side in range(2)]
        if in_turn:
            runs[0].operation.when_done(lambda _: play(runs[1], scripts[1]))
            play(runs[0], scripts[0])
        else:
            for run, script in zip(runs, scripts, strict=True):
                play(run, script)
