"""Small exports of other programs, in the shapes that public code reads. None is a real person's."""

from typing import Any

CLAUDE: list[dict[str, Any]] = [
    {
        "uuid": "c1",
        "name": "Poems",
        "created_at": "2025-05-01T10:00:00.000000Z",
        "updated_at": "2025-05-01T10:05:00.000000Z",
        "account": {"uuid": "a"},
        "chat_messages": [
            {
                "uuid": "m1",
                "text": "Write a poem.",
                "content": [{"type": "text", "text": "Write a poem.", "citations": []}],
                "sender": "human",
                "created_at": "2025-05-01T10:00:01Z",
                "attachments": [
                    {"file_name": "notes.txt", "file_size": 4, "extracted_content": "rain"},
                ],
                "files": [{"file_name": "photo.png"}],
                "parent_message_uuid": "00000000-0000-4000-8000-000000000000",
            },
            {
                "uuid": "m2",
                "text": "Rain falls.",
                "content": [
                    {
                        "type": "thinking",
                        "thinking": "A poem on rain.",
                        "start_timestamp": "2025-05-01T10:00:02Z",
                        "stop_timestamp": "2025-05-01T10:00:05Z",
                    },
                    {"type": "tool_use", "name": "web_search", "input": {"query": "rain"}},
                    {"type": "tool_result", "content": [{"type": "text", "text": "wet"}]},
                    {"type": "text", "text": "Rain falls."},
                ],
                "sender": "assistant",
                "created_at": "2025-05-01T10:00:06Z",
                "attachments": [],
                "files": [],
                "parent_message_uuid": "m1",
            },
            {
                "uuid": "m3",
                "text": "Snow falls.",
                "content": [{"type": "text", "text": "Snow falls."}],
                "sender": "assistant",
                "created_at": "2025-05-01T10:01:06Z",
                "attachments": [],
                "files": [],
                "parent_message_uuid": "m1",
            },
        ],
    }
]

# from before messages told their parents
CLAUDE_IN_A_ROW: dict[str, Any] = {
    "uuid": "c2",
    "name": "",
    "created_at": "2024-01-01T00:00:00Z",
    "chat_messages": [
        {"uuid": "a", "text": "One", "sender": "human", "created_at": "2024-01-01T00:00:00Z"},
        {"uuid": "b", "text": "Two", "sender": "assistant", "created_at": "2024-01-01T00:00:01Z"},
        {"uuid": "c", "text": "Three", "sender": "human", "created_at": "2024-01-01T00:00:02Z"},
    ],
}

LM_STUDIO: dict[str, Any] = {
    "name": "Sums",
    "pinned": True,
    "createdAt": 1758392316161,
    "systemPrompt": "Be short.",
    "lastUsedModel": {"identifier": "qwen2.5-7b-instruct"},
    "messages": [
        {
            "versions": [
                {"type": "singleStep", "role": "user", "content": [{"type": "text", "text": "2 + 2?"}]},
            ],
            "currentlySelected": 0,
        },
        {
            "versions": [
                {
                    "type": "multiStep",
                    "role": "assistant",
                    "senderInfo": {"senderName": "qwen"},
                    "steps": [
                        {
                            "type": "contentBlock",
                            "stepIdentifier": "1758392320000-0.1",
                            "style": {"type": "thinking", "title": "Thought for 2 s", "ended": True},
                            "content": [{"type": "text", "text": "Add them."}],
                        },
                        {
                            "type": "contentBlock",
                            "stepIdentifier": "1758392321000-0.2",
                            "content": [
                                {"type": "text", "text": "<|end|>", "isStructural": True},
                                {"type": "text", "text": "Five."},
                            ],
                            "genInfo": {"identifier": "qwen2.5", "stats": {"stopReason": "eosFound"}},
                        },
                        {"type": "debugInfoBlock", "debugInfo": "x"},
                    ],
                },
                {
                    "type": "multiStep",
                    "role": "assistant",
                    "steps": [{"type": "contentBlock", "content": [{"type": "text", "text": "Four."}]}],
                },
            ],
            "currentlySelected": 1,
        },
        {
            "versions": [
                {"type": "singleStep", "role": "user", "content": [{"type": "text", "text": "Sure?"}]},
            ],
            "currentlySelected": 0,
        },
    ],
}

JAN_THREAD: dict[str, Any] = {
    "id": "jan_1700000000",
    "object": "thread",
    "title": "Tea",
    "assistants": [
        {"assistant_id": "jan", "instructions": "Be kind.", "model": {"id": "llama3.2-3b", "engine": "x"}}
    ],
    "created": 1700000000,
    "updated": 1700000100,
    "metadata": {},
}


def jan_message(number: int, role: str, text: str) -> dict[str, Any]:
    return {
        "id": f"msg{number}",
        "object": "thread.message",
        "thread_id": "jan_1700000000",
        "role": role,
        "content": [{"type": "text", "text": {"value": text, "annotations": []}}],
        "status": "ready",
        "created_at": 1700000000 + number,
        "completed_at": 1700000000 + number,
    }


JAN_MESSAGES = [
    jan_message(1, "user", "Green or black?"),
    jan_message(2, "assistant", "<think>Taste.</think>\nGreen."),
]


def chatgpt_node(
    key: str, parent: str | None, role: str, content: dict[str, Any] | str | None, **more: Any
) -> dict[str, Any]:
    """A node of `mapping`; a text for ordinary content."""
    if isinstance(content, str):
        content = {"content_type": "text", "parts": [content]}
    message = (
        None
        if content is None
        else {
            "id": key,
            "author": {"role": role},
            "create_time": 1_700_000_000.5,
            "content": content,
            "recipient": "all",
            "metadata": {},
            "status": "finished_successfully",
        }
        | more
    )
    return {"id": key, "parent": parent, "children": [], "message": message}


def chatgpt(*nodes: dict[str, Any], key: str = "conv", leaf: str = "", **more: Any) -> dict[str, Any]:
    return {
        "title": "A title",
        "create_time": 1_700_000_000.0,
        "update_time": 1_700_000_100.0,
        "mapping": {node["id"]: node for node in nodes},
        "current_node": leaf or nodes[-1]["id"],
        "conversation_id": key,
    } | more
