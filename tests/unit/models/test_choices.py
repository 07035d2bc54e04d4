"""How a person wants a model to be spoken to is kept, whatever happens to the file."""

from pathlib import Path

import pytest

from desktop.core.errors import BadTemplateJson, DataUnwritable, TemplateUnreadable
from desktop.core.models import ModelChoices, arguments_of, template_file
from desktop.core.types.models import ModelChoice

CHOICE = ModelChoice("chatml", "", {"enable_thinking": False, "budget": {"tokens": 12}})


def test_a_choice_is_there_again_after_a_restart_and_an_empty_one_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "model_choices.json"
    ModelChoices(file).set("/m/a.gguf", CHOICE)
    again = ModelChoices(file)
    assert again.of("/m/a.gguf") == CHOICE
    assert again.of("/m/b.gguf") == ModelChoice()
    again.set("/m/a.gguf", ModelChoice())
    assert file.read_bytes().strip() == b"{}"


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"a": {"template": 7}}', b"\xff\xfe"])
def test_a_damaged_file_is_kept_aside_and_choices_begin_anew(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "model_choices.json"
    file.write_bytes(content)
    choices = ModelChoices(file)
    assert choices.of("/m/a.gguf") == ModelChoice()
    assert (tmp_path / "model_choices.json.damaged").read_bytes() == content
    choices.set("/m/a.gguf", CHOICE)
    assert ModelChoices(file).of("/m/a.gguf") == CHOICE


def test_what_cannot_be_written_is_said_and_the_old_choice_stays(tmp_path: Path) -> None:
    choices = ModelChoices(tmp_path / "gone" / "model_choices.json")
    with pytest.raises(DataUnwritable):
        choices.set("/m/a.gguf", CHOICE)
    assert choices.of("/m/a.gguf") == ModelChoice()


def test_arguments_are_a_json_object_or_nothing() -> None:
    assert arguments_of(' {"reasoning_effort": "high"} ') == {"reasoning_effort": "high"}
    assert arguments_of("  ") == {}


@pytest.mark.parametrize("text", ["{", "[1]", "true", "{enable: 1}", '{"a": NaN}', "\udc80", "[" * 5000])
def test_other_arguments_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadTemplateJson) as error:
        arguments_of(text)
    assert "example" in error.value.params


def test_a_template_is_read_from_a_file_of_text(tmp_path: Path) -> None:
    file = tmp_path / "mine.jinja"
    file.write_text("{{ messages }}")
    assert template_file(str(file)) == "{{ messages }}"
    file.write_bytes(b"\xff")
    for path in (str(file), str(tmp_path), str(tmp_path / "none"), "a\0b"):
        with pytest.raises(TemplateUnreadable):
            template_file(path)
