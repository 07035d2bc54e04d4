"""What stays in the context window and what leaves, with words for tokens."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.core.context_plan import Conversation, Planner
from desktop.core.errors import CoreError
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


def test_what_fits_is_sent_whole_after_one_count() -> None:
    count = Counter(1000)
    messages = chat(5)
    sent, plan = Planner(count, 1000).plan(messages, None)
    assert sent == messages
    assert (plan.dropped_messages, plan.prompt_tokens, count.calls) == (0, size(messages), 1)
    assert plan.reply_tokens == 1000 - plan.prompt_tokens


def test_whole_turns_leave_from_the_oldest_and_system_prompt_and_question_stay() -> None:
    messages = chat(30)
    sent, plan = Planner(Counter(1000), 1000).plan(messages, None)
    assert sent[0] == messages[0]
    assert sent[-1] == messages[-1]
    assert sent[1].role == "user"
    assert sent[1:] == messages[len(messages) - len(sent) + 1 :]
    assert plan.dropped_messages == len(messages) - len(sent)
    assert plan.dropped_messages % 2 == 0
    assert plan.prompt_tokens == size(sent) <= 750  # a quarter is kept for the reply


def test_turns_leave_in_blocks_so_that_the_prefix_stays_for_many_turns() -> None:
    planner = Planner(Counter(1000), 1000)
    firsts = [planner.plan(chat(turns), None)[0][1] for turns in range(60)]
    changes = sum(before != after for before, after in pairwise(firsts))
    assert changes <= 20  # one turn at a time would change it nearly every time: 47


def test_a_restart_plans_as_the_running_program_did() -> None:
    running = Planner(Counter(1000), 1000)
    for turns in range(40):
        kept = running.plan(chat(turns), None)[0]
        assert Planner(Counter(1000), 1000).plan(chat(turns), None)[0] == kept


def test_a_long_chat_costs_few_counts() -> None:
    count = Counter(1000)
    planner = Planner(count, 1000)
    planner.plan(chat(40), None)
    assert count.calls <= 4
    count.calls = 0
    planner.plan(chat(41), None)
    assert count.calls <= 4


def test_a_question_longer_than_the_window_is_refused_with_the_numbers() -> None:
    messages = (*chat(3)[:-1], Message("user", words(2000)))
    with pytest.raises(CoreError) as refused:
        Planner(Counter(1000), 1000).plan(messages, None)
    problem = refused.value.problem()
    assert problem.code == "context_full"
    assert problem.params["needed_tokens"] == size((messages[0], messages[-1]))
    assert problem.params["limit_tokens"] == 1000 - 64


def test_a_long_question_may_take_the_room_a_reply_would_get_otherwise() -> None:
    messages = (*chat(3)[:-1], Message("user", words(880)))
    sent, plan = Planner(Counter(1000), 1000).plan(messages, None)
    assert sent == (messages[0], messages[-1])
    assert plan.reply_tokens == 1000 - size(sent) >= 64


def test_a_limit_on_the_reply_reserves_no_more_than_it_needs() -> None:
    messages = chat(16)
    assert size(messages) > 750
    sent, plan = Planner(Counter(1000), 1000).plan(messages, 20)
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
        sent, plan = Planner(Counter(limit), limit).plan(tuple(messages), None)
    except CoreError:
        alone = tuple(m for m in messages if m.role == "system") + tuple(messages[-1:])
        assert size(alone) > limit - 64
        return
    assert plan.prompt_tokens == size(sent)
    assert plan.prompt_tokens + plan.reply_tokens == limit
    assert plan.reply_tokens >= min(64, limit // 8)
    assert sent[-1] == messages[-1]
    assert (sent[0].role == "system") == system
