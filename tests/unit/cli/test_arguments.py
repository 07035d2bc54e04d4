"""What can be typed, where, and what happens when it is wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.cli import main as cli
from desktop.cli.arguments import parsed, speak
from tests.unit.cli.conftest import Typed
from tests.unit.i18n.conftest import compile_catalogues

TypeIn = Callable[..., Typed]


@pytest.mark.parametrize(
    "words",
    [
        ["--data-dir", "D", "--json", "chat", "Hello"],
        ["chat", "--data-dir", "D", "--json", "Hello"],
        ["chat", "Hello", "--json", "--data-dir=D"],
        ["--json", "chat", "Hello", "--data-dir", "D"],
        ["models", "--data-dir", "D", "inspect", "f.gguf", "--json"],
        ["models", "inspect", "f.gguf", "--json", "--data-dir", "D"],
        ["--json", "--data-dir", "D", "models", "inspect", "f.gguf"],
    ],
)
def test_data_dir_and_json_may_stand_anywhere(words: list[str]) -> None:
    found = parsed(words)
    assert found.data_dir == Path("D")
    assert found.json is True


def test_without_them_they_are_off() -> None:
    found = parsed(["search", "x"])
    assert found.data_dir is None
    assert found.json is False


@pytest.mark.parametrize(
    "words",
    [
        ["fly"],
        ["index"],
        ["search"],
        ["ask"],
        ["search", "x", "-k", "0"],
        ["search", "x", "-k", "many"],
        ["models", "inspect"],
        ["models", "burn"],
        ["models", "import"],
        ["models", "remove"],
        ["models", "list", "more"],
        ["models", "quantize"],
        ["models", "quantize", "f.gguf"],
        ["models", "quantize", "f.gguf", "Q8_0", "more"],
        ["models", "quantize", "f.gguf", "Q8_0", "--text"],
        ["models", "quantize", "f.gguf", "Q8_0", "--text", ""],
        ["chat", "--mode", "x", "y"],
        ["chat", "--model"],
        ["search", "x", "-k", "1001"],
        ["search", "x", "-k", "9" * 30],
        ["index", ""],
        ["ask", "x", "--docs", " "],
        ["chat", "--model", "", "x"],
        ["models", "inspect", ""],
        ["models", "--data-dir", ""],
        ["models", "--data-dir", "~no-such-user/data"],
        ["index", "~no-such-user/a.pdf"],
    ],
)
def test_wrong_usage_is_exit_code_2_also_as_json(type_in: TypeIn, words: list[str]) -> None:
    plain = type_in(*words)
    assert (plain.code, plain.out) == (2, "")
    assert "--help" in plain.err
    told = type_in(*words, "--json")
    assert (told.code, told.err) == (2, "")
    assert told.json["error"]["code"] == "usage"
    assert told.json["error"]["message"]
    assert "--help" in told.json["error"]["hint"]


@pytest.mark.parametrize("words", [["chat", "caf\udce9"], ["index", "caf\udce9.pdf"]])
def test_a_word_of_another_encoding_is_refused_and_shown(type_in: TypeIn, words: list[str]) -> None:
    plain = type_in(*words)
    assert (plain.code, plain.out) == (2, "")
    assert "caf\ufffd" in plain.err
    told = type_in(*words, "--json")
    assert (told.code, told.json["error"]["code"]) == (2, "usage")


def test_a_session_cannot_be_json(type_in: TypeIn) -> None:
    done = type_in("chat", "--json")
    assert done.code == 2
    assert "PROMPT" in done.json["error"]["message"]


@pytest.mark.parametrize("command", ["chat", "index", "search", "ask", "models"])
def test_every_command_explains_itself(type_in: TypeIn, command: str) -> None:
    done = type_in(command, "--help")
    assert done.code == 0
    assert "--data-dir" in done.out
    assert "--json" in done.out


def test_help_is_in_the_language_of_the_settings_of_that_data_folder(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    compile_catalogues()
    (tmp_path / "settings.json").write_text('{"language": "es"}')
    with pytest.raises(SystemExit):
        cli.understand(["chat", "--data-dir", str(tmp_path), "--help"])
    out = capfd.readouterr().out
    speak("en")
    assert "uso: " in out
    for english in ("usage", "options", "positional", "show this", "print one", "keep chats", "Ask one"):
        assert english not in out
