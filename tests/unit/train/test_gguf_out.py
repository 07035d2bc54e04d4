"""What leaves the workshop is, to llama.cpp, the model that was trained."""

import random
from pathlib import Path

import numpy as np
import pytest

from engine.train import parts
from engine.train.config import ModelConfig, gpt
from engine.train.errors import CannotExport
from engine.train.gguf_out import halved, interleaved, write_gguf
from engine.train.parameters import initialized
from engine.train.tokenizer import Tokenizer, learn_characters, learn_pieces
from engine.train.transformer import Transformer, plain_batch
from tests.unit.train.llama import Llama
from tests.unit.train.models import weights_of
from tests.unit.train.texts import story

TEXT = story(200) + "The quick brown fox doesn't jump; ¿quién salta? 1234 — 5,6 €. \t«Aún» no.\n\n  x  \n"


ENGLISH = (
    "The",
    "river's",
    "quick",
    "they're",
    "museum",
    "opens",
    "at",
    "nine",
    "e-mail",
    "I'll",
    "WON'T",
    "3rd",
)
SPANISH = (
    "El",
    "río",
    "¿Cuánto",
    "niño",
    "pingüino",
    "mañana",
    "está",
    "«así»",
    "España",
    "ÁRBOL",
    "años",
    "¡Ya",
)
BETWEEN = (" ", "  ", ", ", ". ", "\n", "? ", "! ", "\t", "—", "'", " 1.234,5 ", "")


def tokenizer_of(characters: bool) -> Tokenizer:
    return learn_characters([TEXT]) if characters else learn_pieces(iter([TEXT]), 400)


@pytest.mark.parametrize("characters", [True, False])
@pytest.mark.parametrize("sizes", [{}, {"kv_heads": 2}, {"tied": False, "hidden": 48}])
@pytest.mark.parametrize(("kind", "limit"), [("F32", 1e-4), ("F16", 2e-2), ("Q8_0", 0.3)])
def test_llama_cpp_computes_the_same_logits(
    kind: str, limit: float, sizes: dict[str, int], characters: bool, tmp_path: Path
) -> None:
    tokenizer = tokenizer_of(characters)
    config = ModelConfig(vocab=tokenizer.size, context=256, layers=3, width=64, heads=4, **sizes)
    weights = weights_of(config, dtype=np.float32)
    write_gguf(tmp_path / "m.gguf", config, weights, tokenizer, name="Mine", kind=kind)  # type: ignore[arg-type]
    tokens = tokenizer.encode(TEXT)[:200]
    batch = plain_batch(np.array([tokens], np.int32), np.array([tokens], np.int32))
    ours = Transformer(config, weights, 1, len(tokens), parts).logits(batch)[0]
    with Llama(tmp_path / "m.gguf") as llama:
        theirs = llama.logits(tokens)
    away = np.abs(ours - theirs).max()
    if kind != "F32":
        assert away < limit * max(1.0, np.abs(ours).max() / 10)
    else:
        assert away < limit
        assert np.array_equal(ours.argmax(-1), theirs.argmax(-1))


@pytest.mark.parametrize("characters", [True, False])
def test_llama_cpp_cuts_text_into_the_same_tokens(characters: bool, tmp_path: Path) -> None:
    tokenizer = tokenizer_of(characters)
    config = ModelConfig(vocab=tokenizer.size, context=256, layers=1, width=32, heads=2)
    write_gguf(tmp_path / "m.gguf", config, initialized(config, 1), tokenizer, name="Mine")
    dice = random.Random(5)
    letters = (
        sorted(set(TEXT)) if characters else [*TEXT, *"ñÑ漢字🦜\u200b\u00ad'’0xÿ<|>", "'s", "  ", "\n\n"]
    )
    strings = ["".join(dice.choices(letters, k=dice.randint(1, 60))) for _ in range(400)]
    known = set(letters)
    for words in (ENGLISH, SPANISH):
        for _ in range(300):
            said = "".join(dice.choice(words) + dice.choice(BETWEEN) for _ in range(dice.randint(1, 12)))
            # a tokenizer of characters gives what it never saw one token, and llama.cpp gives it its bytes
            strings.append("".join(letter for letter in said if letter in known) if characters else said)
    assert len(strings) == 1000
    with Llama(tmp_path / "m.gguf") as llama:
        wrong = [text for text in strings if llama.tokens(text) != tokenizer.encode(text)]
    assert wrong == []


def test_rows_of_heads_come_back_from_llama_cpp_s_order() -> None:
    rows = np.random.default_rng(0).random((24, 5))
    assert np.array_equal(halved(interleaved(rows, 3), 3), rows)
    assert interleaved(np.arange(8.0), 1).tolist() == [0, 4, 1, 5, 2, 6, 3, 7]


def test_a_model_of_another_shape_stays_in_the_workshop(tmp_path: Path) -> None:
    config = gpt(vocab=300, context=16, layers=1, width=16, heads=2)
    with pytest.raises(CannotExport):
        write_gguf(tmp_path / "m.gguf", config, initialized(config, 1), tokenizer_of(False), name="Mine")
    assert list(tmp_path.iterdir()) == []
