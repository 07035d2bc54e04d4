"""The header reader: what it reads, and that nothing makes it raise anything but its own errors."""

import ctypes
import os
import struct
import sys
from pathlib import Path

import msgspec
import pytest

from engine import gguf_types
from engine.errors import (
    ModelDamaged,
    ModelEmpty,
    ModelFileError,
    ModelMissing,
    ModelTruncated,
    ModelUnreadable,
    NotGguf,
)
from engine.gguf_header import inspect
from tests.fakes import engine_files as files

MODEL = files.fake_model()


def write(folder: Path, data: bytes) -> Path:
    path = folder / "model.gguf"
    path.write_bytes(data)
    return path


def test_a_header_tells_what_the_model_is(tmp_path: Path) -> None:
    header = inspect(write(tmp_path, MODEL))
    assert (header.name, header.architecture, header.licence) == ("Fake", "llama", "apache-2.0")
    assert (header.layers, header.heads, header.heads_kv) == (1, 4, 2)
    assert (header.parameters, header.tensors) == (32 * 32 + 64, 2)
    assert header.quantization == "Q4_K_M"
    assert header.trained_context_tokens == 2048
    assert (header.tokenizer, header.vocabulary) == ("gpt2", 3)
    assert header.size_bytes == len(MODEL)
    assert header.chat_template == files.CHAT_TEMPLATE
    assert header.causal


def test_a_file_without_names_is_named_for_itself_and_its_commonest_tensor_type(tmp_path: Path) -> None:
    pairs = [files.pair("general.architecture", "llama")]
    tensors = [files.tensor("a", (32,), 8, 0), files.tensor("b", (16,), 0, 64)]
    header = inspect(write(tmp_path, files.gguf(pairs, tensors, 128)))
    assert (header.name, header.quantization, header.chat_template) == ("model", "Q8_0", None)


def test_numbers_given_for_each_layer_count_by_their_largest(tmp_path: Path) -> None:
    pairs = [
        files.pair("general.architecture", "gemma"),
        files.pair("gemma.attention.head_count", 8),
        files.pair("gemma.attention.head_count_kv", [2, 4, 2]),
    ]
    assert inspect(write(tmp_path, files.gguf(pairs, [], 0))).heads_kv == 4


def test_a_long_vocabulary_is_counted_and_not_kept(tmp_path: Path) -> None:
    words = [f"word{number}" * (number % 40) for number in range(50_000)]
    pairs = [files.pair("general.architecture", "llama"), files.pair("tokenizer.ggml.tokens", words)]
    pairs += [files.pair("tokenizer.ggml.token_type", [1] * 50_000), files.pair("general.name", "after")]
    header = inspect(write(tmp_path, files.gguf(pairs, [], 0)))
    assert (header.vocabulary, header.name) == (50_000, "after")


def test_a_file_that_ends_within_its_header_says_no_number_that_nobody_knows(tmp_path: Path) -> None:
    with pytest.raises(ModelTruncated) as error:
        inspect(write(tmp_path, MODEL[:200]))
    assert set(error.value.params) == {"path"}


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", ModelEmpty),
        (b"GG", NotGguf),
        (b"PK\x03\x04 a zip", NotGguf),
        (b"GGUF", ModelTruncated),
        (MODEL[:-1], ModelTruncated),
        (MODEL[:200], ModelTruncated),
    ],
)
def test_each_wrong_file_has_its_own_error(data: bytes, error: type[ModelFileError], tmp_path: Path) -> None:
    path = write(tmp_path, data)
    with pytest.raises(error) as raised:
        inspect(path)
    assert type(raised.value) is error
    assert raised.value.params["path"] == str(path)


def test_a_path_to_nothing_is_missing(tmp_path: Path) -> None:
    write(tmp_path, MODEL)
    for path in (tmp_path / "none.gguf", tmp_path / "model.gguf" / "below", "bad\0name.gguf", ""):
        with pytest.raises(ModelMissing):
            inspect(path)


def test_a_folder_or_a_pipe_is_no_model_and_is_not_waited_for(tmp_path: Path) -> None:
    with pytest.raises(NotGguf):
        inspect(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(NotGguf):
            inspect(tmp_path / "pipe")


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, MODEL)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # root may read everything
    with pytest.raises(ModelUnreadable):
        inspect(path)


def pairs_with(key: str, value: files.Scalar | list[int]) -> bytes:
    return files.gguf([files.pair("general.architecture", "llama"), files.pair(key, value)], [], 0)


