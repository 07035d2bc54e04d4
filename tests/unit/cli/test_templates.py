"""On the command line: how a model is spoken to, what it thinks, and what its template is like."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop.cli.terminal import Terminal
from engine.protocol import TemplateFacts, Templating
from tests.fakes.replies import Script
from tests.fakes.samples import MODELS, SMOLLM, STATS
from tests.unit.cli.conftest import Typed
from tests.unit.cli.talking_core import TalkingCore

TypeIn = Callable[..., Typed]


def told(core: TalkingCore) -> object:
    return core.called("answer")[-1][-1]


def test_a_template_is_named_or_brought_in_a_file(type_in: TypeIn, core: TalkingCore, tmp_path: Path) -> None:
    assert type_in("chat", "--template", "chatml", "Hello").code == 0
    assert told(core) == Templating("chatml")
    assert type_in("chat", "--template", "completion", "Once upon").code == 0
    assert told(core) == Templating("completion")
    file = tmp_path / "mine.jinja"
    file.write_text("{{ messages }}")
    assert type_in("chat", "--template", str(file), "Hello").code == 0
    assert told(core) == Templating("custom", "{{ messages }}")
    assert type_in("chat", "Hello").code == 0
    assert told(core) is None


def test_arguments_and_thinking_reach_the_core(type_in: TypeIn, core: TalkingCore) -> None:
    arguments = '{"reasoning_effort": "high"}'
    assert type_in("chat", "--thinking", "off", "--template-arguments", arguments, "Hello").code == 0
    assert told(core) == Templating(thinking="off", arguments={"reasoning_effort": "high"})


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--template", "chatmll"), "unknown_template"),
        (("--template", "./none.jinja"), "template_unreadable"),
        (("--template-arguments", "{effort: 1}"), "bad_template_json"),
    ],
)
def test_what_cannot_be_a_template_is_refused_before_anything_is_asked(
    type_in: TypeIn, core: TalkingCore, words: tuple[str, ...], code: str
) -> None:
    done = type_in("chat", "--json", *words, "Hello")
    assert done.code == 1
    assert done.json["error"]["code"] == code
    assert core.called("answer") == []


def test_thoughts_stand_apart_in_json_and_are_no_part_of_what_is_printed(
    type_in: TypeIn, core: TalkingCore
) -> None:
    core.script = Script(text="Seven.", thoughts="Hm, six or seven?")
    assert type_in("chat", "--json", "How much?").json["thoughts"] == "Hm, six or seven?"
    done = type_in("chat", "How much?")
    assert (done.out, done.err) == ("Seven.\n", "")


def test_a_reply_that_never_came_beyond_its_thoughts_says_so(type_in: TypeIn, core: TalkingCore) -> None:
    core.script = Script(text="", thoughts="Hm", stats=replace(STATS, stop_reason="length"))
    done = type_in("chat", "How much?")
    assert "still thinking" in done.err


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_thoughts_are_muted_on_a_terminal_and_end_their_line_before_the_reply() -> None:
    out, err = io.StringIO(), Screen()
    terminal = Terminal(out, err)
    terminal.aside("Hm, ")
    terminal.aside("seven")
    terminal.write("Seven.")
    assert err.getvalue() == "\x1b[2mHm, \x1b[0m\x1b[2mseven\x1b[0m\n"
    assert out.getvalue() == "Seven."


def test_thoughts_do_not_go_into_a_file() -> None:
    err = io.StringIO()
    Terminal(io.StringIO(), err).aside("Hm")
    assert err.getvalue() == ""


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (TemplateFacts("none"), "--template completion"),
        (TemplateFacts("broken", why="UndefinedError: x"), "does not work: UndefinedError: x"),
        (TemplateFacts("fine", folds_system=True), "no place for a system prompt"),
        (TemplateFacts("fine", variables=("enable_thinking",)), "reads enable_thinking"),
    ],
)
def test_inspecting_tells_what_a_template_is_like(
    type_in: TypeIn, core: TalkingCore, facts: TemplateFacts, words: str
) -> None:
    core.models = (replace(MODELS[0], template=facts),)
    assert words in type_in("models", "inspect", SMOLLM).out
    assert type_in("models", "inspect", "--json", SMOLLM).json["model"]["template"]["state"] == facts.state
