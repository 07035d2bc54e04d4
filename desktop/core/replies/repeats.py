"""Whether a reply that was made again is the same, and what was not as it had been. Makes no reply.

The conditions under which the same must come: packaging/decisions/0113.
"""

from typing import Literal

import msgspec

from desktop.core.types import StoredMessage
from engine.protocol import ReplyRecord, Stats

Condition = Literal[
    "record",  # one of the two has none
    "edited",  # a person changed the text
    "ended",  # one of the two was stopped or broke off
    "begun",  # a part of one of the two was given
    "cache",  # a part of a prompt was in the cache, and was evaluated in other batches
    "guessed",  # tokens were guessed ahead, and evaluated in other batches
    "prompt",  # what was read before is not as long: the chat is another by now
    "model",
    "runtime",  # another llama.cpp
    "placement",  # another window, another kind of cache, or other layers on a GPU
    "threads",
    "settings",
]


class Repetition(msgspec.Struct, frozen=True):
    """`identical`: the text is the same, to the letter. `broken`: the conditions that did not hold."""

    identical: bool
    broken: tuple[Condition, ...] = ()


def repetition(first: StoredMessage, again: StoredMessage) -> Repetition:
    """How `again` compares to `first`, whose question it answers in the same way."""
    return Repetition(_said(first) == _said(again), tuple(_broken(first, again)))


def record_of(stats: Stats | None) -> ReplyRecord | None:
    """What a reply was made with; one that went on after it had ended: what its beginning was made with."""
    if stats is None:
        return None
    return stats.parts[0].record if stats.parts else stats.record


def _said(reply: StoredMessage) -> tuple[str, str]:
    return reply.thoughts.text if reply.thoughts else "", reply.text


def _broken(first: StoredMessage, again: StoredMessage) -> list[Condition]:
    found: list[Condition] = ["edited"] if first.edited or again.edited else []
    if first.state != "complete" or again.state != "complete":
        found.append("ended")
    one, two = first.stats, again.stats
    made, remade = record_of(one), record_of(two)
    if one is None or two is None or made is None or remade is None:
        return [*found, "record"]
    if one.parts or two.parts or made.begun or remade.begun:
        found.append("begun")
    return [*found, *_of_work(one, two), *_of_records(made, remade)]


def _of_work(one: Stats, two: Stats) -> list[Condition]:
    found: list[Condition] = []
    if one.reused_tokens or two.reused_tokens:
        found.append("cache")
    if one.drafted_tokens or two.drafted_tokens:
        found.append("guessed")
    if one.prompt_tokens != two.prompt_tokens:
        found.append("prompt")
    return found


def _of_records(one: ReplyRecord, two: ReplyRecord) -> list[Condition]:
    found: list[Condition] = []
    if one.model != two.model:
        found.append("model")
    if one.runtime != two.runtime:
        found.append("runtime")
    if _placement(one) != _placement(two):
        found.append("placement")
    if one.threads != two.threads:
        found.append("threads")
    if _settings(one) != _settings(two):
        found.append("settings")
    return found


def _placement(record: ReplyRecord) -> tuple[object, ...]:
    return record.kv_type, record.context_tokens, record.gpu_layers, record.batch_tokens


def _settings(record: ReplyRecord) -> tuple[object, ...]:
    return (
        record.sampling,
        record.max_tokens,
        record.stop,
        record.grammar,
        record.json_schema,
        record.adapters,
        record.templating,
    )
