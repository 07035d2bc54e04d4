"""Chats of an Open WebUI export: `history.messages` is the tree. Checked against a real chat.

The envelope of "export all chats" (`chat` with title, pins and times around it) is from public code.
"""

import html
import re
from typing import Any

from desktop.core.exchange.conversations import Conversation
from desktop.core.exchange.texts import key_of, line_of, list_of, mapping_of, text_of, time_of
from desktop.core.exchange.trees import Notes, Sprout, grown
from desktop.core.types import FilePart, Part, TextPart, ThoughtsPart
from engine.protocol import Role

# how it keeps the thoughts of a model inside the text
_REASONING = re.compile(
    r"<details\s+type=\"reasoning\"([^>]*)>\s*(?:<summary>.*?</summary>)?(.*?)</details>", re.DOTALL
)
_THINK = re.compile(r"^\s*<think(?:ing)?>(.*?)</think(?:ing)?>", re.DOTALL)
_DURATION = re.compile(r"duration=\"([\d.]{1,9})\"")


def recognises(value: dict[str, Any]) -> bool:
    chat = _chat(value)
    return isinstance(mapping_of(chat.get("history")).get("messages"), dict)


def conversation(value: dict[str, Any]) -> Conversation:
    chat, notes = _chat(value), Notes()
    history = chat["history"]
    messages = dict(history["messages"])
    for message in list_of(chat.get("messages")):  # the path that was shown, which some versions keep alone
        if isinstance(message, dict) and (key := key_of(message.get("id"))):
            messages.setdefault(key, message)
    start = time_of(value.get("created_at")) or time_of(chat.get("timestamp"))
    if start is None:
        times = [time_of(mapping_of(message).get("timestamp")) for message in messages.values()]
        start = min((time for time in times if time is not None), default=0.0)
    sprouts = [
        sprout
        for key, message in messages.items()
        if (sprout := _sprout(text_of(key), message, notes)) is not None
    ]
    nodes, leaf = grown(sprouts, key_of(history.get("currentId")), start, notes)
    last = max((node.created_at for node in nodes), default=start)
    return Conversation(
        "openwebui",
        key_of(value.get("id")) or key_of(chat.get("id")),
        line_of(value.get("title")) or line_of(chat.get("title")),
        start,
        time_of(value.get("updated_at")) or max(start, last),
        tuple(nodes),
        leaf,
        text_of(mapping_of(chat.get("params")).get("system")) or text_of(chat.get("system")),
        pinned=value.get("pinned") is True,
        archived=value.get("archived") is True,
        notes=notes.all(),
    )


def _chat(value: dict[str, Any]) -> dict[str, Any]:
    """Without its envelope, where it has one."""
    inner = value.get("chat")
    return inner if isinstance(inner, dict) else value


def _sprout(key: str, message: Any, notes: Notes) -> Sprout | None:
    if not isinstance(message, dict):
        notes.add("broken_messages")
        return None
    role_name = text_of(message.get("role"))
    role: Role = "user" if role_name == "user" else "system" if role_name == "system" else "assistant"
    parts: list[Part] = _text_parts(message.get("content"), notes)
    parts += _sources(message)
    parts += _files(message, notes)
    feedback = mapping_of(message.get("annotation")).get("rating")
    rating = 0
    if role == "assistant" and isinstance(feedback, int | float | str):
        rating = 1 if str(feedback) == "1" else -1 if str(feedback) == "-1" else 0
    return Sprout(
        key,
        key_of(message.get("parentId")),
        role,
        tuple(parts),
        time_of(message.get("timestamp")),
        text_of(message.get("model")) if role == "assistant" else "",
        stopped=role == "assistant" and message.get("done") is False,
        rating=rating,
    )


def _text_parts(content: Any, notes: Notes) -> list[Part]:
    texts: list[str] = []
    if isinstance(content, str):
        texts.append(text_of(content))
    for item in list_of(content):
        one = mapping_of(item)
        if "image" in text_of(one.get("type")):
            notes.add("images")
        texts.append(text_of(one.get("text")))
    text = "\n".join(piece for piece in texts if piece)
    parts: list[Part] = []

    def thought(match: "re.Match[str]") -> str:
        duration = _DURATION.search(match[1])
        lines = html.unescape(match[2]).strip().splitlines()
        said = "\n".join(line.removeprefix(">").removeprefix(" ") for line in lines)
        parts.append(ThoughtsPart(said, _number(duration[1]) if duration else 0.0))
        return ""

    text = _REASONING.sub(thought, text)
    if match := _THINK.match(text):
        parts.append(ThoughtsPart(match[1].strip()))
        text = text[match.end() :]
    text = text.strip("\n")
    return [*parts, TextPart(text)] if text.strip() else parts


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _sources(message: dict[str, Any]) -> list[Part]:
    """What was found for the reply, as excerpts to read. They point to no document of ours."""
    texts: list[str] = []
    for source in [*list_of(message.get("sources")), *list_of(message.get("citations"))]:
        one = mapping_of(source)
        name = line_of(mapping_of(one.get("source")).get("name"))
        texts += [f"{name}: {text}" for piece in list_of(one.get("document")) if (text := text_of(piece))]
    return [FilePart("sources.txt", "\n\n".join(texts))] if texts else []


def _files(message: dict[str, Any], notes: Notes) -> list[Part]:
    parts: list[Part] = []
    for file in list_of(message.get("files")):
        one = mapping_of(file)
        inner = mapping_of(one.get("file"))
        name = line_of(one.get("name")) or line_of(inner.get("filename"))
        text = text_of(mapping_of(inner.get("data")).get("content"))
        if text.strip():
            parts.append(FilePart(name, text))
        elif one.get("type") == "image":
            notes.add("images")
        else:
            notes.add("files", name)
    return parts
