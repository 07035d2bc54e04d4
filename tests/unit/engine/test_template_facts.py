"""What is said of a template: whether it works, what it reads, how its model is told to think."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine import templates
from engine.errors import BadChatTemplate, BadTemplateArguments, UnknownTemplate
from engine.prompter import Prompter
from engine.protocol import Message, TemplateFacts, Templating, Thinking
from engine.template_facts import examine, switches, variables
from engine.template_texts import KNOWN, NAMES, guess, known_template
from engine.templates import ChatTemplate
from tests.fakes.engine_files import CHAT_TEMPLATE

SYSTEM = Message("system", "Answer in verse.")
HELLO, HI, AGAIN = Message("user", "Hello"), Message("assistant", "Hi"), Message("user", "Again")
THINKS = (
    CHAT_TEMPLATE
    + "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>{% endif %}"
)
EFFORT = "{{ reasoning_effort | default('medium') }}" + CHAT_TEMPLATE
ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}"


def cases(shared_data: Path) -> dict[str, dict[str, Any]]:
    found = json.loads((shared_data / "chat_templates/cases.json").read_text())
    return {case["name"]: case for case in found}


def test_a_template_that_works_is_fine_and_names_what_it_reads() -> None:
    assert examine(CHAT_TEMPLATE) == TemplateFacts("fine")
    assert examine(THINKS) == TemplateFacts("fine", variables=("enable_thinking",), can_think=True)


@pytest.mark.parametrize("source", [None, "", " \n"])
def test_no_template_is_said(source: str | None) -> None:
    assert examine(source) == TemplateFacts("none")


def test_a_template_without_a_place_for_the_system_prompt_is_told() -> None:
    drops = "{% for m in messages if m.role != 'system' %}{{ m.content }}{% endfor %}"
    refuses = "{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}" + CHAT_TEMPLATE
    assert examine(drops) == TemplateFacts("fine", folds_system=True)
    assert examine(refuses) == TemplateFacts("fine", folds_system=True)


@pytest.mark.parametrize(
    "source", ["{% if %}", "{{ raise_exception('never') }}", "{{ 9**99999 }}", "nothing of it"]
)
def test_a_broken_template_says_why(source: str) -> None:
    facts = examine(source)
    assert facts.state == "broken"
    assert facts.why


def test_an_endless_template_is_rendered_once_and_never_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "RENDER_LIMIT_S", 0.05)
    template = ChatTemplate(ENDLESS, "Tiny")
    with pytest.raises(BadChatTemplate, match="TooSlow"):
        template.render([SYSTEM, HELLO])
    monkeypatch.setattr(templates, "_limited", None)  # rendering again would need it
    with pytest.raises(BadChatTemplate, match="TooSlow"):
        template.render([SYSTEM, HELLO])


@pytest.mark.parametrize(
    "source",
    [
        "{{ 9**99999 }}",
        "{{ 'x' * 10**12 }}",
        "{{ [0] * 10**12 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ lipsum(10**9) }}",
    ],
)
def test_one_operation_cannot_take_hours_or_all_memory(source: str) -> None:
    with pytest.raises(BadChatTemplate):
        ChatTemplate(source, "Tiny").render([HELLO])


def test_ordinary_arithmetic_works_in_a_template() -> None:
    assert ChatTemplate("{{ 2**10 }}{{ '-' * 3 }}{{ 7 % 4 }}{{ '%5s' % 'a' }}{{ 2 * 3 }}", "T").render(
        []
    ) == ("1024---3    a6")


def test_variables_are_those_that_a_template_asks_for_and_does_not_set_itself(shared_data: Path) -> None:
    real = cases(shared_data)

    def read(name: str) -> tuple[str, ...]:
        return variables(real[name]["chat_template"])

    assert read("Qwen/Qwen3.5-4B") == ("add_vision_id", "enable_thinking")
    assert read("zai-org/GLM-5.1") == ("clear_thinking", "enable_thinking")
    assert "date_string" in read("meta-llama/Llama-3.1-8B-Instruct")
    assert read("llama") == ("USE_DEFAULT_PROMPT",)
    assert "enable_thinking" in read("HuggingFaceTB/SmolLM3-3B")
    assert read("_base") == read("Qwen/Qwen1.5-72B-Chat") == ()


def test_real_templates_are_all_fine_but_for_the_one_that_wants_other_roles(shared_data: Path) -> None:
    broken = [
        name for name, case in cases(shared_data).items() if examine(case["chat_template"]).state != "fine"
    ]
    assert broken == ["fireworks-ai/firefunction-v1"]


@pytest.mark.parametrize(
    ("source", "thinking", "expected"),
    [
        (THINKS, "off", {"enable_thinking": False}),
        (THINKS, "on", {"enable_thinking": True}),
        (THINKS, "automatic", {}),
        (CHAT_TEMPLATE, "off", {}),
        (EFFORT, "off", {"reasoning_effort": "low"}),
        (EFFORT, "on", {"reasoning_effort": "high"}),
        (EFFORT + "{% if reasoning_effort == 'none' %}{% endif %}", "off", {"reasoning_effort": "none"}),
        ("{{ thinking_budget }}", "off", {"thinking_budget": 0}),
        ("{{ thinking_budget }}", "on", {}),
    ],
)
def test_thinking_is_said_in_the_words_of_the_template(
    source: str, thinking: Thinking, expected: dict[str, Any]
) -> None:
    assert switches(source, thinking) == expected


def rendered(source: str | None, use: Templating, *messages: Message) -> str:
    return Prompter(source, "Tiny", "<s>", "</s>").template(use).render(messages or (HELLO,))


def test_arguments_reach_the_template_and_go_before_the_wish_to_think() -> None:
    off = rendered(THINKS, Templating(thinking="off"))
    assert off.endswith("<think>\n\n</think>")
    kept = rendered(THINKS, Templating(thinking="off", arguments={"enable_thinking": True}))
    assert kept == rendered(THINKS, Templating())
    assert rendered("{{ date_string }}", Templating(arguments={"date_string": "1 May"})) == "1 May"


def test_arguments_that_break_a_template_are_named_and_the_next_request_works() -> None:
    source = "{% if effort %}{{ raise_exception('no such effort') }}{% endif %}" + CHAT_TEMPLATE
    prompter = Prompter(source, "Tiny")
    with pytest.raises(BadTemplateArguments) as error:
        prompter.template(Templating(arguments={"effort": "great", "b": 1})).render([HELLO])
    assert error.value.params == {"model": "Tiny", "names": "b, effort"}
    assert "no such effort" in error.value.detail
    assert "Hello" in prompter.template(Templating()).render([HELLO])


def test_an_argument_may_not_stand_in_for_the_conversation() -> None:
    with pytest.raises(BadTemplateArguments):
        rendered(CHAT_TEMPLATE, Templating(arguments={"messages": []}))


def test_a_template_that_refuses_the_wish_to_think_is_used_without_it() -> None:
    source = "{% if enable_thinking is defined %}{{ raise_exception('no') }}{% endif %}" + CHAT_TEMPLATE
    assert rendered(source, Templating(thinking="on")) == rendered(CHAT_TEMPLATE, Templating())


def test_thoughts_go_back_only_to_templates_that_ask_for_them() -> None:
    said = Message("assistant", "Seven.", "Hm.")
    for ask in ("message.reasoning_content", "message['thinking']"):
        source = "{% for message in messages %}{{ " + ask + " }}|{{ message.content }}{% endfor %}"
        assert "Hm.|Seven." in rendered(source, Templating(), HELLO, said, AGAIN)
    assert "Hm." not in rendered(CHAT_TEMPLATE, Templating(), HELLO, said, AGAIN)


# ── templates of our own ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "case", "bos"),
    [
        ("chatml", "_base", ""),
        ("zephyr", "HuggingFaceH4/zephyr-7b-beta (add_generation_prompt=false)", ""),
        ("llama2", "llama", "<s>"),
        ("mistral", "mistralai/Mixtral-8x7B-Instruct-v0.1", "<s>"),
    ],
)
def test_ours_render_as_the_real_ones_do(shared_data: Path, name: str, case: str, bos: str) -> None:
    real = cases(shared_data)[case]
    data = {key: value for key, value in real["data"].items() if key not in ("bos_token", "eos_token")}
    template = ChatTemplate(known_template(name).source, name, bos, real["data"].get("eos_token", ""))
    assert template.render_as_is(**data) == real["target"]


EXPECTED = {
    "llama3": "<s><|start_header_id|>system<|end_header_id|>\n\nAnswer in verse.<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\nHello<|eot_id|>"
    "<|start_header_id|>assistant<|end_header_id|>\n\n",
    "gemma": "<s><start_of_turn>user\nAnswer in verse.\n\nHello<end_of_turn>\n<start_of_turn>model\n",
    "phi3": "<|system|>\nAnswer in verse.<|end|>\n<|user|>\nHello<|end|>\n<|assistant|>\n",
    "alpaca": "Answer in verse.\n\n### Instruction:\nHello\n\n### Response:\n",
    "vicuna": "Answer in verse. USER: Hello ASSISTANT:",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_ours_render_as_their_formats_are_described(name: str) -> None:
    assert rendered(None, Templating(name), SYSTEM, HELLO) == EXPECTED[name]


@pytest.mark.parametrize("name", NAMES)
def test_ours_keep_every_word_of_a_conversation_in_order(name: str) -> None:
    text = rendered(None, Templating(name), SYSTEM, HELLO, HI, AGAIN)
    places = [text.index(message.content) for message in (SYSTEM, HELLO, HI, AGAIN)]
    assert places == sorted(places)
    assert examine(known_template(name).source, bos="<s>", eos="</s>").state == "fine"


def test_a_name_that_is_none_of_ours_is_said() -> None:
    with pytest.raises(UnknownTemplate):
        rendered(None, Templating("chatmll"))


def test_a_person_may_bring_a_template_and_it_replaces_the_models_own() -> None:
    assert rendered(CHAT_TEMPLATE, Templating("custom", "{{ messages[0].content }}!")) == "Hello!"


def test_a_vocabulary_speaks_for_a_format_only_by_all_of_its_markers() -> None:
    for template in KNOWN:
        if template.markers:
            assert guess(template.markers.__contains__) == template.name
    assert guess({"<|im_start|>"}.__contains__) == ""


def test_completion_continues_what_was_said_and_leaves_the_system_prompt_out() -> None:
    text = rendered(None, Templating("completion"), SYSTEM, HELLO, Message("assistant", " world"), AGAIN)
    assert text == "Hello world\nAgain"
