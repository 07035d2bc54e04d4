"""Conversations of other programs become trees of ours, whatever is wrong with them."""

import json
from pathlib import Path
from typing import Any

import pytest

from desktop.core.exchange import jan, shapes
from desktop.core.exchange.conversations import Conversation, Node
from desktop.core.exchange.readable import shown
from desktop.core.types import FilePart, TextPart, ThoughtsPart
from tests.unit.exchange.shapes import (
    CLAUDE,
    CLAUDE_IN_A_ROW,
    JAN_MESSAGES,
    JAN_THREAD,
    LM_STUDIO,
    chatgpt,
    chatgpt_node,
)

REAL = Path(__file__).parents[4] / "shared" / "data" / "chats"


def read(value: dict[str, Any]) -> Conversation:
    found = shapes.read(value)
    assert found is not None
    return found


def text(node: Node) -> str:
    return "".join(part.text for part in node.parts if isinstance(part, TextPart))


def thoughts(node: Node) -> str:
    return "".join(part.text for part in node.parts if isinstance(part, ThoughtsPart))


def texts(chat: Conversation) -> list[tuple[str, str]]:
    return [(node.role, text(node)) for node in chat.nodes]


def test_a_claude_chat_keeps_its_branches_thoughts_and_attached_texts() -> None:
    chat = read(CLAUDE[0])
    assert (chat.origin, chat.key, chat.title) == ("claude", "c1", "Poems")
    assert texts(chat) == [
        ("user", "Write a poem."),
        ("assistant", "Rain falls."),
        ("assistant", "Snow falls."),
    ]
    assert [node.parent for node in chat.nodes] == [None, "m1", "m1"]
    assert FilePart("notes.txt", "rain") in chat.nodes[0].parts
    assert "A poem on rain." in thoughts(chat.nodes[1])
    assert "web_search" in thoughts(chat.nodes[1])
    assert next(p.seconds for p in chat.nodes[1].parts if isinstance(p, ThoughtsPart)) == 3.0
    assert [(note.kind, note.names) for note in chat.notes] == [("files", ("photo.png",))]


def test_a_claude_chat_without_parents_is_one_line() -> None:
    chat = read(CLAUDE_IN_A_ROW)
    assert [node.parent for node in chat.nodes] == [None, "a", "b"]
    assert chat.leaf == "c"


def test_versions_of_lm_studio_become_siblings_and_what_follows_hangs_on_the_one_shown() -> None:
    chat = read(LM_STUDIO)
    assert (chat.title, chat.pinned, chat.system_prompt) == ("Sums", True, "Be short.")
    assert texts(chat) == [
        ("user", "2 + 2?"),
        ("assistant", "Five."),
        ("assistant", "Four."),
        ("user", "Sure?"),
    ]
    assert [node.parent for node in chat.nodes] == [None, "0.0", "0.0", "1.1"]
    assert thoughts(chat.nodes[1]) == "Add them."
    assert chat.nodes[1].model == "qwen2.5"
    assert chat.created_at == pytest.approx(1758392316.161)


def test_a_thread_of_jan_has_its_assistants_instructions_and_its_models_thoughts_apart() -> None:
    chat = jan.conversation(JAN_THREAD, reversed(JAN_MESSAGES))
    assert texts(chat) == [("user", "Green or black?"), ("assistant", "Green.")]
    assert thoughts(chat.nodes[1]) == "Taste."
    assert (chat.system_prompt, chat.nodes[1].model) == ("Be kind.", "llama3.2-3b")


@pytest.mark.skipif(not REAL.exists(), reason="the samples lie beside the project, not in it")
def test_a_real_chatgpt_export_comes_whole() -> None:
    value = json.loads((REAL / "chatgpt.json").read_text())[0]
    chat = read(value)
    shown_there = [
        node["message"]["content"]["parts"][0]
        for node in value["mapping"].values()
        if node["message"] and node["message"]["content"].get("parts", [""])[0]
    ]
    assert [turn.text for turn in shown(chat)] == shown_there
    assert len(shown_there) == 10
    assert chat.system_prompt.startswith("Please keep the initial response")


@pytest.mark.skipif(not REAL.exists(), reason="the samples lie beside the project, not in it")
def test_a_real_chat_of_open_webui_comes_whole_in_its_envelope_or_without() -> None:
    value = json.loads((REAL / "open-webui.json").read_text())
    bare = read(value)
    assert [turn.role for turn in shown(bare)] == ["user", "assistant"]
    wrapped = read({"id": "x1", "title": "Named", "chat": value, "pinned": True, "created_at": 1_744_577_000})
    assert (wrapped.key, wrapped.title, wrapped.pinned) == ("x1", "Named", True)
    assert wrapped.nodes == bare.nodes


def test_a_chat_without_a_name_is_known_again_when_it_has_grown() -> None:
    first = {**CLAUDE_IN_A_ROW, "uuid": None}
    shorter = {**first, "chat_messages": first["chat_messages"][:2]}
    assert read(first).uid == read(shorter).uid != "claude:"


