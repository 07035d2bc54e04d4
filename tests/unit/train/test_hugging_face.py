"""Folders of the Hugging Face form, beside the library of that name."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.protocol import Message
from engine.train import parts
from engine.train.coders import OwnCoder
from engine.train.config import ModelConfig
from engine.train.errors import CannotExport, CannotLearn, ModelFileDamaged
from engine.train.finetune import open_folder
from engine.train.hugging_face import read_folder, write_folder
from engine.train.packing import from_conversation
from engine.train.parameters import Parameters
from engine.train.tokenizer import learn_characters, learn_pieces
from engine.train.transformer import Transformer, plain_batch
from tests.unit.train.models import KINDS, weights_of
from tests.unit.train.texts import story

pytestmark = pytest.mark.slow  # bringing in torch takes seconds

TOKENS = np.random.default_rng(0).integers(0, 90, (2, 40)).astype(np.int32)


def theirs(path: Path) -> np.ndarray:  # type: ignore[type-arg]
    torch: Any = pytest.importorskip("torch")
    transformers: Any = pytest.importorskip("transformers")
    model = transformers.AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)
    with torch.no_grad():
        return np.asarray(model(torch.from_numpy(TOKENS.astype(np.int64))).logits.numpy())


def ours(config: ModelConfig, weights: Parameters) -> np.ndarray:  # type: ignore[type-arg]
    return Transformer(config, weights, *TOKENS.shape, parts).logits(plain_batch(TOKENS, TOKENS))


def made(path: Path, kind: str, dtype: str = "float32", **more: Any) -> None:
    """A small model of random weights, as their library makes and keeps it."""
    torch: Any = pytest.importorskip("torch")
    transformers: Any = pytest.importorskip("transformers")
    torch.manual_seed(1)
    if kind == "llama":
        config = transformers.LlamaConfig(
            vocab_size=90, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=64, initializer_range=0.3, **more,
        )  # fmt: skip
        model = transformers.LlamaForCausalLM(config)
    else:
        config = transformers.GPT2Config(
            vocab_size=90, n_positions=64, n_embd=32, n_layer=2, n_head=4, initializer_range=0.3, **more
        )
        model = transformers.GPT2LMHeadModel(config)
        for parameter in model.parameters():  # biases begin at 0 there
            parameter.data += 0.1 * torch.randn_like(parameter)
    model.to(getattr(torch, dtype)).save_pretrained(path, max_shard_size="20KB")


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("llama", {}),
        ("llama", {"tie_word_embeddings": True, "rope_theta": 500.0}),
        ("gpt2", {}),
        ("gpt2", {"n_inner": 40}),
    ],
)
def test_a_folder_computes_here_what_it_computes_there(
    kind: str, more: dict[str, Any], tmp_path: Path
) -> None:
    made(tmp_path / "m", kind, **more)
    config, weights = read_folder(tmp_path / "m")
    assert np.abs(ours(config, weights) - theirs(tmp_path / "m")).max() < 2e-4


def test_bfloat16_is_read(tmp_path: Path) -> None:
    made(tmp_path / "m", "llama", "bfloat16")
    config, weights = read_folder(tmp_path / "m", context=48)
    assert config.context == 48
    assert np.abs(ours(config, weights) - theirs(tmp_path / "m")).max() < 2e-4


@pytest.mark.parametrize("tied", [True, False])
def test_what_goes_out_computes_there_what_it_computed_here(tied: bool, tmp_path: Path) -> None:
    tokenizer = learn_pieces(iter([story(100)]), 300)
    sizes = {"context": 64, "layers": 2, "width": 32, "heads": 4, "kv_heads": 2}
    config = ModelConfig(vocab=tokenizer.size, tied=tied, **sizes)
    weights = weights_of(config, dtype=np.float32)
    write_folder(tmp_path / "m", config, weights, tokenizer, chats=True)
    assert np.abs(ours(config, weights) - theirs(tmp_path / "m")).max() < 2e-4
    again, same = read_folder(tmp_path / "m")
    assert again == ModelConfig(vocab=tokenizer.size, tied=tied, hidden=config.inner, **sizes)
    assert np.array_equal(same.flat, weights.flat)
    transformers: Any = pytest.importorskip("transformers")
    fast = transformers.AutoTokenizer.from_pretrained(tmp_path / "m")
    assert fast(story(3))["input_ids"] == tokenizer.encode(story(3))
    said = fast.apply_chat_template(
        [{"role": "user", "content": "Hola"}], tokenize=False, add_generation_prompt=True
    )
    assert said == "<|im_start|>user\nHola<|im_end|>\n<|im_start|>assistant\n"


@pytest.mark.parametrize(
    "change",
    [
        {"model_type": "mistral"}, {"rope_scaling": {"type": "linear"}}, {"attention_bias": True},
        {"hidden_act": "gelu"}, {"head_dim": 16}, {"rope_parameters": {"rope_type": "yarn"}},
    ],
)  # fmt: skip
def test_what_is_not_computed_here_is_refused_by_name(change: dict[str, Any], tmp_path: Path) -> None:
    tokenizer = learn_characters([story(20)])
    config = ModelConfig(vocab=tokenizer.size, context=64, layers=1, width=32, heads=4)
    write_folder(tmp_path / "m", config, weights_of(config, dtype=np.float32), tokenizer)
    file = tmp_path / "m" / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(CannotLearn):
        read_folder(tmp_path / "m")


@pytest.mark.parametrize("damage", ["cut", "no weights", "no config", "a tensor missing", "another size"])
def test_a_folder_that_is_not_whole_is_refused(damage: str, tmp_path: Path) -> None:
    tokenizer = learn_characters([story(20)])
    config = ModelConfig(vocab=tokenizer.size, context=64, layers=1, width=32, heads=4)
    write_folder(tmp_path / "m", config, weights_of(config, dtype=np.float32), tokenizer)
    weights, said = tmp_path / "m" / "model.safetensors", tmp_path / "m" / "config.json"
    match damage:
        case "cut":
            weights.write_bytes(weights.read_bytes()[:-50])
        case "no weights":
            weights.unlink()
        case "no config":
            said.unlink()
        case "a tensor missing":
            said.write_text(json.dumps(json.loads(said.read_text()) | {"num_hidden_layers": 2}))
        case _:
            said.write_text(json.dumps(json.loads(said.read_text()) | {"vocab_size": 20}))
    with pytest.raises(ModelFileDamaged):
        read_folder(tmp_path / "m")


def test_a_model_of_another_shape_stays_here(tmp_path: Path) -> None:
    config = KINDS["gpt"]
    with pytest.raises(CannotExport):
        write_folder(tmp_path / "m", config, weights_of(config), learn_characters(["a"]))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_s_conversations_are_learnt_by_its_own_template(tmp_path: Path) -> None:
    tokenizer = learn_pieces(iter([story(100)]), 300)
    config = ModelConfig(vocab=tokenizer.size, context=64, layers=1, width=32, heads=4)
    write_folder(tmp_path / "m", config, weights_of(config, dtype=np.float32), tokenizer, chats=True)
    base = open_folder(tmp_path / "m", 64)
    messages = (Message("user", "¿Quién <|im_end|>?"), Message("assistant", "Óscar"))
    there = from_conversation(base.coder, messages, 64)
    here = from_conversation(OwnCoder(tokenizer), messages, 64)
    assert there is not None
    assert here is not None
    assert there.tokens.tolist() == here.tokens.tolist()
    assert there.weights.tolist() == here.weights.tolist()
    assert base.coder.prompt(messages[:1]) == OwnCoder(tokenizer).prompt(messages[:1])
