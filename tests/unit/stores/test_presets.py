"""The small file of presets: kept whole, read tolerantly, never lost to damage."""

import json
import stat
from pathlib import Path

import pytest

from desktop.core.errors import CoreError, UnknownPreset
from desktop.core.replies.presets import BUILT_IN, Presets
from desktop.core.replies.settings import (
    REPLY_VALUES,
    adapter_of,
    bias_lines,
    checked_values,
    choice_of,
    lines,
    text_lines,
)
from desktop.core.settings import SETTINGS, Settings, setting
from engine.protocol import Adapter, Bias, Sampling
from engine.sampling import CONTROLS, silent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "presets.json"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.json")


def test_presets_survive_a_restart_in_a_private_file(path: Path, settings: Settings) -> None:
    Presets(path, settings).save("  My   own ", {"temperature": 1})
    Presets(path, settings).set_model("/m.gguf", {"top_k": 3})
    again = Presets(path, settings)
    assert again.find("my own").values == {"temperature": 1.0}
    assert again.of_model("/m.gguf") == {"top_k": 3}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again.set_model("/m.gguf", {})
    assert "/m.gguf" not in path.read_text()


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"own": 3}', b"\xff\xfe"])
def test_a_damaged_file_is_kept_aside_and_a_new_one_begun(
    path: Path, settings: Settings, data: bytes
) -> None:
    path.write_bytes(data)
    presets = Presets(path, settings)
    assert presets.all() == BUILT_IN
    presets.save("Mine", {"top_k": 1})
    assert Presets(path, settings).find("Mine").own
    assert path.with_name("presets.json.damaged").read_bytes() == data


def test_values_that_this_version_does_not_know_or_allow_are_left_out(path: Path, settings: Settings) -> None:
    values = {"temperature": 0.5, "top_k": "many", "top_p": 7.0, "of a later version": 1}
    path.write_text(json.dumps({"own": {"Mine": values}, "models": {"/m": values}}))
    presets = Presets(path, settings)
    assert presets.find("mine").values == {"temperature": 0.5}
    assert presets.of_model("/m") == {"temperature": 0.5}
    assert presets.resolve({"top_k": -9, "min_p": 0.2}, "/m").sources["top_k"] == "settings"


def test_a_file_that_cannot_be_written_leaves_everything_as_it_was(path: Path, settings: Settings) -> None:
    presets = Presets(path, settings)
    presets.save("Mine", {"top_k": 1})
    path.with_name("presets.json.new").mkdir()
    with pytest.raises(CoreError):
        presets.save("Other", {"top_k": 2})
    assert presets.find("Mine").values == {"top_k": 1}
    with pytest.raises(UnknownPreset):
        presets.find("Other")


def test_every_preset_that_came_with_the_program_is_allowed() -> None:
    for preset in BUILT_IN:
        assert checked_values(preset.values) == preset.values


def test_every_value_of_a_reply_is_a_setting_and_every_number_is_declared_once() -> None:
    assert {"reply"} == {declared.section for declared in SETTINGS if declared.name in REPLY_VALUES}
    for control in CONTROLS:
        declared = setting(control.name)
        assert (declared.default, declared.low, declared.high) == (control.default, control.low, control.high)
    numbers = {name for name, value in vars_of(Sampling()).items() if isinstance(value, int | float)}
    assert numbers == {control.name for control in CONTROLS}


def vars_of(sampling: Sampling) -> dict[str, object]:
    return {name: getattr(sampling, name) for name in sampling.__struct_fields__}


def test_the_defaults_of_the_settings_are_those_of_the_engine() -> None:
    choice = choice_of({name: setting(name).default for name in REPLY_VALUES})
    assert choice.sampling == Sampling()
    assert (choice.stop, choice.max_tokens, choice.adapters) == ((), None, ())


def test_what_silences_others_names_only_what_there_is() -> None:
    names = set(Sampling.__struct_fields__)
    for control in CONTROLS:
        assert set(control.silences) <= names
        assert bool(control.silences) == bool(control.silences_at)
    assert "top_k" in silent(Sampling(temperature=0.0))
    assert "repeat_penalty" in silent(Sampling(mirostat=2))
    assert "repeat_penalty" not in silent(Sampling(temperature=0.0))
    assert silent(Sampling(penalty_tokens=0)) >= {"repeat_penalty", "presence_penalty"}


def test_lists_are_read_line_by_line_and_written_so_that_they_read_the_same() -> None:
    assert lines("a\n\n b \n\\n\\\\n") == ("a", " b ", "\n\\n")
    for texts in ((" \n", "\\", "\t", "ñ"), ("###",)):
        assert lines(text_lines(texts)) == texts
    biases = (Bias(7, -100.0), Bias(" a = b", 2.5), Bias("#", 1.0))
    values = {name: setting(name).default for name in REPLY_VALUES}
    assert choice_of({**values, "logit_bias": bias_lines(biases)}).sampling.logit_bias == biases
    assert adapter_of("/a b.gguf") == Adapter("/a b.gguf", 1.0)
    assert adapter_of("/a = b.gguf = -0.5") == Adapter("/a = b.gguf", -0.5)
