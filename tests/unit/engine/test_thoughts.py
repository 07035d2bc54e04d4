"""Thoughts and answers part while they stream, however tokens cut the tags."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.protocol import Thought, Token
from engine.reply_stream import ReplyStream
from engine.thoughts import MARKERS, PAIRS, Splitter, Untouched, splitter_for, written

THINK = "{{ '<think>' }}"
HARMONY = "{{ '<|start|>assistant<|channel|>analysis<|message|>' }}"
CHANNELS = (
    "<|channel|>analysis<|message|>Seven, I think.<|end|>"
    "<|start|>assistant<|channel|>final<|message|>Seven.<|return|>"
)


def split(text: str, template: str = "", prompt: str = "", size: int = 1) -> tuple[str, str]:
    """(thoughts, answer) of a text that comes `size` characters at a time."""
    return parted(splitter_for(template, prompt), [text[at : at + size] for at in range(0, len(text), size)])


def parted(splitter: Splitter, pieces: list[str], control: frozenset[str] = frozenset()) -> tuple[str, str]:
    parts = [part for piece in pieces for part in splitter.push(piece, control=piece in control)]
    parts += splitter.finish()
    thoughts = "".join(part.text for part in parts if part.thought)
    return thoughts, "".join(part.text for part in parts if not part.thought)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("tags", PAIRS, ids=[tags.opening for tags in PAIRS])
def test_every_pair_of_tags_parts_thought_from_answer(tags: tuple[str, str], size: int) -> None:
    text = f"{tags[0]}\nHm.\n\nSeven?\n{tags[1]}\n\nIt is seven.\nReally."
    assert split(text, size=size) == ("Hm.\n\nSeven?", "It is seven.\nReally.")


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_a_prompt_that_opened_the_thought_leaves_only_its_end_to_be_seen(size: int) -> None:
    prompt = "<|im_start|>assistant\n<think>\n"
    assert split("Hm.\n</think>\n\nSeven.", THINK, prompt, size) == ("Hm.", "Seven.")


def test_a_prompt_that_closed_the_thought_leaves_the_answer_alone() -> None:
    assert split("Seven.", THINK, "<think>\n\n</think>\n\n") == ("", "Seven.")


@pytest.mark.parametrize("size", [1, 4, 1000])
def test_channels_part_analysis_from_the_final_answer(size: int) -> None:
    assert split(CHANNELS, HARMONY, size=size) == ("Seven, I think.", "Seven.")


def test_channels_as_control_tokens_leave_text_about_them_alone() -> None:
    marks = frozenset({"<|channel|>", "<|message|>", "<|end|>", "<|start|>"})
    pieces = ["<|channel|>", "analysis", "<|message|>", "Hm", "<|end|>", "<|start|>", "assistant"]
    pieces += ["<|channel|>", "final", "<|message|>", "It writes <", "|end|", "> itself."]
    assert parted(splitter_for(HARMONY, ""), pieces, marks) == ("Hm", "It writes <|end|> itself.")


def test_a_model_that_does_not_keep_to_its_channels_is_still_heard() -> None:
    assert split("Seven.", HARMONY) == ("", "Seven.")


def test_tags_that_are_control_tokens_count_and_other_control_tokens_show_nothing() -> None:
    marks = frozenset({"[THINK]", "[/THINK]", "<pad>"})
    pieces = ["[THINK]", "Hm", " seven", "[/THINK]", "<pad>", "Seven", ".", "[/THINK]"]
    assert parted(splitter_for("[THINK]", ""), pieces, marks) == ("Hm seven", "Seven.")
    cohere = frozenset({"<|START_THINKING|>", "<|END_THINKING|>", "<|START_RESPONSE|>", "<|END_RESPONSE|>"})
    pieces = [
        "<|START_THINKING|>",
        "Hm",
        "<|END_THINKING|>",
        "<|START_RESPONSE|>",
        "Seven",
        "<|END_RESPONSE|>",
    ]
    assert parted(splitter_for("", ""), pieces, cohere) == ("Hm", "Seven")


def test_a_channel_whose_name_is_text_after_a_control_token() -> None:
    marks = frozenset({"<|channel>", "<channel|>"})
    pieces = ["<|channel>", "thought", "\n", "Hm", "<channel|>", "Seven"]
    assert parted(splitter_for("{{ '<|channel>' + 'thought' }}", ""), pieces, marks) == ("Hm", "Seven")


def test_a_thought_that_is_never_closed_is_all_thought() -> None:
    assert split("<think>\nHm. Or </thin") == ("Hm. Or </thin", "")


def test_what_only_looks_like_a_tag_is_given_out_after_all() -> None:
    assert split("<thin ice>") == ("", "<thin ice>")
    assert split("<thi") == ("", "<thi")


@pytest.mark.parametrize(
    "answer",
    [
        "Write `<think>` before it.",
        "Use this:\n```xml\n<think>\nHm\n</think>\n```\nDone.",
        "~~~\n<think>\n~~~\nDone.",
        "The tag <think> opens and </think> closes.",
        "A list:\n- <think> is one\n",
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_tags_that_an_answer_speaks_of_stay_text(answer: str, size: int) -> None:
    assert split(answer, THINK, size=size) == ("", answer)
    assert split(f"<think>Hm</think>{answer}", THINK, size=size) == ("Hm", answer)


def test_a_model_may_think_again_at_the_beginning_of_a_line() -> None:
    text = "<think>One</think>First.\n<think>Two</think>\nSecond."
    assert split(text, THINK) == ("One\n\nTwo", "First.\nSecond.")


def test_a_tag_in_the_middle_is_text_where_neither_template_nor_reply_know_it() -> None:
    assert split("First.\n<reasoning>x</reasoning>", THINK) == ("", "First.\n<reasoning>x</reasoning>")


def test_what_some_models_put_around_their_answer_is_left_out() -> None:
    assert split("<think>Hm</think>\n<answer>\nSeven\n</answer>") == ("Hm", "Seven\n")
    assert split("<answer>Seven</answer>") == ("", "<answer>Seven</answer>")


def test_sentences_count_only_where_the_template_asks_for_them() -> None:
    text = "Here is my thought process: Hm. Here is my response: Seven."
    assert split(text, "write after 'Here is my thought process:'") == ("Hm.", "Seven.")
    assert split(text) == ("", text)


def test_text_that_is_continued_is_not_looked_into() -> None:
    assert parted(Untouched(), ["<think>", "x"]) == ("", "<think>x")


ALPHABET = st.sampled_from(
    ["<think>", "</think>", "\n", "```", "<", "a", " ", "think>", "</answer>", "<answer>"]
)


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_blanks_before_a_tag_go_with_it(size: int) -> None:
    assert split("First.\n  <think>Two</think>\nThird.", THINK, size=size) == ("Two", "First.\nThird.")
    assert split("First.\n  Second. ", THINK, size=size) == ("", "First.\n  Second. ")
    assert split("First.\n  ", THINK, size=size) == ("", "First.\n  ")


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_another_thought_is_a_paragraph_without_the_blanks_before_it(size: int) -> None:
    assert split("<think>One</think><think> \n Two</think>x", THINK, size=size) == ("One\n\nTwo", "x")
    assert split("<think> </think><think>Two</think>x", THINK, size=size) == ("Two", "x")
    assert split("<think>One</think><think> <", THINK, size=size) == ("One\n\n<", "")


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_what_closes_the_answer_is_no_word_of_a_later_thought(size: int) -> None:
    text = "<think>One</think><answer>a\n<think>b </answer></think>c</answer>"
    assert split(text, THINK, size=size) == ("One\n\nb </answer>", "a\nc")


@given(st.lists(ALPHABET, max_size=14).map("".join), st.integers(1, 5), st.sampled_from(["", THINK, HARMONY]))
def test_how_the_text_is_cut_changes_nothing(text: str, size: int, template: str) -> None:
    assert split(text, template, size=size) == split(text, template, size=1000)


@given(st.text(max_size=60))
def test_a_reply_without_tags_passes_unchanged(text: str) -> None:
    if not any(tags.opening in text for tags in PAIRS):
        assert split(text, THINK) == ("", text)


def test_stop_strings_end_answers_and_not_thoughts_and_control_tokens_have_no_text() -> None:
    stream = ReplyStream(splitter_for(THINK, ""), ("STOP",))
    said = []
    for piece in (b"<think>", b"no STOP", b" here</think>", b"Se", b"\xc3", b"\xb1", b"or ST", b"OP x"):
        said += stream.push(piece)
    assert said[:2] == [Thought("no STOP"), Thought(" here")]
    assert "".join(event.text for event in said if isinstance(event, Token)) == "Señor "
    assert stream.stopped
    assert stream.thought_tokens == 3


@pytest.mark.parametrize(
    ("template", "prompt"),
    [
        ("{{ x }}", "assistant\n"),
        ("{{ x }}<think>", "assistant\n"),
        ("<think>", "assistant\n<think>\n"),
        ("[THINK]", "[/INST]"),
        ("<|channel|><|message|>", "<|start|>assistant"),
    ],
)
def test_what_a_model_has_written_reads_back_as_its_thoughts_and_its_answer(
    template: str, prompt: str
) -> None:
    text = written(template, prompt, "Seven euros.", "A ticket, then.")
    splitter = splitter_for(template, prompt)
    parts = []
    # channel markers are control tokens of their own
    for piece in re.split("(" + "|".join(map(re.escape, MARKERS)) + ")", text):
        parts += splitter.push(piece, control=piece in MARKERS)
    parts += splitter.finish()
    assert "".join(part.text for part in parts if part.thought).strip() == "A ticket, then."
    assert "".join(part.text for part in parts if not part.thought) == "Seven euros."


def test_a_reply_without_thoughts_is_written_as_it_stands() -> None:
    assert written("{{ x }}", "assistant\n", "Seven", "") == "Seven"
    assert written("<think>", "assistant\n", "Seven", "") == "Seven"