def test_what_chatgpt_thought_and_asked_of_tools_stands_among_the_thoughts_of_one_reply() -> None:
    chat = read(
        chatgpt(
            chatgpt_node("u", None, "user", "Sum?"),
            chatgpt_node(
                "t",
                "u",
                "assistant",
                {"content_type": "thoughts", "thoughts": [{"summary": "Adding", "content": "1+1"}]},
            ),
            chatgpt_node("c", "t", "assistant", {"content_type": "code", "text": "1+1"}, recipient="python"),
            chatgpt_node("o", "c", "tool", {"content_type": "execution_output", "text": "2"}),
            chatgpt_node(
                "r", "o", "assistant", {"content_type": "reasoning_recap", "content": "Thought for 1m 5s"}
            ),
            chatgpt_node("a", "r", "assistant", "Two."),
        )
    )
    assert texts(chat) == [("user", "Sum?"), ("assistant", "Two.")]
    assert "1+1" in thoughts(chat.nodes[1])
    assert "```\n2\n```" in thoughts(chat.nodes[1])
    assert next(p.seconds for p in chat.nodes[1].parts if isinstance(p, ThoughtsPart)) == 65.0
    assert chat.leaf == "t"  # the reply that they became one of


def test_two_replies_of_chatgpt_to_one_question_stay_two() -> None:
    chat = read(
        chatgpt(
            chatgpt_node("u", None, "user", "Hi"),
            chatgpt_node("a", "u", "assistant", "Hello."),
            chatgpt_node("b", "u", "assistant", "Good day."),
            chatgpt_node("v", "b", "user", "Thanks"),
            leaf="a",
        )
    )
    assert [(node.key, node.parent) for node in chat.nodes] == [
        ("u", None),
        ("a", "u"),
        ("b", "u"),
        ("v", "b"),
    ]
    assert chat.leaf == "a"


def test_citations_of_chatgpt_become_links_and_its_private_marks_go() -> None:
    mark = "\ue200cite\ue202turn0search0\ue201"
    about = {
        "content_references": [
            {"matched_text": mark, "items": [{"title": "A [page]", "url": "https://example.org/a"}]}
        ]
    }
    node = chatgpt_node("a", "u", "assistant", f"So it is. {mark} More \ue200image\ue201", metadata=about)
    chat = read(chatgpt(chatgpt_node("u", None, "user", "Why?"), node))
    assert text(chat.nodes[1]) == "So it is. ([A (page)](<https://example.org/a>)) More "


def test_pictures_sounds_and_unknown_parts_are_told_and_what_is_said_stays() -> None:
    content = {
        "content_type": "multimodal_text",
        "parts": [
            {"content_type": "image_asset_pointer", "asset_pointer": "file-service://x"},
            {"content_type": "audio_transcription", "text": "said aloud"},
            {"content_type": "real_time_user_audio_video_asset_pointer"},
            "typed",
        ],
    }
    chat = read(chatgpt(chatgpt_node("u", None, "user", content)))
    assert texts(chat) == [("user", "said aloud\ntyped")]
    assert {note.kind: note.count for note in chat.notes} == {"images": 1, "sounds": 1}


def test_hidden_messages_are_left_out_and_what_hangs_on_them_stays() -> None:
    hidden = {"is_visually_hidden_from_conversation": True}
    chat = read(
        chatgpt(
            chatgpt_node("root", None, "user", None),
            chatgpt_node("h", "root", "user", "secret", metadata=hidden),
            chatgpt_node("u", "h", "user", "Hi"),
        )
    )
    assert [(node.key, node.parent) for node in chat.nodes] == [("u", None)]


def test_circles_are_cut_and_lost_parents_are_none() -> None:
    chat = read(
        chatgpt(
            chatgpt_node("a", "b", "user", "A"),
            chatgpt_node("b", "a", "assistant", "B"),
            chatgpt_node("c", "gone", "user", "C"),
            chatgpt_node("d", "d", "user", "D"),
        )
    )
    assert sorted(text(node) for node in chat.nodes) == ["A", "B", "C", "D"]
    assert {note.kind: note.count for note in chat.notes} == {"lost_parents": 1, "circles": 2}


def test_broken_nodes_cost_themselves_alone() -> None:
    value = chatgpt(chatgpt_node("u", None, "user", "Hi"))
    value["mapping"] |= {"x": 7, "y": {"id": "y", "parent": "u", "message": {"content": "no"}}}
    chat = read(value)
    assert texts(chat) == [("user", "Hi")]
    assert [(note.kind, note.count) for note in chat.notes] == [("broken_messages", 2)]


@pytest.mark.parametrize("odd", [None, "soon", -5, 1e300, float("nan"), True, [], 10**400])
def test_odd_times_are_replaced_and_milliseconds_understood(odd: object) -> None:
    node = chatgpt_node("u", None, "user", "Hi", create_time=odd)
    assert read(chatgpt(node)).nodes[0].created_at == 1_700_000_000.0
    late = chatgpt_node("u", None, "user", "Hi", create_time=1_700_000_005_000)
    assert read(chatgpt(late)).nodes[0].created_at == 1_700_000_005.0


def test_halves_of_pairs_and_zeros_in_texts_are_replaced() -> None:
    chat = read(chatgpt(chatgpt_node("u", None, "user", "a\ud83db\0c"), title="x\udc00"))
    assert (text(chat.nodes[0]), chat.title) == ("a\ufffdb\ufffdc", "x\ufffd")


def test_a_chain_of_twenty_thousand_messages_is_read() -> None:
    nodes = [chatgpt_node("0", None, "user", "m")]
    nodes += [
        chatgpt_node(str(n), str(n - 1), "assistant" if n % 2 else "user", "m") for n in range(1, 20_000)
    ]
    assert len(read(chatgpt(*nodes)).nodes) == 20_000


def test_what_is_no_conversation_is_none() -> None:
    for value in ({}, {"messages": []}, {"mapping": []}, {"messages": [1]}, {"history": {}}, {"id": "x"}):
        assert shapes.read(value) is None
