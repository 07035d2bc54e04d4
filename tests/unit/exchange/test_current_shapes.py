"""Exports as public code that reads real ones describes them today: fields, blocks and files of this year.

Written anew after those descriptions; packaging/decisions/0107 says which shape was checked against what.
"""

import json
import zipfile
from pathlib import Path
from typing import Any

from desktop.core.chats.store import ChatStore
from desktop.core.exchange import jan
from desktop.core.exchange.importing import Import
from desktop.core.operations import Operation
from desktop.core.types import FilePart
from tests.unit.exchange.shapes import chatgpt, chatgpt_node
from tests.unit.exchange.test_shapes import read, text, texts, thoughts

ROOT = "00000000-0000-4000-8000-000000000000"


def claude_message(
    key: str, parent: str, sender: str, content: list[dict[str, Any]], **more: Any
) -> dict[str, Any]:
    """`text` is empty: what was said stands in the blocks alone."""
    message = {"uuid": key, "text": "", "content": content, "sender": sender, "attachments": [], "files": []}
    times = {"created_at": "2026-03-29T07:06:35.552627Z", "updated_at": "2026-03-29T07:06:35.552627Z"}
    return {**message, **times, "parent_message_uuid": parent, **more}


def block(kind: str, **more: Any) -> dict[str, Any]:
    return {"start_timestamp": None, "stop_timestamp": None, "flags": None, "type": kind, **more}


def test_a_claude_chat_of_this_year_has_its_tools_its_pastes_and_the_branch_that_was_shown() -> None:
    listed = block(
        "tool_use",
        id="toolu_1",
        name="Calendar:list",
        input={"maxResults": 100},
        message="List",
        integration_name="Calendar",
        approval_key="x",
        is_mcp_app=False,
    )
    answered = block(
        "tool_result",
        tool_use_id="toolu_1",
        name="Calendar:list",
        content=[{"type": "text", "text": "two events", "uuid": "u"}],
        is_error=False,
        structured_content=None,
        display_content={"type": "json_block", "json_block": "{}"},
    )
    paste = {"id": "a", "file_name": "", "file_size": 9, "file_type": "txt", "extracted_content": "a paste"}
    chat = read(
        {
            "uuid": "c",
            "name": "Calendar",
            "summary": "About a calendar.",
            "created_at": "2026-03-29T07:06:34.084721Z",
            "updated_at": "2026-03-29T12:59:41.658730Z",
            "account": {"uuid": "u"},
            "current_leaf_message_uuid": "m2",
            "chat_messages": [
                claude_message(
                    "m1", ROOT, "human", [], attachments=[paste, paste | {"extracted_content": "b"}]
                ),
                claude_message(
                    "m2",
                    "m1",
                    "assistant",
                    [
                        block("text", text=" ", citations=[]),
                        block(
                            "thinking", thinking="Look first.", summaries=[{"summary": "x"}], cut_off=False
                        ),
                        listed,
                        answered,
                        block("text", text="You have two.", citations=[]),
                    ],
                ),
                claude_message("m3", "m1", "assistant", [block("text", text="Another try.", citations=[])]),
            ],
        }
    )
    assert [node.parent for node in chat.nodes] == [None, "m1", "m1"]
    assert chat.leaf == "m2"
    assert chat.nodes[0].parts == (FilePart("paste.txt", "a paste"), FilePart("paste 2.txt", "b"))
    assert text(chat.nodes[1]).strip() == "You have two."
    for said in ("Look first.", "Calendar:list", '"maxResults": 100', "two events"):
        assert said in thoughts(chat.nodes[1])
    assert chat.notes == ()


