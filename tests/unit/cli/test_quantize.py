"""`models quantize`: what it asks of the core, and what it prints for people and for scripts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.core.places import Places
from desktop.core.types import Problem
from engine.quantization import TYPES
from tests.fakes.engine_shapes import LLAMA_8B, write_shape
from tests.fakes.samples import BROKEN, SMOLLM
from tests.unit.cli.conftest import Typed
from tests.unit.cli.talking_core import TalkingCore

TypeIn = Callable[..., Typed]


def test_a_person_reads_where_the_new_file_is_how_large_and_how_good(type_in: TypeIn) -> None:
    done = type_in("models", "quantize", SMOLLM, "q3_k_m")
    assert (done.code, done.err) == (0, "")
    first, *lines = done.out.splitlines()
    assert first == "SmolLM2-135M-Instruct.Q3_K_M.gguf is in your models folder now."
    said = {line.split(":")[0].strip(): line.split(":", 1)[1].strip() for line in lines}
    assert said["Size"] == "98 MB before, 65 MB now (34% smaller)"
    assert said["Perplexity"] == "14.21 before, 14.63 now (+3 %); lower is better"
    assert said["File"].endswith("/SmolLM2-135M-Instruct.Q3_K_M.gguf")


def test_a_script_gets_one_object_with_both_measures(type_in: TypeIn) -> None:
    shape = type_in("models", "quantize", SMOLLM, "Q3_K_M", "--json").json
    assert set(shape) == {
        "model",
        "before_bytes",
        "after_bytes",
        "before",
        "after",
        "unmeasured",
        "tensors",
        "fell_back",
        "lossy_source",
        "notes",
    }
    assert shape["model"]["quantization"] == "Q3_K_M"
    assert set(shape["before"]) == {"perplexity", "tokens"}
    assert shape["unmeasured"] is None


def test_measuring_can_be_left_out_or_done_on_a_text_of_ones_own(
    type_in: TypeIn, core: TalkingCore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shape = type_in("models", "quantize", SMOLLM, "Q3_K_M", "--no-measure", "--json").json
    assert (shape["before"], shape["after"]) == (None, None)
    assert "Perplexity" not in type_in("models", "quantize", SMOLLM, "Q3_K_S", "--no-measure").out
    type_in("models", "quantize", SMOLLM, "Q2_K", "--text", "mine.txt")
    assert [call[2:] for call in core.called("quantize_model")] == [
        (False, ""),
        (False, ""),
        (True, str(tmp_path / "mine.txt")),
    ]


@pytest.mark.parametrize(
    ("file", "to", "code"),
    [
        ("/no/such.gguf", "Q8_0", "model_missing"),
        (BROKEN, "Q8_0", "model_truncated"),
        (SMOLLM, "Q4_1", "same_quantization"),
        (SMOLLM, "Q9_X", "unknown_quantization"),
        (SMOLLM, "IQ2_XXS", "quantization_needs_matrix"),
    ],
)
def test_what_cannot_be_quantized_is_an_error_with_a_hint(
    type_in: TypeIn, file: str, to: str, code: str
) -> None:
    done = type_in("models", "quantize", file, to, "--json")
    assert (done.code, done.json["error"]["code"]) == (1, code)
    assert done.json["error"]["hint"]
    plain = type_in("models", "quantize", file, to)
    assert (plain.code, plain.out) == (1, "")
    assert len(plain.err.strip().splitlines()) == 2


def test_stopping_it_is_exit_code_130(type_in: TypeIn, core: TalkingCore) -> None:
    core.fail("quantize_model", Problem("cancelled"))
    assert type_in("models", "quantize", SMOLLM, "Q8_0").code == 130


def test_the_types_are_listed_without_a_file_each_with_its_bits_and_a_sentence(
    type_in: TypeIn, core: TalkingCore
) -> None:
    listed = type_in("models", "quantize", "--types", "--json").json["types"]
    assert [one["name"] for one in listed] == list(TYPES)
    assert all(one["bits"] > 2 and one["description"].endswith(".") for one in listed)
    shown = type_in("models", "quantize", "--types").out
    assert "Q4_K_M  4.81 bits per weight\n        The usual choice" in shown
    assert core.calls == []


def test_with_a_file_its_size_in_each_type_is_listed_too(
    type_in: TypeIn, places: Places, core: TalkingCore
) -> None:
    places.models.mkdir()
    write_shape(places.models / "llama.gguf", LLAMA_8B)
    listed = type_in("models", "quantize", "llama.gguf", "--types", "--json").json["types"]
    sizes = {one["name"]: one["size_bytes"] for one in listed}
    assert list(sizes.values()) == sorted(sizes.values(), reverse=True)
    assert 4.8e9 < sizes["Q4_K_M"] < 5.0e9
    shown = type_in("models", "quantize", "llama.gguf", "--types").out
    assert "Q4_K_M  4.81 bits per weight, about 4.9 GB\n" in shown
    missing = type_in("models", "quantize", "/no/such.gguf", "--types", "--json")
    assert (missing.code, missing.json["error"]["code"]) == (1, "model_missing")
    assert core.calls == []
