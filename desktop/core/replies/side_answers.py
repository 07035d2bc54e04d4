"""Which engine answers which side, and a side's reply from its branch. Stores no turn, tells nobody."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from msgspec.structs import replace

from desktop.core.answers.grounds import Grounds
from desktop.core.chats.comparing import Turn
from desktop.core.chats.thread import StoreThread
from desktop.core.errors import Reported
from desktop.core.events import ExcerptsFound
from desktop.core.operations import Operation
from desktop.core.replies.answering import Answering, Question
from desktop.core.replies.saver import Draft, ReplySaver
from desktop.core.replies.turns_before import ChatSummaries, TurnsBefore, messages_before
from desktop.core.replies.two_models import both_fit
from desktop.core.replies.writer import ReplyWriter
from desktop.core.settings import Settings
from desktop.core.types import Chat, Excerpt, ExcerptsPart, ReplyOptions, StoredMessage
from desktop.core.types.comparing import InTurn, Side
from desktop.core.types.prompts import ChatPrompt
from desktop.core.workers.devices import KnownDevices, wanted
from desktop.core.workers.engine import EngineClient
from engine.errors import ModelLoadFailed, ModelTooLarge, NoMemory
from engine.protocol import LoadModel, Stats

# llama.cpp does not say why a load failed: with the memory of the other model it may not
NO_ROOM: Final = (ModelTooLarge.code, NoMemory.code, ModelLoadFailed.code)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """Who answers. `answering` of each side; `order` in which they begin where they answer in turn."""

    paths: tuple[str, str]  # of the models
    answering: tuple[Answering, Answering]
    first: Answering  # the engine of ordinary replies
    in_turn: InTurn
    order: tuple[int, int]
    give_up: Callable[[], None]  # the second engine's memory


class Sides:
    """The two engines."""

    def __init__(
        self,
        engine: EngineClient,
        answering: Answering,
        second_engine: EngineClient,
        second: Answering,
        devices: KnownDevices,
        settings: Settings,
    ) -> None:
        self._engine = engine
        self._answering = answering
        self._second_engine = second_engine
        self._second = second
        self._devices = devices
        self._settings = settings

    @property
    def second_pid(self) -> int | None:
        return self._second_engine.pid

    def leave(self) -> None:
        """Nobody compares any more. Blocks until the second engine is done."""
        self._second_engine.end()

    def plan(self, sides: tuple[Side, Side]) -> Plan:
        """Raises what `Answering.load_request` does."""
        wishes = (
            self._answering.load_request(sides[0].model),
            self._answering.load_request(sides[1].model),
        )
        # the side whose model the first engine has, else the first side, needs nothing loaded anew
        ahead = self._has(self._engine, wishes[1]) and not self._has(self._engine, wishes[0])
        order = (1, 0) if ahead else (0, 1)
        in_turn = self._in_turn(wishes[order[0]], wishes[order[1]])
        beside = self._answering if in_turn else self._second
        answering = (beside, self._answering) if ahead else (self._answering, beside)
        if in_turn:
            self._second_engine.end()  # whose memory the next model may need
        paths = (wishes[0].path, wishes[1].path)
        return Plan(paths, answering, self._answering, in_turn, order, self._second_engine.end)

    def _in_turn(self, first: LoadModel, second: LoadModel) -> InTurn:
        """Why not at the same time."""
        if first.path == second.path:
            return "one_model"
        engines = ((self._engine, first), (self._second_engine, second))
        coming = [wish.path for engine, wish in engines if not self._has(engine, wish)]
        leaving = [
            engine.status.path
            for engine, wish in engines
            if engine.status.model is not None and not self._has(engine, wish)
        ]
        devices = self._devices.to_use(self._settings)
        return "" if both_fit(coming, devices, wanted(self._settings), leaving) else "memory"

    @staticmethod
    def _has(engine: EngineClient, wish: LoadModel) -> bool:
        return engine.loaded_as(wish) is not None


class SideWriter:
    """Writes the replies of one turn of both sides."""

    def __init__(
        self,
        store: StoreThread,
        saver: ReplySaver,
        writer: ReplyWriter,
        grounds: Grounds,
        plan: Plan,
        no_room: Callable[[], None],
    ) -> None:
        """`no_room` is told when the second model found no room after all."""
        self._store = store
        self._saver = saver
        self._writer = writer
        self._grounds = grounds
        self._plan = plan
        self._no_room = no_room
        self._searching = threading.Lock()
        self._found: ExcerptsPart | None = None

    def writing(
        self, number: int, turn: Turn, side: Side, prompt: ChatPrompt
    ) -> Callable[[Operation[StoredMessage]], StoredMessage]:
        """The work of one side."""
        question, reply = turn

        def work(operation: Operation[StoredMessage]) -> StoredMessage:
            def write(draft: Draft) -> Stats:
                asked = self._question(number, question, side, prompt, operation)
                return self._answered(number, asked, operation, draft)

            return self._writer.fill(reply, operation, write)

        return work

    def _answered(self, number: int, asked: Question, operation: Operation[Any], draft: Draft) -> Stats:
        def fewer(fitting: tuple[Excerpt, ...]) -> None:
            # not frozen: the other side may have room for all of them
            operation.emit(ExcerptsFound(fitting))

        answering = self._plan.answering[number]
        try:
            return answering.reply(asked, operation, draft, fewer)[0]
        except Reported as error:
            if answering is self._plan.first or error.problem().code not in NO_ROOM or draft.text:
                raise
            log.info("no room for a second model after all: %s", error)
        self._no_room()
        self._plan.give_up()
        return self._plan.first.reply(asked, operation, draft, fewer)[0]

    def _question(
        self,
        number: int,
        question: StoredMessage,
        side: Side,
        prompt: ChatPrompt,
        operation: Operation[Any],
    ) -> Question:
        chat, values = self._store.call(
            lambda chats: (chats.chat(question.chat), chats.reply_values(question.chat))
        )
        compared = self._store.call(lambda chats: chats.comparison(question.chat))
        branch = replace(chat, messages=compared.sides[number].messages)
        return Question(
            question.text,
            prompt.text,
            tuple(TurnsBefore(messages_before(self._saver.with_unsaved(branch), question.id))),
            self._excerpts(chat, question, operation),
            question.files,
            model=self._plan.paths[
                number
            ],  # by name: whoever compares it asks for it, whatever it did before
            values={**values, **side.values},
            options=ReplyOptions(json_schema=prompt.content.json_schema),
            summaries=ChatSummaries(self._store),
            chat=None if chat.info.temporary else chat.info.id,
            side=number,
            examples=prompt.examples,
        )

    def _excerpts(
        self, chat: Chat, question: StoredMessage, operation: Operation[Any]
    ) -> tuple[Excerpt, ...]:
        """Looked for once for both sides, and frozen into the question of each."""
        if not chat.collections or not question.text:
            return ()
        with self._searching:
            if self._found is None:
                self._found = self._grounds.passages(
                    chat, messages_before(chat, question.id), question, operation
                )
            else:
                operation.emit(ExcerptsFound(self._found.excerpts))
            if not any(isinstance(part, ExcerptsPart) for part in question.parts):
                self._writer.freeze(question, self._found)
            return self._found.excerpts
