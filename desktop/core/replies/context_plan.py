"""Decide what goes into the context window. Counts through a function it is given; loads and sends nothing.

System prompt, examples, pinned turns and the last question always stay. When the rest does not fit, whole
turns leave from the oldest, in blocks: once the prompt overflows it is cut down to about three quarters, so
that the next turns append to the same prefix, which the engine has in its cache. Where the cut lies follows
from the chat alone (it is replayed from the first turn), so a restart or a second try plans the same.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice

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
REMEMBERED = 4096  # turns
COUNTED_AT_ONCE = 64  # turns
LOOK_AFTER = (
    8  # characters for each token of the window: so many turns are counted together before more are read
)
_HALF = 30  # bits for the count of a question, below the one of its turn: together a small number to Python


class Planner:
    """Plans prompts for one loaded model, remembering what each turn counted."""

    def __init__(self, count: Count, context_tokens: int) -> None:
        self._count = count
        self._limit = context_tokens
        self._known: dict[bytes, int] = {}  # by `_key`, in one number: the texts would all be kept

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

        Goes through the turns once, and never holds many more than fit. Raises ContextFull (reported) with
        the numbers when what must stay is too long by itself.
        """
        reserve = self._reserve(max_reply_tokens)
        if begun is not None:
            reserve = min(reserve + self._tokens(((Message("user", begun.content),),))[0], self._limit)
        coming = iter(layout.turns)
        beginning, whole = self._read_in(layout, coming, reserve)
        if whole is not None:
            kept = layout.keeping(beginning)
            return kept, self._result([], whole, max_reply_tokens)
        room = self._limit - reserve - summary_tokens
        staying, left = self._replay(layout, chain(beginning, coming), room)
        while True:
            kept = layout.keeping(staying)
            tokens = self._exact(kept.messages)
            following = next((n for n, turn in enumerate(staying) if not turn.pinned), None)
            if tokens > room and following is None:
                # the reply may have less room than it would get otherwise
                self._check_least(tokens)
            if tokens <= room or following is None:
                return kept, self._result(left, tokens, max_reply_tokens)
            left += _numbers(staying.pop(following))

    def with_layout(self, plan: ContextPlan, layout: Layout, max_reply_tokens: int | None) -> ContextPlan:
        """`plan` when `layout`, which has something more in it by now, is what is sent."""
        return with_prompt(plan, self._exact(layout.messages), max_reply_tokens)

    def _check_least(self, tokens: int) -> None:
        limit = self._limit - least_reply_tokens(self._limit)
        if tokens > limit:
            raise Reported.of(ContextFull(needed_tokens=tokens, limit_tokens=limit))

    def _read_in(self, layout: Layout, coming: Iterator[Turn], reserve: int) -> tuple[list[Turn], int | None]:
        """The turns up to where they surely do not fit any more, and None; or all of them, and their tokens,
        where they fit. Small chats are counted once.
        """
        turns: list[Turn] = []
        characters, enough = 0, LOOK_AFTER * self._limit
        for turn in coming:
            turns.append(turn)
            characters += sum(len(piece.message.content) for piece in turn.pieces)
            if characters > enough:
                if self._exact(layout.keeping(turns).messages) > self._limit - reserve:
                    return turns, None
                enough = 2 * characters
        whole = self._exact(layout.keeping(turns).messages)
        return turns, whole if whole <= self._limit - reserve else None

    def _replay(self, layout: Layout, turns: Iterable[Turn], room: int) -> tuple[list[Turn], list[int]]:
        """The turns that stay, and the numbers of the messages that leave, found by going through the chat
        as it happened.

        Works on counts of single turns, which are close; the caller counts the outcome exactly.
        """
        blank = Message("user", "")
        question = (layout.question.message,)
        fixed = ((blank,), (blank, Message("assistant", "")), layout.keeping(()).messages, question)
        one, two, with_always, asked_last = self._tokens(fixed)
        frame = 2 * one - two  # what the template writes around any conversation, whatever is in it
        base = frame + with_always - asked_last  # the system prompt and the examples
        left: list[int] = []
        staying: dict[int, tuple[Turn, int]] = {}  # with its tokens, by its place in the chat
        leaving: deque[int] = deque()  # those that can, the oldest first
        held = 0  # tokens of the turns that are still there

        def make_room(asked: int) -> None:
            nonlocal held
            if base + held + asked > room:
                while leaving and base + held + asked > room * KEPT_SHARE:
                    turn, tokens = staying.pop(leaving.popleft())
                    held -= tokens
                    left.extend(_numbers(turn))

        for place, (turn, count, asked) in enumerate(self._counted(turns)):
            make_room(max(1, asked - frame))
            tokens = max(1, count - frame) + MARGIN_TOKENS
            held += tokens
            staying[place] = turn, tokens
            if not turn.pinned:
                leaving.append(place)
        make_room(max(1, asked_last - frame))
        return [turn for turn, _tokens in staying.values()], left

    def _counted(self, turns: Iterable[Turn]) -> Iterator[tuple[Turn, int, int]]:
        """Turns with what they count, and what their question does. The engine is asked for those that it has
        not counted yet, many at once.
        """
        coming = iter(turns)
        while some := list(islice(coming, COUNTED_AT_ONCE)):
            conversations = [_messages(turn) for turn in some]
            keys = [_key(conversation) for conversation in conversations]
            unknown = {key: c for key, c in zip(keys, conversations, strict=True) if key not in self._known}
            if unknown:
                asked = [part for one in unknown.values() for part in (one, one[:1])]
                counts = self._tokens(asked)
                for key, count, question in zip(unknown, counts[::2], counts[1::2], strict=True):
                    self._known[key] = count << _HALF | question
            for turn, key in zip(some, keys, strict=True):
                known = self._known[key]
                yield turn, known >> _HALF, known & ((1 << _HALF) - 1)
        if len(self._known) > REMEMBERED:
            self._known = dict(islice(self._known.items(), len(self._known) - REMEMBERED, None))

    def _tokens(self, conversations: Sequence[Conversation]) -> tuple[int, ...]:
        return self._count(tuple(conversations)).tokens

    def _exact(self, messages: Conversation) -> int:
        counted = self._count((messages,))
        self._limit = counted.context_tokens
        return counted.tokens[0]

    def _reserve(self, max_reply_tokens: int | None) -> int:
        if max_reply_tokens is None:
            return min(REPLY_TOKENS, self._limit // 4)
        return min(max_reply_tokens, self._limit // 2)

    def _result(self, left: Sequence[int], prompt_tokens: int, max_reply_tokens: int | None) -> ContextPlan:
        """`left`: for each message that leaves its number; 0 of one that stands in no chat."""
        plan = ContextPlan(self._limit, 0, 0, len(left), tuple(number for number in left if number))
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


def _numbers(turn: Turn) -> list[int]:
    return [piece.stored for piece in turn.pieces]


def _key(conversation: Conversation) -> bytes:
    return hashlib.blake2b(msgspec.msgpack.encode(conversation), digest_size=16).digest()