def tensors_with(*tensors: bytes) -> bytes:
    return files.gguf([files.pair("general.architecture", "llama")], list(tensors), 4096)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "version 1"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "big-endian"),
        (files.gguf([], [], 0, counts=(2**40, 0)), "tensors"),
        (files.gguf([], [], 0, counts=(0, 2**40)), "metadata"),
        (pairs_with("general.architecture", "twice"), "twice"),
        (pairs_with("llama.block_count", "thirty"), "whole number"),
        (pairs_with("llama.block_count", 100_000), "layers"),
        (pairs_with("llama.context_length", 1.5), "whole number"),
        (pairs_with("general.name", 3), "no text"),
        (pairs_with("llama.attention.causal", 1), "neither true nor false"),
        (pairs_with("general.alignment", 0), "alignment"),
        (pairs_with("general.alignment", 48), "alignment"),
        (files.gguf([files.text("k") + struct.pack("<I", 77)], [], 0), "value type 77"),
        (files.gguf([files.text("k") + struct.pack("<IIQ", 9, 9, 1)], [], 0), "array of value type 9"),
        (files.gguf([files.text("k") + struct.pack("<IIQ", 9, 4, 2**60)], [], 0), "items"),
        (files.gguf([files.text("k") + struct.pack("<IQ", 8, 2**60)], [], 0), "a text of"),
        (tensors_with(files.tensor("t", (), 0, 0)), "0 dimensions"),
        (tensors_with(files.tensor("t", (1, 1, 1, 1, 1), 0, 0)), "5 dimensions"),
        (tensors_with(files.tensor("t", (0, 4), 0, 0)), "0 elements"),
        (tensors_with(files.tensor("t", (2**62, 2**62), 0, 0)), "elements"),
        (tensors_with(files.tensor("t", (4,), 4, 0)), "type 4"),
        (tensors_with(files.tensor("t", (33,), 2, 0)), "multiple of 32"),
        (tensors_with(files.tensor("t", (4,), 0, 64)), "at 64, not at 0"),
        (tensors_with(files.tensor("t", (64,), 0, 0), files.tensor("u", (4,), 0, 32)), "at 32, not at 256"),
        (tensors_with(files.tensor("t", (4,), 0, 0), files.tensor("t", (4,), 0, 32)), "twice"),
        (tensors_with(files.tensor("t" * 64, (4,), 0, 0)), "a text of 64"),
    ],
)
def test_a_header_that_contradicts_itself_is_damaged_and_says_where(
    data: bytes, word: str, tmp_path: Path
) -> None:
    with pytest.raises(ModelDamaged) as error:
        inspect(write(tmp_path, data))
    assert word in error.value.detail


def test_tensor_types_are_those_of_the_library() -> None:
    if sys.platform == "win32":
        pytest.skip("the symbols are looked up through the package's own library handle")
    from llama_cpp import llama_cpp as api

    api._lib.ggml_blck_size.restype = ctypes.c_int64
    api._lib.ggml_type_size.restype = ctypes.c_size_t
    api._lib.ggml_type_name.restype = ctypes.c_char_p
    for number, kind in gguf_types.TENSOR_TYPES.items():
        if number == 9:
            continue  # q8_1 is never stored
        assert api._lib.ggml_blck_size(number) == kind.block, kind
        assert api._lib.ggml_type_size(number) == kind.size_bytes, kind
        assert api._lib.ggml_type_name(number).decode().upper() == kind.name


@pytest.mark.models
def test_the_starter_model_reads_as_what_it_is(chat_model: Path) -> None:
    header = inspect(chat_model)
    assert header.quantization == "Q4_1"
    assert header.parameters == 134_515_008
    assert (header.layers, header.heads, header.heads_kv) == (30, 9, 3)
    assert header.vocabulary == 49_152
    assert header.licence == "apache-2.0"
    assert "<|im_start|>" in (header.chat_template or "")


@pytest.mark.parametrize(
    ("file", "written", "shown"),
    [
        ("SmolLM2-135M-Instruct.Q4_1", "Smollm2 135M 8k Lc100K Mix1 Ep2", "SmolLM2-135M-Instruct"),
        ("qwen3-4b-q4_1", "", "qwen3-4b"),
        ("my model", "Another", "my model"),
        ("sha256-" + "0a" * 32, "Llama 3", "Llama 3"),
        ("sha256-" + "0a" * 32, "", "sha256-" + "0a" * 32),
        ("Q4_1", "", "Q4_1"),
    ],
)
def test_a_model_is_called_by_its_file_unless_that_is_a_checksum(
    tmp_path: Path, file: str, written: str, shown: str
) -> None:
    path = tmp_path / "any.gguf"
    path.write_bytes(files.fake_model())
    found = msgspec.structs.replace(
        inspect(path), path=f"{tmp_path}/{file}.gguf", name=written, quantization="Q4_1"
    )
    assert found.title == shown
