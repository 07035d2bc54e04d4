"""The context window through the whole core: plans, pins and summaries, over fake workers in processes."""

import threading
from pathlib import Path

import pytest

from desktop.core.events import Planned, Summarizing, TextAdded
from desktop.core.services import Services
from tests.fakes.house import PATIENCE_S, Heard, house


def new_chat(core: Services) -> int:
    return core.create_chat().result(PATIENCE_S).info.id


def say(core: Services, chat: int, text: str) -> tuple[int, Heard]:
    heard = Heard()
    operation = core.send(chat, text)
    operation.subscribe(heard)
    return operation.result(PATIENCE_S).id, heard


def fill(core: Services, chat: int, turns: int) -> Heard:
    heard = Heard()
    for turn in range(turns):
        _, heard = say(core, chat, f"this is turn number {turn} of a chat")
    return heard


def test_a_plan_made_before_sending_is_what_is_then_sent(tmp_path: Path) -> None:
    with house(tmp_path, "small") as core:
        chat = new_chat(core)
        fill(core, chat, 9)
        before = core.plan_prompt(chat, "and one more").result(PATIENCE_S).plan
        _, heard = say(core, chat, "and one more")
        sent = heard.of(Planned)[-1].plan
        assert before.dropped_messages == sent.dropped_messages > 0
        assert before.dropped == sent.dropped
        assert before.prompt_tokens == sent.prompt_tokens


