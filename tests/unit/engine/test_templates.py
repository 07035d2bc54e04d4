"""Chat templates: real ones render as their authors meant, and no system prompt is ever lost."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from engine import templates
from engine.errors import BadChatTemplate, NoChatTemplate
from engine.protocol import Message
from engine.templates import ChatTemplate, fold_system, join_same_roles
from tests.fakes.engine_files import CHAT_TEMPLATE

SYSTEM = Message("system", "Answer in verse.")
HELLO = Message("user", "Hello")
HI = Message("assistant", "Hi")
AGAIN = Message("user", "Again")

TURNS = (
    "{% for m in messages %}{% if m.role == 'user' %}[INST]{{ m.content }}[/INST]"
    "{% elif m.role == 'assistant' %}{{ m.content }}{% endif %}{% endfor %}"
)
REFUSES_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    + TURNS
)
ALTERNATES = (
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate user/assistant') }}{% endif %}{% endfor %}" + TURNS
)


def render(source: str, *messages: Message) -> str:
    return ChatTemplate(source, "test").render(messages)


def test_a_plain_template_renders_the_turns_and_opens_the_reply() -> None:
    assert render(CHAT_TEMPLATE, SYSTEM, HELLO) == (
        "<|im_start|>system\nAnswer in verse.<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


@pytest.mark.parametrize(
    "source", [TURNS, REFUSES_SYSTEM, ALTERNATES], ids=["drops", "refuses", "alternates"]
)
def test_a_system_prompt_without_a_place_goes_in_front_of_the_first_question(source: str) -> None:
    assert render(source, SYSTEM, HELLO, HI, AGAIN) == (
        "[INST]Answer in verse.\n\nHello[/INST]Hi[INST]Again[/INST]"
    )


def test_a_system_prompt_that_the_template_trims_counts_as_kept() -> None:
    source = "{{ messages[0].content | trim }}|{{ messages[1].content }}"
    assert render(source, Message("system", "  Answer in verse.\n"), HELLO) == "Answer in verse.|Hello"


def test_turns_of_one_role_in_a_row_are_joined_where_the_template_refuses_them() -> None:
    assert render(ALTERNATES, SYSTEM, HELLO, AGAIN) == "[INST]Answer in verse.\n\nHello\n\nAgain[/INST]"


def test_folding_keeps_every_system_message_even_without_a_question() -> None:
    other = Message("system", "Be brief.")
    assert fold_system([SYSTEM, other, HELLO, HI, other]) == [
        Message("user", "Answer in verse.\n\nBe brief.\n\nHello"),
        HI,
        Message("user", "Be brief."),
    ]
    assert join_same_roles([HELLO, AGAIN, HI]) == [Message("user", "Hello\n\nAgain"), HI]


@pytest.mark.parametrize("source", [None, "", "  \n"])
def test_no_template_is_said_and_none_is_borrowed(source: str | None) -> None:
    with pytest.raises(NoChatTemplate) as error:
        ChatTemplate(source, "Base 1B")
    assert error.value.params == {"model": "Base 1B"}


@pytest.mark.parametrize(
    "source",
    [
        "{% for %}",
        "{{ raise_exception('never') }}",
        "{{ messages.nothing.there }}",
        "{{ 1 / 0 }}",
        "{{ [] | first | upper + 3 }}",
        "{{ messages | attr('__class__') }}{{ ''.__class__.__mro__ }}",
        "{{ messages.append(1) }}",
        "{% for a in range(999999999) %}{% endfor %}",
        "{% include 'secrets' %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    ],
)
def test_a_template_that_fails_or_reaches_out_of_its_sandbox_is_a_bad_one(source: str) -> None:
    with pytest.raises(BadChatTemplate) as error:
        render(source, HELLO)
    assert error.value.params == {"model": "test"}
    assert error.value.detail


def test_the_models_own_tokens_and_the_date_are_at_hand() -> None:
    source = "{{ bos_token }}{{ strftime_now('%d %b %Y') }}{{ eos_token }}"
    template = ChatTemplate(source, "test", "<s>", "</s>", now=lambda: datetime(2026, 3, 9, 12, 0))
    assert template.render([HELLO]) == "<s>09 Mar 2026</s>"


def test_json_in_a_template_is_not_escaped_for_web_pages() -> None:
    assert render("{{ messages[0].content | tojson }}", Message("user", "<é & 'x'>")) == "\"<é & 'x'>\""


def test_the_tag_for_trainers_is_passed_through() -> None:
    assert render("{% generation %}{{ messages[0].content }}{% endgeneration %}", HELLO) == "Hello"


def cases(shared_data: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((shared_data / "chat_templates/cases.json").read_text())
    return found


def rendered(case: dict[str, Any]) -> str:
    data = dict(case["data"])
    template = ChatTemplate(case["chat_template"], case["name"], data.pop("bos_token", "") or "")
    return template.render_as_is(**data)


def test_real_templates_render_exactly_as_expected(shared_data: Path) -> None:
    agreeing = [case for case in cases(shared_data) if case["status"] == "jinja2 agrees"]
    assert len(agreeing) == 25
    wrong = [case["name"] for case in agreeing if rendered(case) != case["target"]]
    assert wrong == []


def test_the_two_templates_marked_as_differing_differ_for_a_known_reason(shared_data: Path) -> None:
    differing = {case["name"]: case for case in cases(shared_data) if case["status"] == "jinja2 differs"}
    assert sorted(differing) == ["HuggingFaceTB/SmolLM3-3B", "MadeAgents/Hammer2.1"]
    dated = differing["HuggingFaceTB/SmolLM3-3B"]
    # it prints the day, and the expected text was made on this one
    template = ChatTemplate(dated["chat_template"], "dated", now=lambda: datetime(2025, 7, 10, 12, 0))
    assert template.render_as_is(**dated["data"]) == dated["target"]
    # it prints a value as its language does: Python, for which it was written, not JavaScript
    printed = rendered(differing["MadeAgents/Hammer2.1"])
    assert "[{'type': 'function'" in printed
    assert '[{"type": "function"' in differing["MadeAgents/Hammer2.1"]["target"]


def test_real_templates_keep_a_system_prompt_through_a_conversation(shared_data: Path) -> None:
    lost = []
    for case in cases(shared_data):
        if case["name"] == "fireworks-ai/firefunction-v1":
            continue  # wants a first message of a role that only its own callers know
        template = ChatTemplate(case["chat_template"], case["name"], "<s>", "</s>")
        prompt = template.render([SYSTEM, HELLO, HI, AGAIN])
        lost += [
            (case["name"], text)
            for text in ("Answer in verse.", "Hello", "Hi", "Again")
            if text not in prompt
        ]
    assert lost == []


def test_a_template_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "RENDER_LIMIT_S", 0.05)
    endless = "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}"
    for source in (
        endless,
        endless.replace("x", ""),
        "{% macro m() %}" + endless + "{% endmacro %}{{ m() }}",
    ):
        with pytest.raises(BadChatTemplate) as error:
            ChatTemplate(source, "Tiny").render_as_is()
        assert "TooSlow" in error.value.detail
