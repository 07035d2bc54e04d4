"""What a draft would become: its plan by parts, its prompt token by token. Sends and stores nothing."""

import dataclasses
from collections import Counter
from collections.abc import Iterable
from typing import Protocol, get_args

from msgspec.structs import replace

from desktop.core.replies.answering import Answering, Question
from desktop.core.replies.context_plan import Planner, least_reply_tokens, with_prompt
from desktop.core.replies.layout import Layout
from desktop.core.replies.prompt import turn_text
from desktop.core.types import ContextPlan, Origin, PlannedPart, PlannedPrompt, ShownToken
from desktop.core.types.composing import FilesSize
from desktop.core.workers.engine import EngineClient
from desktop.core.workers.vocabulary import VocabularyClient
from engine.protocol import Counted, LoadedModel, Message, PromptToken, Render, Rendered, Templating

ORIGINS: tuple[Origin, ...] = get_args(Origin)


class Counting(Protocol):
    """The loaded engine, or a vocabulary."""

    def count(self, conversations: tuple[tuple[Message, ...], ...]) -> Counted: ...

    def render(self, request: Render) -> Rendered: ...


class Bound:
    """The loaded engine, spoken to in one way."""

    def __init__(self, engine: EngineClient, templating: Templating) -> None:
        self._engine = engine
        self._templating = templating

    def count(self, conversations: tuple[tuple[Message, ...], ...]) -> Counted:
        return self._engine.count(conversations, self._templating)

    def render(self, request: Render) -> Rendered:
        return self._engine.render(request)


class Previews:
    """Plans as a reply would be planned, with the loaded model or with the vocabulary of the chosen one."""

    def __init__(self, engine: EngineClient, vocabularies: VocabularyClient, answering: Answering) -> None:
        self._engine = engine
        self._vocabularies = vocabularies
        self._answering = answering

    def plan(self, question: Question, *, tokens: bool = False) -> PlannedPrompt:
        """Raises NoModel, (reported) ContextFull, NoChatTemplate, and what keeps a file from being read."""
        counting, model, templating = self._counting(question)
        planner = Planner(counting.count, model.context_tokens)
        room = self._answering.summary_room(question, model, templating)
        most = self._answering.max_tokens(question)
        layout, plan = planner.plan(question.layout, most, summary_tokens=room)
        if room:
            layout = _with_kept_summary(layout, plan, question)
        cuts = tuple(piece.cuts for piece in layout.pieces)
        rendered = counting.render(Render(layout.messages, cuts, templating))
        shown = tuple(_shown(layout, rendered.tokens))
        plan = with_prompt(plan, len(shown), most)
        plan = replace(plan, parts=_parts(shown), cached_tokens=rendered.cached_tokens)
        return PlannedPrompt(plan, shown if tokens else ())

    def measure(self, question: Question) -> FilesSize:
        """What the files of a question weigh, and all that stays in its prompt whatever else leaves.

        Raises NoModel, (reported) NoChatTemplate, and what keeps a model's file from being read.
        """
        counting, _model, _templating = self._counting(question)
        layout = question.layout.keeping(turn for turn in question.turns if turn.pinned)
        empty = (Message("user", turn_text("")),)
        alone = ((Message("user", turn_text("", files=(file,))),) for file in question.files)
        counted = counting.count((layout.messages, empty, *alone))
        needed, nothing, *tokens = counted.tokens
        limit = counted.context_tokens - least_reply_tokens(counted.context_tokens)
        return FilesSize(tuple(max(1, count - nothing) for count in tokens), needed, limit)

    def leaves_half(self, question: Question) -> bool:
        """Whether a question with its excerpts, and all that stays with it, takes half the window at most.

        Raises as `measure` does.
        """
        counting, _model, _templating = self._counting(question)
        layout = question.layout.keeping(turn for turn in question.turns if turn.pinned)
        counted = counting.count((layout.messages,))
        return counted.tokens[0] <= counted.context_tokens // 2

    def _counting(self, question: Question) -> tuple[Counting, LoadedModel, Templating]:
        wanted = self._answering.load_request()
        templating = self._answering.templating(wanted.path, question.templating)
        loaded = self._engine.loaded_as(wanted)
        if loaded is not None:
            return Bound(self._engine, templating), loaded, templating
        vocabulary = self._vocabularies.of(wanted, templating)
        return vocabulary, vocabulary.facts, templating


def _shown(layout: Layout, tokens: Iterable[PromptToken]) -> Iterable[ShownToken]:
    pieces = layout.pieces
    for token in tokens:
        origin: Origin = "template"
        stored = 0
        if token.message >= 0:
            piece = pieces[token.message]
            origin, stored = piece.origins[token.segment], piece.stored
        yield ShownToken(token.id, token.text, origin, stored)


def _parts(tokens: Iterable[ShownToken]) -> tuple[PlannedPart, ...]:
    counts = Counter(token.origin for token in tokens)
    return tuple(PlannedPart(origin, counts[origin]) for origin in ORIGINS if counts[origin])


def _with_kept_summary(layout: Layout, plan: ContextPlan, question: Question) -> Layout:
    """With the summary that a reply would find, or build upon: one still to be written cannot be shown."""
    found = question.summaries.find(plan.dropped) if question.summaries and plan.dropped else None
    return dataclasses.replace(layout, summary=found[1]) if found else layout
