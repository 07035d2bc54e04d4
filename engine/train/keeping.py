"""What a model is not to forget while it learns: texts that it writes itself before, and what it would have
said at every place of them. Learning is held near that, so that what nobody taught stays as it was.

Learning without forgetting (arXiv:1606.09282), by texts that need not be brought along (arXiv:2402.13669).
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from engine.train.coders import Coder
from engine.train.config import ModelConfig
from engine.train.errors import RunDamaged
from engine.train.generate import Writer
from engine.train.head import LOGITS_BYTES
from engine.train.packing import Example
from engine.train.parameters import Parameters
from engine.train.parts import Array, Ints
from engine.train.transformer import Transformer, plain_batch

FILE: Final = "kept.safetensors"  # in the run's folder
TEXTS: Final = 64
TOKENS: Final = 128  # of a text
ROWS: Final = 16  # texts that are written side by side
LIKELIEST: Final = 64  # tokens whose shares are kept; the others count together
TOP_K: Final = 50  # that a text is drawn from: it is to be read as prose


class Kept(msgspec.Struct, frozen=True):
    """Texts: (texts, 1 + time) tokens; and at each place the likeliest tokens with their shares:
    (texts, time, LIKELIEST)."""

    texts: Any
    likeliest: Any
    shares: Any

    def examples(self, weight: float) -> list[Example]:
        """To be packed among others; each place counts `weight`."""
        count = np.full(self.texts.shape[1], weight, np.float32)
        return [
            Example(text, np.zeros_like(count), likeliest, shares, count[1:])
            for text, likeliest, shares in zip(self.texts, self.likeliest, self.shares, strict=True)
        ]

    def save(self, folder: Path) -> None:
        draft = folder / f"{FILE}.new"
        save_file({name: getattr(self, name) for name in self.__struct_fields__}, draft)
        draft.chmod(0o600)
        os.replace(draft, folder / FILE)  # noqa: PTH105  as one step on every system

    @classmethod
    def load(cls, folder: Path) -> "Kept":
        """Raises RunDamaged."""
        try:
            return cls(**load_file(folder / FILE))
        except (OSError, TypeError, SafetensorError) as error:
            raise RunDamaged(str(error), path=str(folder)) from error


def kept_of(
    config: ModelConfig,
    weights: Parameters,
    coder: Coder,
    parts: Any,
    *,
    time: int,
    seed: int,
    texts: int = TEXTS,
    tell: Callable[[str], None] = lambda _text: None,
) -> Kept:
    """Have the model write `texts`, and note what it says of them. `time`: tokens that a row has room for;
    `tell` hears of each batch of texts."""
    time = min(TOKENS, time)
    random = np.random.default_rng([seed, 55])
    writer = Writer(config, weights, parts, time)
    written: list[Ints] = []
    for start in range(0, texts, ROWS):
        rows = min(ROWS, texts - start)
        written.append(writer.write_several(coder.end, rows, time, top_k=TOP_K, random=random))
        tell(coder.decode([int(token) for token in written[-1][0, 1:]]))
    whole = np.concatenate(written)
    said = list(_said(config, weights, parts, whole))
    likeliest, shares = (np.stack(some) for some in zip(*said, strict=True))
    return Kept(whole, likeliest, shares)


def _said(config: ModelConfig, weights: Parameters, parts: Any, texts: Ints) -> Iterator[tuple[Ints, Array]]:
    """Of each text the likeliest next tokens and their shares: (time, LIKELIEST) both."""
    model = Transformer(config, weights, 1, texts.shape[1] - 1, parts)
    count = min(LIKELIEST, config.vocab - 1)
    step = max(1, LOGITS_BYTES // (4 * config.vocab))
    for text in texts:
        row = np.ascontiguousarray(text[None, :-1])
        hidden = model.hidden(plain_batch(row, row))
        found = [_likeliest(hidden[at : at + step] @ weights[model.head.name].T, count)
                 for at in range(0, len(hidden), step)]  # fmt: skip
        yield np.concatenate([one for one, _ in found]), np.concatenate([one for _, one in found])


def _likeliest(logits: Array, count: int) -> tuple[Ints, Array]:
    """(tokens, count) each."""
    best = np.argpartition(logits, -count, axis=1)[:, -count:].astype(np.int32)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return best, np.take_along_axis(shares, best, axis=1).astype(np.float32)
