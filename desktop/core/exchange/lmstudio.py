"""Conversations of LM Studio: messages in a row, each with versions. Its shape is from public code.

A version that is not the one shown becomes a sibling; what follows hangs on the one that is shown.
"""

import json
from typing import Any

from desktop.core.exchange.conversations import Conversation
from desktop.core.exchange.texts import fenced, key_of, line_of, list_of, mapping_of, text_of, time_of
from desktop.core.exchange.trees import Notes, Sprout, grown
from desktop.core.types import Part, TextPart, ThoughtsPart
from engine.protocol import Role

# steps without words: how a prediction went, and whether a tool worked
_SILENT = ("debugInfoBlock", "status", "toolStatus", "genInfo")
_SYSTEM_PROMPT = "llm.prediction.systemPrompt"


def recognises(value: dict[str, Any]) -> bool:
    messages = value.get("messages")
    if not isinstance(messages, list) or not ("createdAt" in value or "systemPrompt" in value):
        return False
    return all(isinstance(mapping_of(message).get("versions"), list) for message in messages[:3])


def conversation(value: dict[str, Any]) -> Conversation:
    notes = Notes()
    start = time_of(value.get("createdAt")) or 0.0
    model = text_of(mapping_of(value.get("lastUsedModel")).get("identifier"))
    sprouts: list[Sprout] = []
    parent = ""
    for number, message in enumerate(value["messages"]):
        versions = list_of(mapping_of(message).get("versions"))
        if not versions:
            notes.add("broken_messages")
            continue
        shown = mapping_of(message).get("currentlySelected")
        if not isinstance(shown, int) or not 0 <= shown < len(versions):
            shown = len(versions) - 1
        above, row = parent, []
        for at, version in enumerate(versions):
            if isinstance(version, dict):
                row.append(_sprout(version, f"{number}.{at}", above, model, notes))
                if at == shown:
                    parent = row[-1].key
            else:
                notes.add("broken_messages")
        sprouts += row
    times = {time_of(value.get(name)) for name in ("assistantLastMessagedAt", "userLastMessagedAt")}
    nodes, leaf = grown(sprouts, parent, start, notes)
    return Conversation(
        "lmstudio",
        _key(value),
        line_of(value.get("name")),
        start,
        max((time for time in times if time is not None), default=start),
        tuple(nodes),
        leaf,
        text_of(value.get("systemPrompt")) or _configured(value),
        pinned=value.get("pinned") is True,
        notes=notes.all(),
    )


def _key(value: dict[str, Any]) -> str:
    """It names its conversations by the time at which they were made, which is the file's name too."""
    return key_of(value.get("id")) or key_of(value.get("createdAt"))


def _configured(value: dict[str, Any]) -> str:
    for field in list_of(mapping_of(value.get("perChatPredictionConfig")).get("fields")):
        if mapping_of(field).get("key") == _SYSTEM_PROMPT:
            return text_of(field.get("value"))
    return ""


def _sprout(version: dict[str, Any], key: str, parent: str, model: str, notes: Notes) -> Sprout:
    name = text_of(version.get("role"))
    role: Role = "user" if name == "user" else "system" if name == "system" else "assistant"
    parts: list[Part] = []
    stopped = False
    created_at: float | None = None
    if version.get("type") == "multiStep" or "steps" in version:
        for step in list_of(version.get("steps")):
            one = mapping_of(step)
            parts += _step(one, notes)
            stats = mapping_of(mapping_of(one.get("genInfo")).get("stats"))
            stopped = stats.get("stopReason") == "userStopped"
            model = text_of(mapping_of(one.get("genInfo")).get("identifier")) or model
            created_at = created_at or time_of(text_of(one.get("stepIdentifier")).partition("-")[0])
    else:
        parts += _content(version.get("content"), notes)
    sender = text_of(mapping_of(version.get("senderInfo")).get("senderName"))
    shown_model = (model or sender) if role == "assistant" else ""
    return Sprout(key, parent, role, tuple(parts), created_at, shown_model, stopped=stopped)


def _step(step: dict[str, Any], notes: Notes) -> list[Part]:
    kind = text_of(step.get("type"))
    if kind == "contentBlock":
        parts = _content(step.get("content"), notes)
        if mapping_of(step.get("style")).get("type") == "thinking":
            return [ThoughtsPart(part.text) if isinstance(part, TextPart) else part for part in parts]
        return parts
    if kind == "requestConfirmToolCall":
        return [_tool(mapping_of(step.get("request")))]
    if kind in ("toolCallRequestBlock", "toolCallResultBlock"):  # older files
        return [_tool({**step, **mapping_of(step.get("toolCallRequest"))})]
    if kind and kind not in _SILENT:
        notes.add("unknown_content", kind)
    return []


def _tool(call: dict[str, Any]) -> ThoughtsPart:
    """What a tool was asked, or what it answered."""
    said = next((call[name] for name in ("content", "parameters", "arguments") if call.get(name)), "")
    told = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False, indent=2)
    return ThoughtsPart("\n".join([text_of(call.get("name")), fenced(text_of(told)) if told else ""]).strip())


def _content(content: Any, notes: Notes) -> list[Part]:
    if isinstance(content, str):
        return [TextPart(text_of(content))]
    parts: list[Part] = []
    for item in list_of(content):
        one = mapping_of(item)
        kind = text_of(one.get("type"))
        if kind == "text":
            if one.get("isStructural") is not True:
                parts.append(TextPart(text_of(one.get("text"))))
        elif kind in ("toolCallRequest", "toolCallResult"):
            parts.append(_tool(one))
        elif kind == "file":
            named = line_of(one.get("name")) or line_of(one.get("fileIdentifier"))
            notes.add("images" if one.get("fileType") == "image" else "files", named)
        elif kind:
            notes.add("unknown_content", kind)
    return parts
