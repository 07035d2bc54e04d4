"""Whose conversation a piece of JSON is, by its shape alone. Reads no file."""

import hashlib
from typing import Any

import msgspec
from msgspec.structs import replace

from desktop.core.exchange import chatgpt, claude, lmstudio, openwebui, own
from desktop.core.exchange.conversations import Conversation

_READERS = (chatgpt, claude, openwebui, lmstudio, own)


class NotAsExpected(Exception):
    """It looks like a conversation, and is none that can be read; the text says why."""


def is_conversation(value: Any) -> bool:
    return isinstance(value, dict) and any(reader.recognises(value) for reader in _READERS)


def read(value: dict[str, Any]) -> Conversation | None:
    """The conversation; None: it is none. Raises NotAsExpected."""
    for reader in _READERS:
        if reader.recognises(value):
            return settled(value, reader.conversation)
    return None


def settled(value: dict[str, Any], reader: Any, *more: Any) -> Conversation:
    """What `reader` makes of `value`, with a key. Raises NotAsExpected."""
    try:
        found: Conversation = reader(value, *more)
    except (msgspec.ValidationError, ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        # a shape that nobody has seen yet must cost one conversation, not the import
        raise NotAsExpected(f"{type(error).__name__}: {error}") from error
    return found if found.key else replace(found, key=_made_key(found))


def _made_key(found: Conversation) -> str:
    """Of a conversation without a name: from how it begins, so that it is known again when it has grown."""
    begins = (found.created_at, [(node.role, node.parts) for node in found.nodes[:1]])
    return hashlib.sha256(msgspec.msgpack.encode(begins)).hexdigest()[:24]
