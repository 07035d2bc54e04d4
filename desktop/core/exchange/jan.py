"""Threads of Jan: thread.json, and messages.jsonl beside it. Their shapes are from Jan's own public code."""

import json
from collections.abc import Iterable
from typing import Any

from desktop.core.exchange.conversations import Conversation
from desktop.core.exchange.texts import fenced, key_of, line_of, list_of, mapping_of, text_of, time_of
from desktop.core.exchange.trees import Notes, Sprout, grown
from desktop.core.types import Part, TextPart, ThoughtsPart
from engine.protocol import Role


def is_thread(value: dict[str, Any]) -> bool:
    return value.get("object") == "thread" or (
        isinstance(value.get("assistants"), list) and "id" in value and "mapping" not in value
    )


def is_message(value: dict[str, Any]) -> bool:
    if value.get("object") == "thread.message":
        return True
    return "thread_id" in value and isinstance(value.get("content"), list) and "role" in value


def conversation(thread: dict[str, Any], messages: Iterable[dict[str, Any]]) -> Conversation:
    """`messages` in the order in which they stand in the file."""
    notes = Notes()
    assistant = mapping_of(next(iter(list_of(thread.get("assistants"))), None))
    model = text_of(mapping_of(assistant.get("model")).get("id"))
    told = [
        (time, message)
        for message in (*messages, *(m for m in list_of(thread.get("messages")) if isinstance(m, dict)))
        for time in [time_of(message.get("created_at"))]
    ]
    start = time_of(thread.get("created"))
    if start is None:
        start = min((time for time, _ in told if time is not None), default=0.0)
    if all(time is not None for time, _ in told):
        told.sort(key=lambda pair: pair[0] or 0.0)  # its first versions wrote the newest first
    sprouts: list[Sprout] = []
    for number, (time, message) in enumerate(told):
        key = key_of(message.get("id")) or f"#{number}"
        sprout = _sprout(message, key, sprouts[-1].key if sprouts else "", time, model, notes)
        if key not in {known.key for known in sprouts[-1:]}:
            sprouts.append(sprout)
        else:
            notes.add("doubled_messages")
    nodes, leaf = grown(sprouts, sprouts[-1].key if sprouts else "", start, notes)
    last = max((node.created_at for node in nodes), default=start)
    return Conversation(
        "jan",
        key_of(thread.get("id")) or next((key_of(m.get("thread_id")) for _, m in told), ""),
        line_of(thread.get("title")) or line_of(thread.get("summary")),
        start,
        time_of(thread.get("updated")) or max(start, last),
        tuple(nodes),
        leaf,
        text_of(assistant.get("instructions")),
        pinned=mapping_of(thread.get("metadata")).get("is_favorite") is True,
        notes=notes.all(),
    )


def _sprout(
    message: dict[str, Any], key: str, parent: str, time: float | None, model: str, notes: Notes
) -> Sprout:
    name = text_of(message.get("role"))
    role: Role = "user" if name == "user" else "system" if name == "system" else "assistant"
    parts: list[Part] = []
    content = message.get("content")
    if isinstance(content, str):
        parts.append(TextPart(text_of(content)))
    for item in list_of(content):
        parts += _parts(mapping_of(item), notes, aside=name == "tool")
    for attachment in list_of(message.get("attachments")):
        notes.add("files", line_of(mapping_of(attachment).get("name")))
    about = mapping_of(message.get("metadata"))
    used = text_of(about.get("modelId")) or model
    stopped = role == "assistant" and message.get("status") in ("stopped", "error", "pending")
    return Sprout(key, parent, role, tuple(parts), time, used if role == "assistant" else "", stopped)


def _parts(item: dict[str, Any], notes: Notes, *, aside: bool) -> list[Part]:
    kind = text_of(item.get("type"))
    value = item.get("text")
    text = text_of(value) or text_of(mapping_of(value).get("value"))
    if kind == "text":
        return _split(text, aside=aside)
    if kind == "reasoning":
        return [ThoughtsPart(text)]
    if kind == "tool_call":
        both = {"input": item.get("input"), "output": item.get("output")}
        told = json.dumps(both, ensure_ascii=False, indent=2)
        return [ThoughtsPart(f"{text_of(item.get('tool_name'))}\n{fenced(text_of(told), 'json')}".strip())]
    if "image" in kind:
        notes.add("images")
    elif kind:
        notes.add("unknown_content", kind)
    return []


def _split(text: str, *, aside: bool) -> list[Part]:
    """Its models' thoughts stand in the text, between tags."""
    if aside:
        return [ThoughtsPart(text)]
    opened = text.lstrip()
    if opened.startswith("<think>") and "</think>" in opened:
        thoughts, _, rest = opened.removeprefix("<think>").partition("</think>")
        return [ThoughtsPart(thoughts.strip()), TextPart(rest.lstrip("\n"))]
    return [TextPart(text)]
