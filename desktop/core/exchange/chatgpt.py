"""Conversations of a ChatGPT export: `mapping` is the tree. Checked against a real export.

The newer kinds of content (thoughts, recaps, tools, voice) after public code that reads them. What a person
did not see there is not shown here either; what tools were asked and gave stands among the thoughts.
"""

import re
from typing import Any

from desktop.core.exchange.conversations import Conversation
from desktop.core.exchange.texts import fenced, key_of, line_of, list_of, mapping_of, text_of, time_of
from desktop.core.exchange.trees import Notes, Sprout, grown
from desktop.core.types import Part, TextPart, ThoughtsPart
from engine.protocol import Role

# private characters around what the page draws as a link or a picture, such as "cite turn0search0"
_DRAWN = re.compile("\ue200[^\ue201]{0,2000}\ue201|[\ue200-\ue206]")
_OLD_MARK = re.compile("【[^】]{1,40}†[^】]{1,80}】")
_SECONDS = re.compile(r"(?:(\d+)\s*h\w*)?\s*(?:(\d+)\s*m\w*)?\s*(?:(\d+)\s*s\w*)?\s*$", re.IGNORECASE)
_LANGUAGES = ("unknown", "json")


def recognises(value: dict[str, Any]) -> bool:
    return isinstance(value.get("mapping"), dict)


def conversation(value: dict[str, Any]) -> Conversation:
    notes = Notes()
    start = time_of(value.get("create_time")) or time_of(value.get("update_time")) or 0.0
    model = text_of(value.get("default_model_slug"))
    system: list[str] = []
    sprouts = [
        sprout
        for key, node in value["mapping"].items()
        if (sprout := _sprout(text_of(key), node, system, model, notes)) is not None
    ]
    nodes, leaf = grown(sprouts, key_of(value.get("current_node")), start, notes)
    return Conversation(
        "chatgpt",
        key_of(value.get("conversation_id")) or key_of(value.get("id")),
        line_of(value.get("title")),
        start,
        time_of(value.get("update_time")) or start,
        tuple(nodes),
        leaf,
        "\n\n".join(dict.fromkeys(system)),
        pinned=value.get("is_starred") is True,
        archived=value.get("is_archived") is True,
        notes=notes.all(),
    )


def _sprout(key: str, node: Any, system: list[str], model: str, notes: Notes) -> Sprout | None:
    if not isinstance(node, dict):
        notes.add("broken_messages")
        return None
    sprout = Sprout(key, key_of(node.get("parent")))
    message = node.get("message")
    if message is None:
        return sprout
    if not isinstance(message, dict) or not isinstance(message.get("content"), dict):
        notes.add("broken_messages")
        return sprout
    content, about = message["content"], mapping_of(message.get("metadata"))
    author = text_of(mapping_of(message.get("author")).get("role"))
    kind = text_of(content.get("content_type"))
    if kind in ("user_editable_context", "model_editable_context") or author == "system":
        system += _instructions(content, about)
        return sprout
    if about.get("is_visually_hidden_from_conversation") is True:
        return sprout
    role: Role = "user" if author == "user" else "assistant"
    aside = author == "tool" or (role == "assistant" and message.get("recipient", "all") != "all")
    sprout.parts = _parts(content, kind, about, notes, aside=aside)
    _note_attachments(about, notes)
    sprout.role = role
    sprout.created_at = time_of(message.get("create_time"))
    sprout.model = (text_of(about.get("model_slug")) or model) if role == "assistant" else ""
    sprout.stopped = role == "assistant" and message.get("status") == "finished_partial_completion"
    return sprout


def _instructions(content: dict[str, Any], about: dict[str, Any]) -> list[str]:
    """What the person told about themselves and about how to answer, or a system prompt."""
    given = mapping_of(about.get("user_context_message_data"))
    texts = [text_of(given.get("about_user_message")), text_of(given.get("about_model_message"))]
    if not any(texts):
        texts = [text_of(part) for part in list_of(content.get("parts"))]
    return [text.strip() for text in texts if text.strip()]