def test_a_model_that_is_not_loaded_is_planned_with_its_vocabulary_alone(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = new_chat(core)
        before = core.plan_prompt(chat, "Good morning to you").result(PATIENCE_S).plan
        assert core.engine_pid is None, "no weights are loaded for a count"
        _, heard = say(core, chat, "Good morning to you")
        assert heard.of(Planned)[0].plan.prompt_tokens == before.prompt_tokens


def test_a_plan_has_the_window_that_the_next_reply_will_have(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = new_chat(core)
        fill(core, chat, 1)
        core.set_setting("context_tokens", 1024).result(PATIENCE_S)
        before = core.plan_prompt(chat, "go on").result(PATIENCE_S).plan
        _, heard = say(core, chat, "go on")
        assert before.limit_tokens == heard.of(Planned)[-1].plan.limit_tokens == 1024


def test_a_draft_is_planned_while_a_reply_is_being_written(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat, other = new_chat(core), new_chat(core)
        operation = core.send(chat, "!long")
        writing = threading.Event()
        operation.subscribe(lambda event: writing.set() if isinstance(event, TextAdded) else None)
        assert writing.wait(PATIENCE_S)
        plan = core.plan_prompt(other, "Hello").result(PATIENCE_S).plan
        assert plan.prompt_tokens > 0
        assert not operation.done
        operation.cancel()
        operation.result(PATIENCE_S)


def test_a_pinned_turn_stays_while_older_and_newer_ones_leave(tmp_path: Path) -> None:
    with house(tmp_path, "small") as core:
        chat = new_chat(core)
        fill(core, chat, 1)
        pinned, _ = say(core, chat, "my locker is number 17")
        core.pin_message(pinned, True).result(PATIENCE_S)
        plan = fill(core, chat, 12).of(Planned)[-1].plan
        messages = core.open_chat(chat).result(PATIENCE_S).messages
        assert plan.dropped[:2] == tuple(message.id for message in messages[:2])
        assert pinned not in plan.dropped
        tokens = core.plan_prompt(chat, "which one?", tokens=True).result(PATIENCE_S).tokens
        assert "17" in {token.text for token in tokens if token.origin == "pinned"}


def test_what_leaves_is_summed_up_once_per_block_and_goes_with_the_chat(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        core.set_setting("running_summary", True).result(PATIENCE_S)
        core.set_setting("context_tokens", 1024).result(PATIENCE_S)
        chat = new_chat(core)
        summed = [len(fill(core, chat, 1).of(Summarizing)) for _ in range(40)]
        tokens = core.plan_prompt(chat, "go on", tokens=True).result(PATIENCE_S).tokens
        summary = "".join(token.text for token in tokens if token.origin == "summary")
        # the fake engine repeats what it was asked, which holds the turns that left
        assert "You said:" in summary
        assert 0 < sum(map(bool, summed)) <= 12, "not at every turn"
        plan = core.plan_prompt(chat, "go on").result(PATIENCE_S).plan
        assert plan.prompt_tokens + plan.reply_tokens <= plan.limit_tokens


def test_a_summary_counts_in_every_plan(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        core.set_setting("running_summary", True).result(PATIENCE_S)
        core.set_setting("context_tokens", 1024).result(PATIENCE_S)
        core.set_setting("max_reply_tokens", 200).result(PATIENCE_S)
        chat = new_chat(core)
        compared = 0
        for turn in range(25):
            before = core.plan_prompt(chat, f"this is turn {turn}").result(PATIENCE_S).plan
            heard = Heard()
            operation = core.send(chat, f"this is turn {turn}")
            operation.subscribe(heard)
            stats = operation.result(PATIENCE_S).stats
            sent = heard.of(Planned)[-1].plan
            assert stats is not None
            assert sent.prompt_tokens == stats.prompt_tokens, "with the summary"
            assert 0 < sent.reply_tokens <= sent.limit_tokens - sent.prompt_tokens
            # nobody knows yet how long a summary will be that is written only now
            if not heard.of(Summarizing):
                compared += any(part.origin == "summary" for part in before.parts)
                assert (before.prompt_tokens, before.reply_tokens) == (sent.prompt_tokens, sent.reply_tokens)
                assert sum(part.tokens for part in before.parts) == before.prompt_tokens
        assert compared


def test_without_the_setting_nothing_is_summed_up(tmp_path: Path) -> None:
    with house(tmp_path, "small") as core:
        chat = new_chat(core)
        assert not any(fill(core, chat, 1).of(Summarizing) for _ in range(12))


def test_the_plan_of_a_reply_that_goes_on_counts_its_beginning_as_a_part_of_the_reply(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        core.set_setting("context_tokens", 512).result(PATIENCE_S)
        chat = new_chat(core)
        continued = 0
        for turn in range(40):
            core.set_setting("max_reply_tokens", 4).result(PATIENCE_S)
            begun = core.send(chat, f"this is turn {turn}, which asks for more").result(PATIENCE_S)
            core.set_setting("max_reply_tokens", 0).result(PATIENCE_S)
            heard = Heard()
            operation = core.continue_reply(begun.id)
            operation.subscribe(heard)
            whole = operation.result(PATIENCE_S).stats
            plan = heard.of(Planned)[-1].plan
            assert begun.stats is not None
            assert whole is not None
            sent = whole.parts[-1]
            assert sent.prompt_tokens == plan.prompt_tokens + begun.stats.generated_tokens
            assert plan.prompt_tokens + plan.reply_tokens <= plan.limit_tokens
            assert sent.prompt_tokens + sent.generated_tokens <= plan.limit_tokens
            continued += bool(plan.dropped)
        assert continued, "the chat never outgrew its window"


@pytest.mark.slow
def test_a_chat_of_ten_windows_goes_on_with_summaries_of_what_left(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        core.set_setting("running_summary", True).result(PATIENCE_S)
        core.set_setting("context_tokens", 1024).result(PATIENCE_S)
        chat = new_chat(core)
        said = turns = summed = reused = 0
        plan = None
        while plan is None or said < 10 * plan.limit_tokens:
            turns += 1
            heard = Heard()
            operation = core.send(chat, f"this is turn number {turns} of a chat that does not end")
            operation.subscribe(heard)
            reply = operation.result(PATIENCE_S)
            plan = heard.of(Planned)[-1].plan
            assert reply.state == "complete"
            assert reply.stats is not None
            assert reply.stats.prompt_tokens == plan.prompt_tokens
            assert plan.prompt_tokens + reply.stats.generated_tokens <= plan.limit_tokens
            said += 14 + reply.stats.generated_tokens  # the words of the question, at least
            summed += bool(heard.of(Summarizing))
            reused += reply.stats.reused_tokens > plan.prompt_tokens // 2
        kept = core.plan_prompt(chat, "go on", tokens=True).result(PATIENCE_S)
        assert "You said:" in "".join(token.text for token in kept.tokens if token.origin == "summary")
        assert len(core.open_chat(chat).result(PATIENCE_S).messages) == 2 * turns
        assert 10 <= summed < turns // 2, "once for each block that left"
        assert reused > turns // 2, "most turns are read from where the cache ends"
