"""Decide what goes into the context window. Counts through a function it is given; loads and sends nothing.

System prompt and last question always stay. When the rest does not fit, whole turns leave from the
oldest, in blocks: once the prompt overflows it is cut down to about three quarters, so that the next
turns append to the same prefix, which the engine has in its cache. Where the cut lies follows from the
chat alone (it is replayed from the first turn), so a restart or a second try plans the same.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from desktop.core.errors import Reported
from desktop.core.types import ContextPlan
from engine.errors import ContextFull
from engine.protocol import Counted, Message

Conversation = tuple[Message, ...]
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
        self._known: OrderedDict[Conversation, int] = OrderedDict()

    def plan(self, messages: Conversation, max_reply_tokens: int | None) -> tuple[Conversation, ContextPlan]:
        """`messages`: an optional system message, whole turns, and the question to be answered last.

        Gives what to send and the plan. One call to the engine while everything fits, at most a few when
        it does not. Raises ContextFull (reported) with the numbers when the question alone is too long.
        """
        system, turns = _split(messages)
        reserve = self._reserve(max_reply_tokens)
        whole = self._exact(messages)
        if whole <= self._limit - reserve:
            return messages, self._result(whole, 0, max_reply_tokens)
        first = self._replay(system, turns, self._limit - reserve)
        while first < len(turns) - 1:
            kept = system + _joined(turns[first:])
            tokens = self._exact(kept)
            if tokens <= self._limit - reserve:
                return kept, self._result(tokens, len(messages) - len(kept), max_reply_tokens)
            first += 1
        return self._question_alone(system + turns[-1], len(messages), max_reply_tokens)

    def _question_alone(
        self, kept: Conversation, given: int, max_reply_tokens: int | None
    ) -> tuple[Conversation, ContextPlan]:
        """With nothing else to leave, the reply may have less room than it would get otherwise."""
        tokens = self._exact(kept)
        limit = self._limit - min(LEAST_REPLY_TOKENS, self._limit // 8)
        if tokens > limit:
            raise Reported.of(ContextFull(needed_tokens=tokens, limit_tokens=limit))
        return kept, self._result(tokens, given - len(kept), max_reply_tokens)

    def _replay(self, system: Conversation, turns: Sequence[Conversation], room: int) -> int:
        """The first turn that stays, found by going through the chat as it happened.

        Works on counts of single turns, which are close; the caller counts the outcome exactly.
        """
        questions = [turn[:1] for turn in turns]
        blank = Message("user", "")
        measured = self._counts(
            [(blank,), (blank, Message("assistant", "")), system + questions[-1], *turns, *questions]
        )
        (one, two, with_system), counts = measured[:3], measured[3:]
        frame = 2 * one - two  # what the template writes around any conversation, whatever is in it
        base = with_system - counts[-1]  # the system prompt
        sizes = [max(1, count - frame) + MARGIN_TOKENS for count in counts[: len(turns)]]
        asked = [max(1, count - frame) for count in counts[len(turns) :]]
        first, held = 0, 0  # tokens of turns[first:i]
        for i, question in enumerate(asked):
            if frame + base + held + question > room:
                while first < i and frame + base + held + question > room * KEPT_SHARE:
                    held -= sizes[first]
                    first += 1
            held += sizes[i]
        return first

    def _counts(self, conversations: Sequence[Conversation]) -> list[int]:
        """Counts of single turns; the engine is asked once, for those it has not counted yet."""
        unknown = tuple(dict.fromkeys(c for c in conversations if c not in self._known))
        if unknown:
            counted = self._count(unknown)
            self._known.update(zip(unknown, counted.tokens, strict=True))
        result = [self._known[conversation] for conversation in conversations]
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

    def _result(self, prompt_tokens: int, dropped: int, max_reply_tokens: int | None) -> ContextPlan:
        room = self._limit - prompt_tokens
        reply = room if max_reply_tokens is None else min(room, max_reply_tokens)
        return ContextPlan(self._limit, prompt_tokens, reply, dropped)


def _split(messages: Conversation) -> tuple[Conversation, list[Conversation]]:
    """The system message, if any, and the turns: each a question with the replies to it."""
    system = messages[:1] if messages[0].role == "system" else ()
    turns: list[Conversation] = []
    for message in messages[len(system) :]:
        if message.role == "assistant" and turns:
            turns[-1] += (message,)
        else:
            turns.append((message,))
    return system, turns


def _joined(turns: Sequence[Conversation]) -> Conversation:
    return tuple(message for turn in turns for message in turn)
