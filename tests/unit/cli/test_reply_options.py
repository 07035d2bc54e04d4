"""The options of a reply: each reaches the core as the value it stands for."""

from pathlib import Path

import pytest

from desktop.cli.arguments import parsed
from desktop.cli.reply_options import reply_options
from desktop.core.errors import CoreError, FileUnreadable
from desktop.core.replies.settings import REPLY_VALUES, checked_values
from desktop.core.types import ReplyOptions


def options_of(*words: str) -> ReplyOptions:
    return reply_options(parsed(["chat", *words, "Hello"]))


def test_without_an_option_nothing_is_asked_for() -> None:
    assert options_of() == ReplyOptions()


def test_every_value_of_a_reply_has_an_option_and_its_number_arrives() -> None:
    found = options_of(
        *("--temperature", "0.5", "--seed", "7", "--max-tokens", "9", "--mirostat", "2"),
        *("--stop", "END", "--stop", "\\n", "--logit-bias", " a=3", "--logit-bias", "#7=-100"),
        *("--adapter", "x.gguf=0.5", "--adapter", "y=z.gguf", "--preset", "creative"),
    )
    assert found.preset == "creative"
    assert found.values == {
        "temperature": 0.5,
        "seed": 7,
        "max_reply_tokens": 9,
        "mirostat": 2,
        "stop": "END\n\\n",
        "logit_bias": " a = 3\n#7 = -100",
        "adapters": "x.gguf = 0.5\ny=z.gguf",
    }
    assert checked_values(found.values)
    arguments = vars(parsed(["ask", "What?"]))
    assert set(REPLY_VALUES) <= arguments.keys()


def test_grammar_and_schema_are_read_from_their_files(tmp_path: Path) -> None:
    grammar, schema = tmp_path / "g.gbnf", tmp_path / "s.json"
    grammar.write_text('root ::= "sí"\n')
    schema.write_bytes(b"\xef\xbb\xbf{}")
    found = options_of("--grammar", str(grammar), "--json-schema", str(schema))
    assert (found.grammar, found.json_schema) == ('root ::= "sí"\n', "{}")


def test_a_file_that_is_not_there_or_no_text_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(b"\xff\xd8\xff")
    for path in (tmp_path / "missing", tmp_path / "picture", tmp_path):
        with pytest.raises(FileUnreadable) as failed:
            options_of("--grammar", str(path))
        assert failed.value.params["path"] == str(path)


def test_an_empty_stop_text_is_refused_and_not_passed_over() -> None:
    with pytest.raises(CoreError) as failed:
        options_of("--stop", "")
    assert failed.value.problem().code == "text_empty"


def test_a_number_that_is_none_is_wrong_usage() -> None:
    for words in (("--temperature", "hot"), ("--seed", "1.5"), ("--top-k", "")):
        with pytest.raises(SystemExit) as left:
            options_of(*words)
        assert left.value.code == 2
