"""From a question to a reply: find excerpts, plan the prompt, load the model, follow the stream.

Stores nothing: whoever asks says where the text goes and what happens to excerpts.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from desktop.core.errors import Cancelled, Reported
from desktop.core.events import (
    Planned,
)
from desktop.core.models import ModelChoices, ModelShelf
from desktop.core.operations import Operation
from desktop.core.replies.choices import ReplyChoices
from desktop.core.replies.context_plan import LEAST_REPLY_TOKENS, Planner
from desktop.core.replies.following import Sink, follow
from desktop.core.replies.jobs import EngineJobs
from desktop.core.replies.kv_states import KvStates
from desktop.core.replies.layout import Layout, Turn, example_pieces, question_piece
from desktop.core.replies.settings import ReplyChoice, as_recorded
from desktop.core.replies.summaries import Kept, Left, summary_tokens, with_summary
from desktop.core.settings import Settings
from desktop.core.types import ContextPlan, Excerpt, FilePart, Param, ReplyOptions
from desktop.core.types.prompts import Example
from desktop.core.workers.devices import memory_limit_bytes, wanted, wanted_devices
from desktop.core.workers.engine import EngineClient
from engine.errors import ContextFull, NoModelLoaded
from engine.protocol import (
    Counted,
    LoadedModel,
    LoadModel,
    Message,
    ReplyRecord,
    Sampling,
    Stats,
    Templating,
    Thinking,
)
from engine.template_texts import COMPLETION

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Question:
    """What is asked, after what. `chat`: where its summaries are kept; 0: it is of no chat."""

    text: str
    system: str = ""
    turns: Iterable[Turn] = ()  # gone through more than once; of a long chat read each time
    excerpts: tuple[Excerpt, ...] = ()
    files: tuple[FilePart, ...] = ()
    model: str = ""  # a file that answers this question alone; "": the chosen one
    sampling: Sampling | None = None
    max_tokens: int | None = None
    values: Mapping[str, Param] = field(default_factory=dict)  # the chat's own
    options: ReplyOptions = ReplyOptions()  # noqa: RUF009  a frozen value
    summaries: Kept | None = None  # None: it is of no chat that could keep any
    chat: int | None = None  # whose KV state is kept for the next turn; None: nobody's
    side: int = 0  # of a comparison, which of its two KV states
    templating: Templating | None = None  # what of it is said goes before the choice for the model
    begun: Message | None = None  # the beginning of the reply, which is to go on from there
    examples: tuple[Example, ...] = ()  # turns that the model is shown before all others
    begins: tuple[int, ...] = ()  # tokens that it begins with, after `begun`
    record: ReplyRecord | None = None  # it is made as another was, and nothing else counts

    @property
    def layout(self) -> Layout:
        question = question_piece(self.text, self.excerpts, self.files)
        return Layout(question, self.system, example_pieces(self.examples), self.turns)


class Answering:
    """Blocks its thread, which is the operation's own, until the reply is there."""

    def __init__(
        self,
        engine: EngineClient,
        settings: Settings,
        shelf: ModelShelf,
        states: KvStates,
        choices: ModelChoices,
        replies: ReplyChoices,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._shelf = shelf
        self._states = states
        self._choices = choices
        self._replies = replies
        self._planner: tuple[LoadedModel, Templating, Planner] | None = None

    def load_request(self, path: str = "") -> LoadModel:
        """How a model is loaded now: the given one, else the chosen one.

        Raises NoModel, ModelPartsMissing.
        """
        # absolute: the worker, and the next start of the program, have other working directories
        named = str(Path(path).expanduser().absolute()) if path else ""
        path = named or self._shelf.choose(self._settings.text("model_path"))
        placed = wanted(self._settings)
        return LoadModel(
            path=self._shelf.first_part(path),
            context_tokens=placed.context_tokens,
            gpu_layers=-1 if placed.gpu_layers is None else placed.gpu_layers,
            devices=wanted_devices(self._settings),
            kv_type=placed.kv_type,
            memory_limit_bytes=memory_limit_bytes(self._settings),
        )

    def reply(
        self,
        question: Question,
        operation: Operation[Any],
        sink: Sink,
        fewer_excerpts: Callable[[tuple[Excerpt, ...]], None] = lambda _excerpts: None,
    ) -> tuple[Stats, ContextPlan]:
        """Wait for the engine, load the model if need be, and write the reply into `sink`.

        `fewer_excerpts` hears of it when the window has no room for all of them. Raises Cancelled when
        the person stopped it before the first token; afterwards the stats say "cancelled".
        """
        with self._engine.turn(lambda: operation.cancelled):
            if operation.cancelled:
                raise Cancelled
            if question.model:  # asked for by name, whatever it did before
                self._engine.forgive(self.load_request(question.model).path)
            try:
                return self._write(question, operation, sink, fewer_excerpts)
            except Reported as error:
                # the worker was ended between two requests and another one began: no word is written yet
                if error.problem().code != NoModelLoaded.code:
                    raise
                log.warning("the engine lost its model before it wrote; once more")
                return self._write(question, operation, sink, fewer_excerpts)

    def _write(
        self,
        question: Question,
        operation: Operation[Any],
        sink: Sink,
        fewer_excerpts: Callable[[tuple[Excerpt, ...]], None],
    ) -> tuple[Stats, ContextPlan]:
        """Inside the engine's turn."""
        wanted = self.load_request(question.model)
        model = self._engine.ensure(wanted, operation)
        choice = self._choice(question)
        self._engine.switch(self._states.switch_to(question.chat, choice.adapters, question.side))
        recorded = question.record
        templating = recorded.templating if recorded else self.templating(wanted.path, question.templating)
        room = self.summary_room(question, model, templating)
        planner = self._planner_of(model, templating)
        layout, plan = self._plan(question, planner, room, fewer_excerpts)
        jobs = EngineJobs(self._engine, operation, templating)
        summed = self._summed_up(question, layout, plan, room, jobs)
        if summed.summary:
            plan = planner.with_layout(plan, summed, self.max_tokens(question))
        operation.emit(Planned(plan))
        if operation.cancelled:
            raise Cancelled
        choice = self._choice(question)
        # who chose a seed wants the same again, and batches of other sizes round in other ways
        seeded = choice.sampling.seed is not None
        guess = not seeded and bool(self._settings.value("guess_ahead"))
        begun = (question.begun,) if question.begun is not None else ()
        asked = choice.request((*summed.messages, *begun))
        request = msgspec.structs.replace(
            asked,
            speculate=guess,
            templating=templating,
            continues=bool(begun),
            begins=question.begins,
            cold=recorded is not None,
        )
        with self._engine.reply(request) as stream:
            operation.on_cancel(stream.cancel)
            return follow(stream, operation, sink, self._engine.patience()), plan

    @contextmanager
    def jobs(self, model: str, operation: Operation[Any], *, load: bool = True) -> Iterator[EngineJobs]:
        """The engine's turn, for what a model writes that is no reply yet.

        Raises Cancelled; also where `load` is False and the model is not there already.
        """
        with self._engine.turn(lambda: operation.cancelled):
            wanted = self.load_request(model)
            ready = self._engine.ensure(wanted, operation) if load else self._engine.loaded_as(wanted)
            if ready is None or operation.cancelled:
                raise Cancelled
            yield EngineJobs(self._engine, operation, self.templating(wanted.path, None), told=False)

    def _plan(
        self,
        question: Question,
        planner: Planner,
        room: int,
        fewer_excerpts: Callable[[tuple[Excerpt, ...]], None],
    ) -> tuple[Layout, ContextPlan]:
        while True:
            try:
                return planner.plan(
                    question.layout,
                    self.max_tokens(question),
                    summary_tokens=room,
                    begun=question.begun,
                )
            except Reported as error:
                if error.problem().code != ContextFull.code or not question.excerpts:
                    raise
            question = replace(question, excerpts=question.excerpts[: len(question.excerpts) // 2])
            fewer_excerpts(question.excerpts)

    def summary_room(self, question: Question, model: LoadedModel, templating: Templating) -> int:
        """Tokens to keep free for a summary of what leaves; 0 where none is wanted, or can be asked for."""
        wanted = question.summaries is not None and self._settings.flag("running_summary")
        return summary_tokens(model.context_tokens) if wanted and templating.template != COMPLETION else 0

    def _summed_up(
        self, question: Question, kept: Layout, plan: ContextPlan, room: int, jobs: EngineJobs
    ) -> Layout:
        """`kept` with a summary of what left it, where one is wanted."""
        if not plan.dropped or question.summaries is None or not room:
            return kept
        gone = set(plan.dropped)
        left = Left(
            plan.dropped,
            lambda: (turn for turn in question.turns if any(piece.stored in gone for piece in turn.pieces)),
        )
        most = plan.limit_tokens - LEAST_REPLY_TOKENS
        return with_summary(kept, left, question.summaries, jobs, most)

    def _planner_of(self, model: LoadedModel, templating: Templating) -> Planner:
        if self._planner is None or self._planner[:2] != (model, templating):

            def count(conversations: tuple[tuple[Message, ...], ...]) -> Counted:
                return self._engine.count(conversations, templating)

            self._planner = (model, templating, Planner(count, model.context_tokens))
        return self._planner[2]

    def templating(self, path: str, said: Templating | None) -> Templating:
        """How the model at `path` is spoken to: as `said`, else as chosen for it, else as it is made."""
        said = said or Templating()
        choice = self._choices.of(path)
        wish = self._settings.text("thinking") if said.thinking == "automatic" else said.thinking
        chosen = said if said.template else choice
        return Templating(
            template=chosen.template,
            source=chosen.source,
            thinking=msgspec.convert(wish, Thinking),
            arguments={**choice.arguments, **said.arguments},
        )

    def _choice(self, question: Question) -> ReplyChoice:
        """How the reply is made. Raises what `ReplyChoices.decide` raises."""
        if question.record is not None:
            return as_recorded(question.record, self._settings.whole("alternatives"))
        return self._replies.decide(
            chat=question.values,
            model=question.model or self._settings.text("model_path") or self._engine.status.path,
            options=question.options,
            sampling=question.sampling,
            max_tokens=question.max_tokens,
            from_documents=bool(question.excerpts),
        )

    def max_tokens(self, question: Question) -> int | None:
        return self._choice(question).max_tokens
