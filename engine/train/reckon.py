"""What a run would take, before it begins: parameters, memory, and time by a short measurement. Learns
nothing that is kept.

The measurement takes real steps of the same widths with one layer and with two, on random tokens; a model's
layers are alike, so the rest follows.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import msgspec
import numpy as np

from engine.train.blocks import Adapter
from engine.train.config import ModelConfig
from engine.train.finetune import Base, what_learns
from engine.train.gguf_in import config_of
from engine.train.learner import NumpyLearner
from engine.train.memory import free_bytes, learning_of, memory_of
from engine.train.parameters import Parameters, initialized
from engine.train.specs import LETTERS_TIME, FineTune, Learn, Settings, Spec, Translate
from engine.train.tasks import is_run, read_spec
from engine.train.transformer import Batch, plain_batch

ENOUGH_S: Final = 0.4  # of steps, after the first one, which only warms up
MOST_STEPS: Final = 5
BESIDE: Final = 1.1  # measuring, sampling and saving take their share
SMALL_VOCAB: Final = 256  # in the place of a vocabulary that no logits are computed over


class Reckoning(msgspec.Struct, frozen=True):
    """`seconds` of all steps; `tokens_per_s` while it learns."""

    parameters: int
    learning: int
    needed_bytes: int
    free_bytes: int
    seconds: float
    tokens_per_s: float


def reckon(spec: Spec, settings: Settings, parts: ModuleType) -> Reckoning:
    """Raises what reading the header of a base raises. Where there is no memory, no time is measured: 0."""
    tuned = spec if isinstance(spec, FineTune) else None
    config = _base_config(Path(tuned.base)) if tuned is not None else spec.config  # type: ignore[union-attr]
    labels = tuned is not None and tuned.kind == "labels"
    length = min((tuned.time if tuned else 0) or (256 if labels else 512), config.context)
    if isinstance(spec, Translate):
        length = LETTERS_TIME
    elif tuned is None:
        length = config.context
    rank = tuned.rank if tuned is not None and tuned.learn == "lora" and tuned.kind != "text" else 0
    learn: Learn = tuned.learn if tuned is not None and tuned.kind != "text" else "all"
    learning = _learning(config, learn, rank)
    source = LETTERS_TIME if isinstance(spec, Translate) else 0
    need = memory_of(config, settings, settings.batch, length, learning, source, rank)
    free, tokens = free_bytes(), settings.batch * settings.accumulate * length
    step_s = 0.0
    if need.total <= free:
        measured = msgspec.structs.replace(config, vocab=min(config.vocab, SMALL_VOCAB)) if labels else config
        step_s = _step_seconds(measured, settings, length, learn, rank, parts) * settings.accumulate
    return Reckoning(
        learning_of(config), learning, need.total, free,
        step_s * settings.steps * BESIDE, tokens / step_s if step_s else 0.0,
    )  # fmt: skip


def _base_config(path: Path) -> ModelConfig:
    if path.is_dir() and is_run(path):
        return read_spec(path).config
    if path.is_dir():
        from engine.train.hugging_face import read_folder

        return read_folder(path, 512)[0]
    return config_of(path, 512)


def _learning(config: ModelConfig, learn: Learn, rank: int) -> int:
    match learn:
        case "lora":
            return learning_of(config, rank)
        case "last_block":
            one, two = (msgspec.structs.replace(config, layers=count) for count in (1, 2))
            return learning_of(two) - learning_of(one) + config.width
        case "head":
            return config.width
        case _:
            return learning_of(config)


def _step_seconds(
    config: ModelConfig, settings: Settings, length: int, learn: Learn, rank: int, parts: ModuleType
) -> float:
    """Of one batch."""
    one, two = (
        _measured(msgspec.structs.replace(config, layers=layers), settings, length, learn, rank, parts)
        for layers in (1, 2)
    )
    return one + max(0.0, two - one) * (config.layers - 1)


def _measured(
    config: ModelConfig, settings: Settings, length: int, learn: Learn, rank: int, parts: ModuleType
) -> float:
    task = _Blind(config, length, learn, rank)
    learner = NumpyLearner(
        task, parts, rows=settings.batch, threads=settings.threads, decay=settings.decay,
        beta_square=settings.beta_square, clip=settings.clip,
    )  # fmt: skip
    batch = task.draw(0, settings.batch)
    taken: list[float] = []
    try:
        learner.learn([batch], 1e-6)
        while sum(taken) < ENOUGH_S and len(taken) < MOST_STEPS:
            began = time.perf_counter()
            learner.learn([batch], 1e-6)
            taken.append(time.perf_counter() - began)
    finally:
        learner.close()
    return min(taken)


class _Blind:
    """Conforms to `engine.train.task.Task`: random tokens, from which nothing is to be learnt."""

    head = ""
    bytes_per_token = 0.0

    def __init__(self, config: ModelConfig, length: int, learn: Learn, rank: int) -> None:
        self.config, self.time = config, length
        self.source_time = length if config.kind == "encoder_decoder" else 0
        self.weights: Parameters = initialized(config, 1)
        self.learning, self._adapter = what_learns(Base(config, self.weights, None), learn, rank or 1, 1.0, 1)
        self.low_rank_scale = 1.0 / rank if rank else 0.0

    @property
    def adapter(self) -> Callable[[], Adapter] | None:
        return self._adapter  # type: ignore[no-any-return]

    def draw(self, index: int, rows: int) -> Batch:
        random = np.random.default_rng(index)
        tokens = random.integers(0, self.config.vocab, (rows, self.time)).astype(np.int32)
        batch = plain_batch(tokens, tokens, causal=self.config.causal)
        if not self.source_time:
            return batch
        read = np.full(rows, self.source_time, np.int32)
        return msgspec.structs.replace(batch, source=tokens, source_last=read)

    def held_out(self, rows: int) -> Iterator[Batch]:
        yield self.draw(0, rows)

    def sample(self, step: int, parts: Any) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        yield from ()
