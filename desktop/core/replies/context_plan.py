"""Decide what goes into the context window. Counts through a function it is given; loads and sends nothing.

System prompt, examples, pinned turns and the last question always stay. When the rest does not fit, whole
turns leave from the oldest, in blocks: once the prompt overflows it is cut down to about three quarters, so
that the next turns append to the same prefix, which the engine has in its cache. Where the cut lies follows
from the chat alone (it is replayed from the first turn), so a restart or a second try plans the same.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence

import msgspec
from msgspec.structs import replace

from desktop.core.errors import Reported
from desktop.core.replies.layout import Conversation, Layout, Turn
from desktop.core.types import ContextPlan
from engine.errors import ContextFull
from engine.protocol import Counted, Message

Count = Callable[[tuple[Conversation, ...]], Counted]

KEPT_SHARE = 0.75  # of the room, after turns have left
REPLY_TOKENS = 1024  # kept free for a reply without a limit of its own, at most a quarter of the window
LEAST_REPLY_TOKENS = 64  # with less room than this a question counts as too long
# added to the count of each turn: were the replay ever below the exact count, the cut would move every turn
MARGIN_TOKENS = 2
REMEMBERED = 4096


class Planner:
    """Plans prompts for one loaded model, remembering what each turn counted."""

    def __init__(self, count: Count, context_tokens: int) -> None:
        self._count = count
        self._limit = context_tokens
        self._known: OrderedDict[bytes, int] = OrderedDict()  # by `_key`: the texts would all be kept

    def plan(
        self,
        layout: Layout,
        max_reply_tokens: int | None,
        *,
        summary_tokens: int = 0,
        begun: Message | None = None,
    ) -> tuple[Layout, ContextPlan]:
        """Gives what to send and the plan. One call to the engine while everything fits, at most a few when
        it does not. `summary_tokens`: room to keep for a summary as soon as turns leave. `begun`: what the
        reply says already, which needs its room.

        Raises ContextFull (reported) with the numbers when what must stay is too long by itself.
        """
        reserve = self._reserve(max_reply_tokens)
        if begun is not None:
            reserve = min(reserve + self._counts([(Message("user", begun.content),)])[0], self._limit)
        whole = self._exact(layout.messages)
        if whole <= self._limit - reserve:
            return layout, self._result(layout, set(), whole, max_reply_tokens)
        room = self._limit - reserve - summary_tokens
        leaving = self._replay(layout, room)
        while True:
            kept = layout.keeping(turn for n, turn in enumerate(layout.turns) if n not in leaving)
            tokens = self._exact(kept.messages)
            if tokens <= room:
                return kept, self._result(layout, leaving, tokens, max_reply_tokens)
            following = (n for n, turn in enumerate(layout.turns) if n not in leaving and not turn.pinned)
            number = next(following, None)
            if number is None:
                # the reply may have less room than it would get otherwise
                self._check_least(tokens)
                return kept, self._result(layout, leaving, tokens, max_reply_tokens)
            leaving.add(number)

    def with_layout(self, plan: ContextPlan, layout: Layout, max_reply_tokens: int | None) -> ContextPlan:
        """`plan` when `layout`, which has something more in it by now, is what is sent."""
        return with_prompt(plan, self._exact(layout.messages), max_reply_tokens)

    def _check_least(self, tokens: int) -> None:
        limit = self._limit - least_reply_tokens(self._limit)
        if tokens > limit:
            raise Reported.of(ContextFull(needed_tokens=tokens, limit_tokens=limit))

    def _replay(self, layout: Layout, room: int) -> set[int]:
        """The turns that leave, found by going through the chat as it happened.

        Works on counts of single turns, which are close; the caller counts the outcome exactly.
        """
        turns = [_messages(turn) for turn in layout.turns] + [(layout.question.message,)]
        questions = [turn[:1] for turn in turns]
        blank = Message("user", "")
        always = layout.keeping(()).messages
        measured = self._counts([(blank,), (blank, Message("assistant", "")), always, *turns, *questions])
        (one, two, with_always), counts = measured[:3], measured[3:]
        frame = 2 * one - two  # what the template writes around any conversation, whatever is in it
        base = with_always - counts[-1]  # the system prompt and the examples
        sizes = [max(1, count - frame) + MARGIN_TOKENS for count in counts[: len(turns)]]
        asked = [max(1, count - frame) for count in counts[len(turns) :]]
        left: set[int] = set()
        staying: list[int] = []
        held = 0  # tokens of the turns that are still there
        for i, question in enumerate(asked):
            if frame + base + held + question > room:
                while staying and frame + base + held + question > room * KEPT_SHARE:
                    held -= sizes[staying[0]]
                    left.add(staying.pop(0))
            held += sizes[i]
            if i < len(layout.turns) and not layout.turns[i].pinned:
                staying.append(i)
        return left

    def _counts(self, conversations: Sequence[Conversation]) -> list[int]:
        """Counts of single turns; the engine is asked once, for those it has not counted yet."""
        keys = [_key(conversation) for conversation in conversations]
        unknown = {key: c for key, c in zip(keys, conversations, strict=True) if key not in self._known}
        if unknown:
            counted = self._count(tuple(unknown.values()))
            self._known.update(zip(unknown, counted.tokens, strict=True))
        result = [self._known[key] for key in keys]
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return result

    def _exact(self, messages: Conversation) -> int:
        counted = self._count((messages,))
        self._limit = counted.context_tokens
        return counted.tokens[0]

    def _reserve(self, max_reply_tokens: int | None) -> int:
        if max_reply_tokens is None:
            return min(REPLY_TOKENS, self._limit // 4)
        return min(max_reply_tokens, self._limit // 2)

    def _result(
        self, layout: Layout, leaving: Collection[int], prompt_tokens: int, max_reply_tokens: int | None
    ) -> ContextPlan:
        gone = [piece for number in sorted(leaving) for piece in layout.turns[number].pieces]
        dropped = tuple(piece.stored for piece in gone if piece.stored)
        plan = ContextPlan(self._limit, 0, 0, len(gone), dropped)
        return with_prompt(plan, prompt_tokens, max_reply_tokens)


def least_reply_tokens(limit_tokens: int) -> int:
    """Of a context window, what a prompt must leave to the reply."""
    return min(LEAST_REPLY_TOKENS, limit_tokens // 8)


def with_prompt(plan: ContextPlan, prompt_tokens: int, max_reply_tokens: int | None) -> ContextPlan:
    """`plan` for a prompt of this length, with the room that it leaves to the reply."""
    room = max(0, plan.limit_tokens - prompt_tokens)
    reply = room if max_reply_tokens is None else min(room, max_reply_tokens)
    return replace(plan, prompt_tokens=prompt_tokens, reply_tokens=reply)


def _messages(turn: Turn) -> Conversation:
    return tuple(piece.message for piece in turn.pieces)


def _key(conversation: Conversation) -> bytes:
    return hashlib.blake2b(msgspec.msgpack.encode(conversation), digest_size=16).digest()
