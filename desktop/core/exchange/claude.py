"""Conversations of a Claude export: `chat_messages`, content in blocks. Its shape is from public code."""

import json
from typing import Any

from desktop.core.exchange.conversations import Conversation
from desktop.core.exchange.texts import fenced, key_of, line_of, list_of, mapping_of, text_of, time_of
from desktop.core.exchange.trees import Notes, Sprout, grown
from desktop.core.types import FilePart, Part, TextPart, ThoughtsPart
from engine.protocol import Role

_ASSISTANT = ("assistant", "claude", "model")
_SILENT = ("token_budget", "flag", "voice_note", "redacted_thinking")
# what an artifact is called where it comes through a tool: its text is what the person got
_ARTIFACTS = ("artifacts", "create_file")


def recognises(value: dict[str, Any]) -> bool:
    return isinstance(value.get("chat_messages"), list)


def conversation(value: dict[str, Any]) -> Conversation:
    notes = Notes()
    start = time_of(value.get("created_at")) or time_of(value.get("updated_at")) or 0.0
    model = text_of(value.get("model"))
    sprouts: list[Sprout] = []
    keys = {key_of(message.get("uuid")) for message in value["chat_messages"] if isinstance(message, dict)}
    for number, message in enumerate(value["chat_messages"]):
        if not isinstance(message, dict):
            notes.add("broken_messages")
            continue
        above = key_of(message.get("parent_message_uuid"))
        # the first message's parent is a name that no message has; without any, the export is one line
        line = not above or (above not in keys and sprouts and not any(s.parent for s in sprouts))
        parent = (sprouts[-1].key if sprouts else "") if line else above
        sprouts.append(_sprout(message, number, parent if parent in keys else "", model, notes))
    nodes, leaf = grown(sprouts, key_of(value.get("current_leaf_message_uuid")), start, notes)
    return Conversation(
        "claude",
        key_of(value.get("uuid")),
        line_of(value.get("name")),
        start,
        time_of(value.get("updated_at")) or start,
        tuple(nodes),
        leaf,
        pinned=value.get("is_starred") is True,
        notes=notes.all(),
    )


def _sprout(message: dict[str, Any], number: int, parent: str, model: str, notes: Notes) -> Sprout:
    sender = text_of(message.get("sender")).lower()
    role: Role = "assistant" if sender in _ASSISTANT else "user"
    parts = _blocks(list_of(message.get("content")), notes)
    text = text_of(message.get("text"))
    if text.strip() and not any(isinstance(part, TextPart) for part in parts):
        parts.append(TextPart(text))
    parts += _attached(message, notes)
    return Sprout(
        key_of(message.get("uuid")) or f"#{number}",
        parent,
        role,
        tuple(parts),
        time_of(message.get("created_at")),
        model if role == "assistant" else "",
        stopped=role == "assistant" and message.get("stop_reason") in ("max_tokens", "user_canceled"),
    )


def _blocks(blocks: list[Any], notes: Notes) -> list[Part]:
    parts: list[Part] = []
    for block in blocks:
        one = mapping_of(block)
        kind = text_of(one.get("type"))
        if kind == "text":
            text = text_of(one.get("text")) + _citations(one)
            parts.append(TextPart(text))
        elif kind == "thinking":
            began, ended = time_of(one.get("start_timestamp")), time_of(one.get("stop_timestamp"))
            spent = ended - began if began is not None and ended is not None else 0.0
            thoughts = text_of(one.get("thinking")) or text_of(one.get("text"))
            parts.append(ThoughtsPart(thoughts, max(0.0, spent)))
        elif kind == "tool_use":
            parts += _tool_use(one)
        elif kind == "tool_result":
            if result := _result(one.get("content"), notes).strip():
                parts.append(ThoughtsPart(fenced(result)))
        elif kind == "image":
            notes.add("images")
        elif kind and kind not in _SILENT:
            notes.add("unknown_content", kind)
    return parts


def _tool_use(block: dict[str, Any]) -> list[Part]:
    name, given = text_of(block.get("name")), mapping_of(block.get("input"))
    if name in _ARTIFACTS and (content := text_of(given.get("content") or given.get("file_text"))).strip():
        kind = text_of(given.get("type")).rpartition("/")[2]
        language = text_of(given.get("language")) or ("markdown" if kind == "markdown" else "")
        title = line_of(given.get("title") or given.get("path"))
        return [TextPart("\n\n".join(([f"**{title}**"] if title else []) + [fenced(content, language)]))]
    told = json.dumps(block.get("input"), ensure_ascii=False, indent=2) if block.get("input") else ""
    return [ThoughtsPart(text_of(f"{name}\n{fenced(told, 'json')}" if told else name))] if name else []


def _result(content: Any, notes: Notes) -> str:
    if isinstance(content, str):
        return text_of(content)
    texts = []
    for item in list_of(content):
        one = mapping_of(item)
        if one.get("type") == "image":
            notes.add("images")
        texts += [text_of(one.get(name)) for name in ("title", "url", "text")]
    return "\n".join(text for text in texts if text)


def _citations(block: dict[str, Any]) -> str:
    """The sources that a block names, as links behind it."""
    links = {}
    for citation in list_of(block.get("citations")):
        one = mapping_of(citation)
        details = mapping_of(one.get("details"))
        if url := text_of(one.get("url")) or text_of(details.get("url")):
            title = line_of(one.get("title")).replace("[", "(").replace("]", ")") or url
            links[url] = f" ([{title}](<{url.replace('<', '').replace('>', '')}>))"
    return "".join(links.values())


def _unnamed(attachment: dict[str, Any], before: int) -> str:
    """A long paste is an attachment without a name."""
    kind = text_of(attachment.get("file_type"))
    ending = kind if kind.isalnum() else "txt"
    return f"paste {before + 1}.{ending}" if before else f"paste.{ending}"


def _attached(message: dict[str, Any], notes: Notes) -> list[Part]:
    """The texts of attachments come along; files are only named in an export."""
    parts: list[Part] = []
    named: set[str] = set()
    for attachment in list_of(message.get("attachments")):
        one = mapping_of(attachment)
        name, text = line_of(one.get("file_name")), text_of(one.get("extracted_content"))
        if text.strip():
            name = name or _unnamed(one, len(parts))
            parts.append(FilePart(name, text))
            named.add(name)
        elif name or one:
            notes.add("files", name)
    for file in [*list_of(message.get("files")), *list_of(message.get("files_v2"))]:
        name = line_of(mapping_of(file).get("file_name"))
        if name and name not in named:
            notes.add("files", name)
            named.add(name)
    return parts
