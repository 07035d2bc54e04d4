"""One question, two sides: plans who answers where, has both answered, stores both. Draws nothing.

Both are branches of one chat; see packaging/decisions/0119. A second engine answers beside the first where
two models fit into the memory together; otherwise the first one answers both, one after the other.
"""

import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from desktop.core.chats.comparing import Turn
from desktop.core.chats.store import ChatStore
from desktop.core.chats.thread import StoreThread
from desktop.core.errors import CoreError, EmptyQuestion, UnknownPrompt
from desktop.core.events import ReplyEvent, TurnSaved
from desktop.core.operations import Operation, carry_out, start
from desktop.core.replies.chat_prompts import ChatPrompts
from desktop.core.replies.conversation import Conversations
from desktop.core.replies.saver import ReplySaver
from desktop.core.replies.side_answers import Plan, Sides, SideWriter
from desktop.core.types import Chat, FilePart, Problem, StoredMessage, TextPart
from desktop.core.types.comparing import (
    SIDES,
    ComparingEvent,
    Comparison,
    ComparisonPlanned,
    Side,
    SideEnded,
    SideEvent,
)
from desktop.core.types.prompts import ChatPrompt, PromptContent


@dataclass(frozen=True)
class _Run:
    """One side's reply on its way."""

    side: int
    turn: Turn
    operation: Operation[StoredMessage]
    write: Callable[[Operation[StoredMessage]], StoredMessage]
    emit: Callable[[ComparingEvent], None]

    @property
    def problem(self) -> Problem | None:
        error = self.operation.error()
        return None if error is None else error.problem()

    def carry_out(self) -> None:
        """On this thread."""
        carry_out(self.operation, self._work, f"side-{self.side}")

    def _work(self, operation: Operation[StoredMessage]) -> StoredMessage:
        try:
            reply = self.write(operation)
        except CoreError as error:
            self.emit(SideEnded(self.side, self.turn[1], error.problem()))
            raise
        self.emit(SideEnded(self.side, reply))
        return reply


