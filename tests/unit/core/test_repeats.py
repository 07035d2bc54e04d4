"""Whether a reply came out the same, and which condition did not hold."""

import pytest
from msgspec.structs import replace

from desktop.core.replies.repeats import Condition, repetition
from desktop.core.types import StoredMessage, TextPart
from engine.protocol import ReplyRecord, Sampling, Stats

RECORD = ReplyRecord(Sampling(seed=3), model="/m.gguf", runtime="a", threads=2)
STATS = Stats(12, 0, 5, 0.1, 9.0, "end", 3, record=RECORD)
REPLY = StoredMessage(2, 1, 1, "assistant", (TextPart("Seven euros."),), "complete", 0.0, stats=STATS)


def made(**changes: object) -> StoredMessage:
    return replace(REPLY, stats=replace(STATS, **changes))


def recorded(**changes: object) -> StoredMessage:
    return made(record=replace(RECORD, **changes))


def test_the_same_under_the_same_conditions_breaks_none() -> None:
    assert repetition(REPLY, replace(REPLY, id=3)) == repetition(REPLY, REPLY)
    assert repetition(REPLY, REPLY).identical
    assert repetition(REPLY, REPLY).broken == ()


def test_another_text_is_not_identical() -> None:
    assert not repetition(REPLY, replace(REPLY, parts=(TextPart("Eight euros."),))).identical


@pytest.mark.parametrize(
    ("other", "condition"),
    [
        (replace(REPLY, edited=True), "edited"),
        (replace(REPLY, state="stopped"), "ended"),
        (replace(REPLY, stats=None), "record"),
        (made(record=None), "record"),
        (made(reused_tokens=4), "cache"),
        (made(drafted_tokens=4), "guessed"),
        (made(prompt_tokens=13), "prompt"),
        (recorded(begun=True), "begun"),
        (recorded(model="/n.gguf"), "model"),
        (recorded(runtime="b"), "runtime"),
        (recorded(kv_type="q8_0"), "placement"),
        (recorded(threads=1), "threads"),
        (recorded(sampling=Sampling(seed=4)), "settings"),
        (recorded(stop=("zzz",)), "settings"),
    ],
)
def test_each_condition_that_did_not_hold_is_named(other: StoredMessage, condition: Condition) -> None:
    assert repetition(REPLY, other).broken == (condition,)
    assert repetition(other, REPLY).broken == (condition,)