def test_a_chat_of_lm_studio_has_what_its_tools_were_asked_and_answered() -> None:
    call = {
        "type": "toolCallRequest",
        "callId": 7,
        "toolCallRequestId": "9",
        "name": "read",
        "parameters": {"p": 1},
    }
    answer = {"type": "toolCallResult", "callId": 7, "toolCallRequestId": "9", "name": "", "content": "seven"}
    confirmed = {
        "type": "requestConfirmToolCall",
        "request": {"callId": 8, "pluginIdentifier": "mcp/x", "name": "write", "parameters": {"q": 2}},
        "response": {"result": {"type": "allow"}},
    }
    steps = [
        {"type": "contentBlock", "style": {"type": "thinking"}, "content": [{"type": "text", "text": "Hm."}]},
        {"type": "contentBlock", "content": [call]},
        {"type": "contentBlock", "roleOverride": "tool", "content": [answer]},
        confirmed,
        {"type": "toolStatus", "callId": 8, "statusState": {"status": {"type": "toolCallSucceeded"}}},
        {"type": "genInfo", "genInfo": {"stats": {"stopReason": "toolCalls"}}},
        {"type": "contentBlock", "content": [{"type": "text", "text": "It is seven."}]},
    ]
    question = {"type": "singleStep", "role": "user", "content": [{"type": "text", "text": "Read it."}]}
    chat = read(
        {
            "name": "Tools",
            "pinned": False,
            "createdAt": 1779786515810,
            "preset": "",
            "tokenCount": 12,
            "userLastMessagedAt": 1779786515811,
            "assistantLastMessagedAt": 1779786515900,
            "systemPrompt": "",
            "messages": [
                {"versions": [question], "currentlySelected": 0},
                {
                    "versions": [{"type": "multiStep", "role": "assistant", "steps": steps}],
                    "currentlySelected": 0,
                },
            ],
            "usePerChatPredictionConfig": True,
            "perChatPredictionConfig": {"fields": []},
            "clientInput": "not sent",
            "clientInputFiles": [],
            "looseFiles": [],
            "plugins": ["mcp/x"],
            "pluginConfigs": {},
            "notes": [],
        }
    )
    assert texts(chat) == [("user", "Read it."), ("assistant", "It is seven.")]
    for said in ("Hm.", "read", '"p": 1', "seven", "write", '"q": 2'):
        assert said in thoughts(chat.nodes[1])
    assert chat.notes == ()


def test_a_thread_of_jan_reads_with_its_tools_its_reasoning_and_times_in_milliseconds() -> None:
    def message(number: int, role: str, content: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        about = {"id": f"m{number}", "object": "message", "thread_id": "t", "role": role, "content": content}
        return {
            **about,
            "status": "ready",
            "created_at": 1_779_786_515_000 + number,
            "completed_at": 0,
            **more,
        }

    def said(value: str, kind: str = "text") -> dict[str, Any]:
        return {"type": kind, "text": {"value": value, "annotations": []}}

    thread = {
        "id": "t",
        "object": "thread",
        "title": "Tea",
        "assistants": [],
        "created": 1779786515,
        "metadata": None,
    }
    called = {
        "type": "tool_call",
        "tool_call_id": "c",
        "tool_name": "search",
        "input": {"q": "tea"},
        "output": "wet",
    }
    chat = jan.conversation(
        thread,
        [
            message(
                1, "user", [{"type": "text", "text": "Green?"}], attachments=[{"file_id": "f", "tools": []}]
            ),
            message(
                2,
                "assistant",
                [said("Taste.", "reasoning"), called, said("Green.")],
                metadata={"modelId": "q"},
            ),
            message(3, "tool", [said("a result")], tool_call_id="c"),
            message(4, "assistant", [said("Half")], status="stopped"),
        ],
    )
    assert texts(chat)[:2] == [("user", "Green?"), ("assistant", "Green.\n\nHalf")]
    for words in ("Taste.", "search", "wet", "a result"):
        assert words in "".join(thoughts(node) for node in chat.nodes)
    assert 1_779_786_515 <= chat.nodes[0].created_at < 1_779_786_516


def test_a_chatgpt_zip_in_numbered_files_comes_whole_and_what_is_beside_them_is_no_trouble(
    tmp_path: Path,
) -> None:
    chats = [
        chatgpt(
            chatgpt_node("r", None, "system", None),
            chatgpt_node("q", "r", "user", f"Question {number}"),
            chatgpt_node("a", "q", "assistant", f"Answer {number}"),
            key=f"conv{number}",
        )
        for number in range(5)
    ]
    packed = tmp_path / "export.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("user.json", json.dumps({"id": "u", "email": "a@example.org"}))
        archive.writestr("chat.html", "<html><body>not read</body></html>")
        archive.writestr("conversations-000.json", json.dumps(chats[:3]))
        archive.writestr("conversations-001.json", json.dumps(chats[3:]))
        archive.writestr("__MACOSX/._conversations-000.json", b"\\x00\\x05\\x16\\x07junk")
        archive.writestr("message_feedback.json", "[]")
        archive.writestr("shared_conversations.json", json.dumps([{"id": "s", "conversation_id": "conv1"}]))
        archive.writestr("file-abc.dat", b"\\x89PNG")
    store = ChatStore(tmp_path / "chats.sqlite3")
    report = Import(str(packed), store.absorb, Operation()).run()
    assert sorted(chat.title for chat in report.chats) == ["A title"] * 5
    assert report.problems == ()
    asked = {store.chat(info.id).messages[0].text for info in store.list_chats()}
    assert asked == {f"Question {number}" for number in range(5)}
    store.close()