class Comparisons:
    """One at a time in each chat. Its methods are described in `desktop.core.contract.comparing`."""

    def __init__(
        self,
        store: StoreThread,
        saver: ReplySaver,
        conversations: Conversations,
        prompts: ChatPrompts,
        sides: Sides,
        model_name: Callable[[str], str],
    ) -> None:
        """`model_name` of a model's path; "" where the file cannot be used."""
        self._store = store
        self._saver = saver
        self._conversations = conversations
        self._prompts = prompts
        self._sides = sides
        self._model_name = model_name
        self._lock = threading.Lock()
        self._running: dict[tuple[int, int], Operation[StoredMessage]] = {}

    def open(self, chat: int) -> Operation[Comparison]:
        return self._store.operation(lambda chats: self._now(chats, chat), "open comparison")

    def compare(
        self, chat: int, text: str, sides: tuple[Side, Side], files: tuple[FilePart, ...]
    ) -> Operation[Comparison]:
        def work(operation: Operation[Comparison]) -> Comparison:
            if not text.strip() and not files:
                raise EmptyQuestion
            return self._conversations.alone(
                chat, operation, lambda: self._compare(chat, text.strip(), sides, files, operation)
            )

        return start(work, f"compare-{chat}")

    def stop(self, chat: int, side: int) -> None:
        with self._lock:
            running = self._running.get((chat, side))
        if running is not None:
            running.cancel()

    def keep(self, chat: int, number: int) -> Operation[Chat]:
        def work(chats: ChatStore) -> Chat:
            side = chats.end_comparison(chat, number)
            if side.prompt_key:
                with contextlib.suppress(UnknownPrompt):  # deleted meanwhile: the chat's own stays
                    self._prompts.choose(chats, chat, side.prompt_key)
            elif side.prompt is not None:
                self._prompts.edit(chats, chat, PromptContent(text=side.prompt))
            if side.values:
                chats.set_reply_values(chat, {**chats.reply_values(chat), **side.values})
            return self._saver.with_unsaved(chats.chat(chat))

        return self._conversations.change_chat(chat, work)

    def again(self, chat: int, side: int) -> Operation[Comparison]:
        def work(operation: Operation[Comparison]) -> Comparison:
            return self._conversations.alone(chat, operation, lambda: self._again(chat, side, operation))

        return start(work, f"again-{chat}-{side}")

    # ── a turn ──

    def _compare(
        self,
        chat: int,
        text: str,
        sides: tuple[Side, Side],
        files: tuple[FilePart, ...],
        operation: Operation[Comparison],
    ) -> Comparison:
        plan = self._sides.plan(sides)
        names = self._names(plan)
        prompts = {n: self._prompt(chat, sides[n], names[n]) for n in range(SIDES)}
        written = (TextPart(text),) if text else ()
        turns = self._store.call(
            lambda chats: chats.add_compared_turns(chat, (*written, *files), sides, names)
        )
        return self._answered(chat, plan, sides, dict(enumerate(turns)), prompts, operation)

    def _again(self, chat: int, side: int, operation: Operation[Comparison]) -> Comparison:
        before = self._store.call(lambda chats: chats.comparison(chat))
        sides = (before.sides[0].side, before.sides[1].side)
        plan = self._sides.plan(sides)
        name = self._names(plan)[side]
        prompts = {side: self._prompt(chat, sides[side], name)}
        turn = self._store.call(lambda chats: chats.add_compared_reply(chat, side, name))
        return self._answered(chat, plan, sides, {side: turn}, prompts, operation)

    def _names(self, plan: Plan) -> tuple[str, str]:
        return self._model_name(plan.paths[0]), self._model_name(plan.paths[1])

    def _prompt(self, chat: int, side: Side, model_name: str) -> ChatPrompt:
        return self._store.call(
            lambda chats: self._prompts.for_side(chats, chat, side.prompt_key, side.prompt, model_name)
        )

    def _answered(
        self,
        chat: int,
        plan: Plan,
        sides: tuple[Side, Side],
        turns: Mapping[int, Turn],
        prompts: Mapping[int, ChatPrompt],
        operation: Operation[Comparison],
    ) -> Comparison:
        """Both sides, or one of them, once their turns are stored."""
        operation.emit(ComparisonPlanned(plan.in_turn))

        def no_room() -> None:
            operation.emit(ComparisonPlanned("memory"))

        replies = self._conversations
        writer = SideWriter(self._store, self._saver, replies.writer, replies.grounds, plan, no_room)
        runs: dict[int, _Run] = {}
        for n, turn in turns.items():
            running: Operation[StoredMessage] = Operation()
            running.subscribe(_tagged(n, operation))
            running.emit(TurnSaved(*turn))  # before its turn comes: the question stands on both sides
            operation.on_cancel(running.cancel)
            write = writer.writing(n, turn, sides[n], prompts[n])
            runs[n] = _Run(n, turn, running, write, operation.emit)
        with self._lock:
            self._running.update({(chat, n): run.operation for n, run in runs.items()})
        try:
            self._carry_out([runs[n] for n in plan.order if n in runs], together=not plan.in_turn)
        finally:
            with self._lock:
                for n in runs:
                    self._running.pop((chat, n), None)
        compared = self._store.call(lambda chats: self._now(chats, chat))
        first, second = (runs[n].problem if n in runs else None for n in range(SIDES))
        return replace(compared, problems=(first, second))

    def _carry_out(self, runs: list["_Run"], *, together: bool) -> None:
        """Until all have ended, however they do."""
        if not together:
            for run in runs:
                run.carry_out()
            return
        threads = [threading.Thread(target=run.carry_out, name=f"side-{run.side}") for run in runs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _now(self, chats: ChatStore, chat: int) -> Comparison:
        """As it is stored, and as it would be if the disk had taken everything."""
        found = chats.comparison(chat)

        def fresh(messages: tuple[StoredMessage, ...]) -> tuple[StoredMessage, ...]:
            return self._saver.with_unsaved(Chat(found.chat, "", (), messages)).messages

        first, second = (replace(side, messages=fresh(side.messages)) for side in found.sides)
        return replace(found, sides=(first, second))


def _tagged(side: int, operation: Operation[Comparison]) -> Callable[[ReplyEvent], None]:
    return lambda event: operation.emit(SideEvent(side, event))
