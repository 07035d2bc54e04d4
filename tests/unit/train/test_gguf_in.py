"""Files that learn on: what came in computes as llama.cpp does, and what goes out again is the same."""

from pathlib import Path

import numpy as np
import pytest
from gguf import GGMLQuantizationType, GGUFWriter

from engine.train import parts
from engine.train.config import ModelConfig
from engine.train.errors import CannotLearn, ModelFileDamaged, PartUnknown, QuantizationUnknown
from engine.train.gguf_in import read_gguf
from engine.train.gguf_out import write_gguf
from engine.train.tokenizer import learn_characters
from engine.train.transformer import Transformer, plain_batch
from tests.unit.train.llama import Llama
from tests.unit.train.models import weights_of
from tests.unit.train.texts import story


def written(path: Path, kind: str = "F32") -> tuple[ModelConfig, np.ndarray]:  # type: ignore[type-arg]
    tokenizer = learn_characters([story(100)])
    config = ModelConfig(
        vocab=tokenizer.size, context=256, layers=2, width=64, heads=4, kv_heads=2, hidden=96
    )
    weights = weights_of(config, dtype=np.float32)
    write_gguf(path, config, weights, tokenizer, name="Mine", kind=kind)  # type: ignore[arg-type]
    return config, weights.flat


def test_what_went_out_comes_in_again_bit_by_bit(tmp_path: Path) -> None:
    config, flat = written(tmp_path / "m.gguf")
    found, weights = read_gguf(tmp_path / "m.gguf")
    assert found == config
    assert np.array_equal(weights.flat, flat)
    assert read_gguf(tmp_path / "m.gguf", context=64)[0].context == 64


def test_a_quantized_file_comes_in_as_near_as_it_was_rounded(tmp_path: Path) -> None:
    _, flat = written(tmp_path / "m.gguf", "Q8_0")
    _, weights = read_gguf(tmp_path / "m.gguf")
    assert 0 < np.abs(weights.flat - flat).max() < 0.01


@pytest.mark.models
@pytest.mark.slow
def test_the_starter_model_computes_here_what_llama_cpp_computes(chat_model: Path, tmp_path: Path) -> None:
    # in float32: a quantized product rounds what comes in as well
    from tests.unit.train.floats import as_floats

    file = tmp_path / "f32.gguf"
    as_floats(chat_model, file)
    config, weights = read_gguf(file)
    with Llama(file) as llama:
        tokens = llama.tokens("The museum opens at nine. ¿Cuánto cuesta la entrada? 12 euros.")
        theirs = llama.logits(tokens)
    row = np.array([tokens], np.int32)
    ours = Transformer(config, weights, 1, len(tokens), parts).logits(plain_batch(row, row))[0]
    assert np.abs(ours - theirs).max() < 2e-4
    assert np.array_equal(ours.argmax(-1), theirs.argmax(-1))


def test_another_architecture_is_refused_by_name(tmp_path: Path) -> None:
    writer = GGUFWriter(tmp_path / "m.gguf", "mamba")
    writer.add_tensor("token_embd.weight", np.zeros((4, 32), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(CannotLearn) as raised:
        read_gguf(tmp_path / "m.gguf")
    assert raised.value.params == {"architecture": "mamba"}


def test_a_part_that_is_not_computed_here_is_named(tmp_path: Path) -> None:
    written(tmp_path / "m.gguf")
    data = (tmp_path / "m.gguf").read_bytes()
    # another name of the same length: as files with scaled rotary positions have it
    (tmp_path / "m.gguf").write_bytes(data.replace(b"blk.0.attn_norm.weight", b"rope_freqs.norm.weight"))
    with pytest.raises(PartUnknown) as raised:
        read_gguf(tmp_path / "m.gguf")
    assert raised.value.params == {"architecture": "llama", "part": "rope_freqs.norm.weight"}


def test_a_quantization_that_cannot_be_read_is_named_and_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "m.gguf", "Q8_0")

    def unknown(*_: object) -> None:
        raise NotImplementedError("Dequantization for Q8_0 is not yet implemented")

    with monkeypatch.context() as patched:
        patched.setattr("engine.train.gguf_in.dequantize", unknown)
        with pytest.raises(QuantizationUnknown) as raised:
            read_gguf(tmp_path / "m.gguf")
    assert "Q8_0" in str(raised.value.params["kind"])
    # one that the library has not even a name for
    data = bytearray((tmp_path / "m.gguf").read_bytes())
    name = b"blk.0.attn_q.weight"
    at = data.index(name) + len(name) + 4 + 2 * 8  # behind the number of dimensions and both of them
    assert data[at : at + 4] == int(GGMLQuantizationType.Q8_0).to_bytes(4, "little")
    data[at : at + 4] = (200).to_bytes(4, "little")
    (tmp_path / "m.gguf").write_bytes(data)
    with pytest.raises(QuantizationUnknown) as raised:
        read_gguf(tmp_path / "m.gguf")
    assert raised.value.params["kind"] == "200"


@pytest.mark.parametrize("kept", [0, 3, 200, 5000])
def test_a_file_that_was_cut_short_is_refused(kept: int, tmp_path: Path) -> None:
    written(tmp_path / "m.gguf")
    data = (tmp_path / "m.gguf").read_bytes()
    (tmp_path / "cut.gguf").write_bytes(data[:kept])
    with pytest.raises(ModelFileDamaged):
        read_gguf(tmp_path / "cut.gguf")
