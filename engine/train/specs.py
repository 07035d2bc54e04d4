"""What a run is to be, as values: its task and its settings. Imports no arithmetic, so that everyone may."""

from typing import Final, Literal

import msgspec

from engine.train.config import ModelConfig
from engine.train.errors import BadShape

Learn = Literal["all", "lora", "last_block", "head"]

LIMIT: Final = 1 << 30  # of any number: beyond it is a slip of the keys
MOST_RATE: Final = 1_000_000
LEAST: Final = {
    "steps": 1,
    "batch": 1,
    "accumulate": 1,
    "warmup": 0,
    "threads": 1,
    "validate_every": 1,
    "save_every": 1,
    "sample_every": 0,
    "patience": 0,
    "tell_every": 1,
}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How to learn. Rates, betas and warm-up are what small models like."""

    steps: int = 2000
    batch: int = 12  # rows a batch
    accumulate: int = 1  # batches a step: their gradients are summed
    rate: float = 2e-3
    low_rate: float = 0.0  # 0: a tenth of `rate`
    warmup: int = 100
    decay: float = 0.1
    beta_square: float = 0.99
    clip: float = 1.0
    seed: int = 1
    threads: int = 2
    validate_every: int = 250
    save_every: int = 250
    sample_every: int = 500  # 0: never
    patience: int = 0  # validations without gain after which it ends; 0: it never ends early
    tell_every: int = 10

    def __post_init__(self) -> None:
        """Raises BadShape for numbers that nothing can be learnt by."""
        for name, low in LEAST.items():
            if not low <= getattr(self, name) <= LIMIT:
                raise BadShape(name=name, value=getattr(self, name), low=low, high=LIMIT)
        if not 0 < self.rate < MOST_RATE:
            raise BadShape(name="rate", value=self.rate, low=0, high=MOST_RATE)


class Pretrain(msgspec.Struct, frozen=True, tag="pretrain"):
    """From the prepared folder `data`. `fingerprint`: of what was prepared when the run began."""

    data: str
    config: ModelConfig
    seed: int = 1
    prompt: str = "\n"  # that its samples begin with
    fingerprint: str = ""


class FineTune(msgspec.Struct, frozen=True, kw_only=True, tag="finetune"):
    """From the model at `base`, see `open_base`, and the rows in the file `data`.

    "text" goes on learning from a prepared folder, `data`, which was cut by the base's own tokenizer.
    """

    base: str
    data: str
    kind: Literal["answers", "labels", "text"] = "answers"
    learn: Learn = "lora"
    rank: int = 8
    alpha: float = 16.0
    keep: float = 2.0  # how much it counts to stay as it was, beside what answers count; 0: not at all
    held_out_share: float = 0.1
    time: int = 0
    seed: int = 1
    labels: tuple[str, ...] = ()  # filled in when the run begins


class Masked(msgspec.Struct, frozen=True, tag="masked"):
    """A new encoder, from the prepared folder `data`. Its vocabulary has one token more: the mask."""

    data: str
    config: ModelConfig
    seed: int = 1


LABEL_TIME: Final = 128  # tokens of a text that is told apart: twice as many of half as many texts teach less
LETTERS: Final = " abcdefghijklmnopqrstuvwxyzáéíóúñ-"
LETTERS_TIME: Final = 48  # the longest numbers in words have 46 letters
LETTERS_VOCAB: Final = 2 + len(LETTERS)  # and the end, and the beginning


class Translate(msgspec.Struct, frozen=True, tag="translate"):
    """A new encoder and decoder that turn numbers in English words into Spanish ones."""

    config: ModelConfig
    seed: int = 1


Grown = Pretrain | Masked | Translate  # new models
Spec = Grown | FineTune


class Kept(msgspec.Struct, frozen=True):
    """run.json."""

    task: Spec
    settings: Settings
    config: ModelConfig