def _parts(
    content: dict[str, Any], kind: str, about: dict[str, Any], notes: Notes, *, aside: bool
) -> tuple[Part, ...]:
    """`aside`: said to a tool or by one, and no part of the answer."""
    if kind == "thoughts":
        return _thoughts(content)
    if kind == "reasoning_recap":
        return (ThoughtsPart("", _seconds(content, about)),)
    if kind in ("code", "execution_output"):
        language = text_of(content.get("language"))
        text = text_of(content.get("text")) or _text(content, notes)
        shown = fenced(text, "" if language in _LANGUAGES else language) if text.strip() else ""
        aside = aside or kind == "execution_output"
    elif kind in ("tether_quote", "tether_browsing_display"):
        shown, aside = _quote(content), True
    elif kind == "system_error":
        shown, aside = text_of(content.get("text")), True
    else:
        shown = _linked(_text(content, notes), about)
        if kind not in ("text", "multimodal_text") and not shown.strip():
            notes.add("unknown_content", kind)
    if not shown.strip():
        return ()
    return (ThoughtsPart(shown),) if aside else (TextPart(shown),)


def _text(content: dict[str, Any], notes: Notes) -> str:
    """The texts among the parts; what else stands there is noted."""
    texts: list[str] = []
    for part in list_of(content.get("parts")):
        if isinstance(part, str):
            texts.append(text_of(part))
            continue
        kind = text_of(mapping_of(part).get("content_type"))
        if kind == "audio_transcription":
            texts.append(text_of(part.get("text")))
        elif "audio" in kind or "video" in kind:
            notes.add("sounds")
        elif "image" in kind:
            notes.add("images")
        elif part:
            notes.add("unknown_content", kind)
    return "\n".join(text for text in texts if text) or text_of(content.get("text"))


def _thoughts(content: dict[str, Any]) -> tuple[Part, ...]:
    texts = []
    for thought in list_of(content.get("thoughts")):
        one = mapping_of(thought)
        summary, text = text_of(one.get("summary")).strip(), text_of(one.get("content")).strip()
        texts.append("\n\n".join(piece for piece in (f"**{summary}**" if summary else "", text) if piece))
    joined = "\n\n".join(text for text in texts if text)
    return (ThoughtsPart(joined),) if joined else ()


def _seconds(content: dict[str, Any], about: dict[str, Any]) -> float:
    """How long it thought, from the fields or from "Thought for 1m 5s"."""
    told = about.get("finished_duration_sec")
    if isinstance(told, int | float) and not isinstance(told, bool) and 0 <= told < 1e6:
        return float(told)
    match = _SECONDS.search(text_of(content.get("content"))[-40:])
    told_in = match.groups() if match else ()
    units = zip((3600, 60, 1), told_in, strict=False)
    return float(sum(unit * int(part[:6]) for unit, part in units if part))


def _quote(content: dict[str, Any]) -> str:
    pieces = [text_of(content.get(name)) for name in ("title", "url", "summary", "text", "result")]
    return "\n".join(dict.fromkeys(piece for piece in pieces if piece.strip()))


def _linked(text: str, about: dict[str, Any]) -> str:
    """The text with its citations as links, without the characters that only the page there understands."""
    for reference in list_of(about.get("content_references")):
        one = mapping_of(reference)
        mark = text_of(one.get("matched_text"))
        if mark.strip():
            text = text.replace(mark, text_of(one.get("alt")) or _links(one))
    for citation in list_of(about.get("citations")):
        source = mapping_of(mapping_of(citation).get("metadata"))
        if (url := text_of(source.get("url"))) and (found := _OLD_MARK.search(text)):
            text = text.replace(found.group(), _link(text_of(source.get("title")), url))
    return _DRAWN.sub("", text)


def _links(reference: dict[str, Any]) -> str:
    found = [mapping_of(item) for item in list_of(reference.get("items"))]
    return " ".join(
        _link(text_of(item.get("title")), text_of(item.get("url"))) for item in found if item.get("url")
    )


def _link(title: str, url: str) -> str:
    words = " ".join(title.split()).replace("[", "(").replace("]", ")") or url
    return f"([{words}](<{url.replace('<', '').replace('>', '')}>))"


def _note_attachments(about: dict[str, Any], notes: Notes) -> None:
    for attachment in list_of(about.get("attachments")):
        one = mapping_of(attachment)
        if not text_of(one.get("mime_type")).startswith("image/"):
            notes.add("files", line_of(one.get("name")))
