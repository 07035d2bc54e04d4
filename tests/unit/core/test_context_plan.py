"""What stays in the context window and what leaves, with words for tokens."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from weakref import WeakSet

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.core.errors import CoreError
from desktop.core.replies.context_plan import KEPT_SHARE, MARGIN_TOKENS, Planner
from desktop.core.replies.layout import Conversation, Layout, Piece, Turn, layout_of, question_piece
from desktop.core.types import ContextPlan
from engine.protocol import Counted, Message

FRAME = 7  # tokens a template writes around every conversation
HEADER = 3  # and around every message


class Counter:
    """Counts words as a model counts tokens, and how often it was asked."""

    def __init__(self, context_tokens: int) -> None:
        self.context_tokens = context_tokens
        self.calls = 0

    def __call__(self, conversations: tuple[Conversation, ...]) -> Counted:
        self.calls += 1
        return Counted(tuple(size(c) for c in conversations), self.context_tokens)


def size(messages: Conversation) -> int:
    return FRAME + sum(HEADER + len(message.content.split()) for message in messages)


def words(count: int, word: str = "word") -> str:
    return " ".join([word] * count)


def chat(turns: int, question_words: int = 10, reply_words: int = 40) -> Conversation:
    """Whole turns and one more question, with a system prompt of five words."""
    messages = [Message("system", words(5, "system"))]
    for number in range(turns):
        messages.append(Message("user", words(question_words, f"q{number}")))
        messages.append(Message("assistant", words(reply_words, f"a{number}")))
    return (*messages, Message("user", words(question_words, f"q{turns}")))


def laid_out(messages: Conversation) -> Layout:
    return layout_of(messages[:-1], question_piece(messages[-1].content))


def planned(
    planner: Planner, messages: Conversation, max_reply_tokens: int | None = None
) -> tuple[Conversation, ContextPlan]:
    kept, plan = planner.plan(laid_out(messages), max_reply_tokens)
    return kept.messages, plan


def test_what_fits_is_sent_whole_after_one_count() -> None:
    count = Counter(1000)
    messages = chat(5)
    sent, plan = planned(Planner(count, 1000), messages)
    assert sent == messages
    assert (plan.dropped_messages, plan.prompt_tokens, count.calls) == (0, size(messages), 1)
    assert plan.reply_tokens == 1000 - plan.prompt_tokens


def test_whole_turns_leave_from_the_oldest_and_system_prompt_and_question_stay() -> None:
    messages = chat(30)
    sent, plan = planned(Planner(Counter(1000), 1000), messages)
    assert sent[0] == messages[0]
    assert sent[-1] == messages[-1]
    assert sent[1].role == "user"
    assert sent[1:] == messages[len(messages) - len(sent) + 1 :]
    assert plan.dropped_messages == len(messages) - len(sent)
    assert plan.dropped_messages % 2 == 0
    assert plan.prompt_tokens == size(sent) <= 750  # a quarter is kept for the reply


def test_turns_leave_in_blocks_so_that_the_prefix_stays_for_many_turns() -> None:
    planner = Planner(Counter(1000), 1000)
    firsts = [planned(planner, chat(turns))[0][1] for turns in range(60)]
    changes = sum(before != after for before, after in pairwise(firsts))
    assert changes <= 20  # one turn at a time would change it nearly every time: 47


def test_a_restart_plans_as_the_running_program_did() -> None:
    running = Planner(Counter(1000), 1000)
    for turns in range(40):
        kept = planned(running, chat(turns))[0]
        assert planned(Planner(Counter(1000), 1000), chat(turns))[0] == kept


def test_a_long_chat_costs_few_counts() -> None:
    count = Counter(1000)
    planner = Planner(count, 1000)
    planned(planner, chat(40))
    assert count.calls <= 4
    count.calls = 0
    planned(planner, chat(41))
    assert count.calls <= 4


def test_a_question_longer_than_the_window_is_refused_with_the_numbers() -> None:
    messages = (*chat(3)[:-1], Message("user", words(2000)))
    with pytest.raises(CoreError) as refused:
        planned(Planner(Counter(1000), 1000), messages)
    problem = refused.value.problem()
    assert problem.code == "context_full"
    assert problem.params["needed_tokens"] == size((messages[0], messages[-1]))
    assert problem.params["limit_tokens"] == 1000 - 64


def test_a_long_question_may_take_the_room_a_reply_would_get_otherwise() -> None:
    messages = (*chat(3)[:-1], Message("user", words(880)))
    sent, plan = planned(Planner(Counter(1000), 1000), messages)
    assert sent == (messages[0], messages[-1])
    assert plan.reply_tokens == 1000 - size(sent) >= 64


def test_a_limit_on_the_reply_reserves_no_more_than_it_needs() -> None:
    messages = chat(16)
    assert size(messages) > 750
    sent, plan = planned(Planner(Counter(1000), 1000), messages, 20)
    assert sent == messages
    assert plan.reply_tokens == 20


@settings(max_examples=60, deadline=None)
@given(
    turns=st.lists(st.tuples(st.integers(0, 120), st.integers(0, 200)), max_size=25),
    question=st.integers(0, 300),
    limit=st.integers(300, 1500),
    system=st.booleans(),
)
def test_whatever_the_chat_the_plan_fits_or_says_why_not(
    turns: list[tuple[int, int]], question: int, limit: int, system: bool
) -> None:
    messages = [Message("system", words(5))] if system else []
    for number, (asked, replied) in enumerate(turns):
        messages += [Message("user", words(asked, f"q{number}")), Message("assistant", words(replied))]
    messages.append(Message("user", words(question)))
    try:
        sent, plan = planned(Planner(Counter(limit), limit), tuple(messages))
    except CoreError:
        alone = tuple(m for m in messages if m.role == "system") + tuple(messages[-1:])
        assert size(alone) > limit - 64
        return
    assert plan.prompt_tokens == size(sent)
    assert plan.prompt_tokens + plan.reply_tokens == limit
    assert plan.reply_tokens >= min(64, limit // 8)
    assert sent[-1] == messages[-1]
    assert (sent[0].role == "system") == system


def test_a_pinned_turn_and_the_examples_stay_whatever_leaves() -> None:
    layout = laid_out(chat(30))
    pinned = Turn(layout.turns[3].pieces, pinned=True)
    example = (
        Piece(Message("user", "an example"), ("examples",)),
        Piece(Message("assistant", "so"), ("examples",)),
    )
    layout = replace(layout, examples=example, turns=(*layout.turns[:3], pinned, *layout.turns[4:]))
    kept, plan = Planner(Counter(1000), 1000).plan(layout, None)
    assert pinned in kept.turns
    assert layout.turns[2] not in kept.turns
    assert layout.turns[4] not in kept.turns
    assert kept.messages[1:3] == tuple(piece.message for piece in example)
    assert plan.prompt_tokens == size(kept.messages) <= 750


def test_pins_that_fill_the_window_are_refused_with_the_numbers() -> None:
    layout = laid_out(chat(30))
    layout = layout.keeping(Turn(turn.pieces, pinned=True) for turn in layout.turns)
    with pytest.raises(CoreError) as refused:
        Planner(Counter(1000), 1000).plan(layout, None)
    assert refused.value.problem().params["needed_tokens"] == size(layout.messages)


def test_room_is_kept_for_a_summary_as_soon_as_turns_leave() -> None:
    planner = Planner(Counter(1000), 1000)
    kept, _ = planner.plan(laid_out(chat(30)), None, summary_tokens=200)
    summed = replace(kept, summary=words(150))
    assert size(summed.messages) <= 750
    short, plan = planner.plan(laid_out(chat(5)), None, summary_tokens=200)
    assert (short.messages, plan.dropped_messages) == (chat(5), 0)


def test_the_plan_names_the_stored_messages_that_leave() -> None:
    layout = laid_out(chat(30))
    numbered = layout.keeping(
        Turn(tuple(replace(piece, stored=10 * n + place) for place, piece in enumerate(turn.pieces, 1)))
        for n, turn in enumerate(layout.turns)
    )
    _, plan = Planner(Counter(1000), 1000).plan(numbered, None)
    assert plan.dropped[:4] == (1, 2, 11, 12)
    assert len(plan.dropped) == plan.dropped_messages


def numbered_turns(sizes: list[tuple[int, int, bool]]) -> tuple[Turn, ...]:
    """Turns of the chats, of so many words each."""
    return tuple(
        Turn(
            (
                Piece(Message("user", words(asked, f"q{n}")), ("history",), (), 2 * n + 1),
                Piece(Message("assistant", words(replied, f"a{n}")), ("history",), (), 2 * n + 2),
            ),
            pinned,
        )
        for n, (asked, replied, pinned) in enumerate(sizes)
    )


def leaving_of(turns: tuple[Turn, ...], question: Piece, limit: int) -> list[int]:
    """Which turns leave, by the whole chat at once, as the module's docstring has it."""

    def tokens(conversation: tuple[Message, ...]) -> int:
        return size(conversation)

    def sent(left: list[int]) -> int:
        kept = tuple(turn for n, turn in enumerate(turns) if n not in left)
        return tokens(Layout(question, turns=kept).messages)

    room = limit - min(1024, limit // 4)
    left: list[int] = []
    if sent(left) <= room:
        return left
    held = {n: tokens(tuple(p.message for p in turn.pieces)) - FRAME for n, turn in enumerate(turns)}
    staying: list[int] = []
    for n, asked in enumerate([*(turn.pieces[0] for turn in turns), question]):
        there = sum(held[k] + MARGIN_TOKENS for k in range(n) if k not in left)
        new = size((asked.message,))
        if there + new > room:
            while staying and there + new > room * KEPT_SHARE:
                there -= held[staying[0]] + MARGIN_TOKENS
                left.append(staying.pop(0))
        if n < len(turns) and not turns[n].pinned:
            staying.append(n)
    while sent(left) > room and staying:
        left.append(staying.pop(0))
    return left


SIZES = st.lists(
    st.tuples(st.integers(1, 90), st.integers(1, 160), st.integers(0, 9).map(lambda n: n == 0)), max_size=60
)


@settings(max_examples=150, deadline=None)
@given(sizes=SIZES, asked=st.integers(1, 60), limit=st.integers(300, 1500))
def test_going_through_a_chat_once_plans_as_with_the_whole_chat_at_hand(
    sizes: list[tuple[int, int, bool]], asked: int, limit: int
) -> None:
    turns, question = numbered_turns(sizes), Piece(Message("user", words(asked, "now")), ("question",))
    planner = Planner(Counter(limit), limit)
    for count in sorted({len(turns) // 3, len(turns)}):  # a turn later it remembers what it counted
        left = leaving_of(turns[:count], question, limit)
        wanted = tuple(turn for n, turn in enumerate(turns[:count]) if n not in left)
        try:
            kept, plan = planner.plan(Layout(question, turns=iter(turns[:count])), None)
        except CoreError:
            assert size(Layout(question, turns=wanted).messages) > limit - 64
            return
        assert kept.turns == wanted
        assert plan.dropped == tuple(piece.stored for n in left for piece in turns[n].pieces)
        assert plan.prompt_tokens == size(kept.messages)


def test_a_plan_never_holds_a_long_chat_whole() -> None:
    alive: WeakSet[Turn] = WeakSet()
    most = 0

    def read() -> Iterator[Turn]:
        nonlocal most
        for number in range(2_000):
            message = Message("user", words(10, f"q{number}")), Message("assistant", words(40, f"a{number}"))
            turn = Turn(tuple(Piece(one, ("history",)) for one in message))
            alive.add(turn)
            most = max(most, len(alive))
            yield turn

    question = question_piece("And now?")
    planner = Planner(Counter(1000), 1000)
    first = planner.plan(Layout(question, turns=read()), None)[1].dropped_messages
    assert first > 3_900
    assert most < 300
    assert planner.plan(Layout(question, turns=read()), None)[1].dropped_messages == first
