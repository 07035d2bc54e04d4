"""The second phase: a new model learns from prepared text, or one that knows something goes on learning."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from engine.train.blocks import Adapter
from engine.train.config import ModelConfig
from engine.train.errors import TextTooSmall
from engine.train.generate import Writer
from engine.train.parameters import Parameters, initialized, shapes_of
from engine.train.prepare import Prepared
from engine.train.specs import Pretrain
from engine.train.transformer import Batch
from engine.train.windows import Windows

SAMPLE_TOKENS = 120


class TextTask:
    """Conforms to `engine.train.task.Task`: each token of a window from those before it."""

    head = ""
    source_time = 0
    low_rank_scale = 0.0

    def __init__(
        self, data: Prepared, config: ModelConfig, weights: Parameters, *, seed: int = 1, prompt: str = "\n"
    ) -> None:
        """Raises TextTooSmall for a window longer than the text."""
        least = min(len(data.train), len(data.validation))
        if least < config.context + 2:
            raise TextTooSmall(tokens=least, needed=config.context + 2)
        self.data, self.config = data, config
        self.weights = self.learning = weights
        self.seed, self.prompt, self.time = seed, prompt, config.context
        self.bytes_per_token = data.info.validation_bytes / max(1, data.info.validation_tokens)

    @property
    def adapter(self) -> Callable[[], Adapter] | None:
        return None

    def draw(self, index: int, rows: int) -> Batch:
        return Windows(self.data.train, rows, self.time, self.data.tokenizer.end).draw(index, self.seed)

    def held_out(self, rows: int) -> Iterator[Batch]:
        return Windows(self.data.validation, rows, self.time, self.data.tokenizer.end).all()

    def sample(self, step: int, parts: Any) -> Iterator[tuple[str, str]]:
        tokenizer = self.data.tokenizer
        writer = Writer(self.config, self.weights, parts)
        prompt = tokenizer.encode(self.prompt) or [tokenizer.end]
        tokens = writer.write(prompt, SAMPLE_TOKENS, seed=step, stop=frozenset([tokenizer.end]))
        yield self.prompt, tokenizer.decode(tokens)


def open_pretraining(spec: Pretrain) -> TextTask:
    """The task of a new model. Raises DataDamaged, TextTooSmall, TokenizerUnusable."""
    weights = initialized(spec.config, spec.seed)
    return TextTask(Prepared(Path(spec.data)), spec.config, weights, seed=spec.seed, prompt=spec.prompt)


def sizes_of(config: ModelConfig) -> int:
    """Parameters of a model."""
    return sum(math.prod(shape) for shape in shapes_of(config).values())
