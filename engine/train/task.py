"""What a run learns from, as the loop sees it: see `pretrain` and `finetune` for tasks."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from engine.train.blocks import Adapter
from engine.train.config import ModelConfig
from engine.train.parameters import Parameters
from engine.train.transformer import Batch


class Task(Protocol):
    """What is learnt, from what, and how it is measured."""

    config: ModelConfig
    weights: Parameters  # all of the model
    learning: Parameters  # what of it learns, or what is learnt beside it
    head: str  # the matrix that gives the logits; "": the model's own
    time: int  # tokens in a row
    source_time: int  # of what an encoder reads; 0 without one
    bytes_per_token: float  # of the text for validation; 0: not known
    low_rank_scale: float  # alpha / rank of an adapter; 0 without one

    @property
    def adapter(self) -> Callable[[], Adapter] | None: ...

    def draw(self, index: int, rows: int) -> Batch:
        """The batch of that number: always the same one."""
        ...

    def held_out(self, rows: int) -> Iterator[Batch]:
        """All that is not learnt from."""
        ...

    def sample(self, step: int, parts: Any) -> Iterator[tuple[str, str]]:
        """Prompts, and what the model makes of them now."""
        ...
