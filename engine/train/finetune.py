"""The third phase: a model that knows a language learns to answer; of labels see `labelling`.

What learns is chosen: everything, a low-rank addition, the last block, or the head alone.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from engine.protocol import Message
from engine.train.blocks import Adapter
from engine.train.coders import Coder
from engine.train.config import ModelConfig
from engine.train.errors import AnswersTooLong, TextTooSmall
from engine.train.examples import Row
from engine.train.generate import Writer
from engine.train.keeping import Kept
from engine.train.lora import LowRank, new_adapter
from engine.train.packing import Example, Packed, from_conversation, from_text
from engine.train.parameters import Parameters
from engine.train.specs import Learn
from engine.train.transformer import Batch

SAMPLES: Final = 4  # held-out prompts that are answered along the way
SAMPLE_TOKENS: Final = 60
LEAST_EXAMPLES: Final = 4


class Base(msgspec.Struct, frozen=True):
    """A model that learns on, and its way of writing."""

    config: ModelConfig
    weights: Parameters
    coder: Any  # engine.train.coders.Coder, which msgspec cannot check


def what_learns(base: Base, learn: Learn, rank: int, alpha: float, seed: int) -> tuple[Parameters, Any]:
    """The parameters that learn, and what makes an adapter for each thread (None without one)."""
    if learn == "lora":
        low = new_adapter(base.config, rank, seed)
        return low, lambda: LowRank(low, alpha)
    if learn == "all":
        return base.weights, None
    last = f"blocks.{base.config.layers - 1}."
    names = [name for name in base.weights if name.startswith("final_norm")]
    if learn == "last_block":
        names += [name for name in base.weights if name.startswith(last)]
    learning = Parameters({name: base.weights.shapes[name] for name in names})
    base.weights.lend(learning)
    return learning, None


def divided(count: int, share: float, seed: int) -> tuple[list[int], list[int]]:
    """Numbers to learn from and numbers held out, at least one of each. Raises TextTooSmall."""
    if count < LEAST_EXAMPLES:
        raise TextTooSmall(tokens=count, needed=LEAST_EXAMPLES)
    order = np.random.default_rng([seed, 77]).permutation(count).tolist()
    held = min(count - 1, max(1, round(count * share)))
    return sorted(order[held:]), sorted(order[:held])


class AnswerTask:
    """Conforms to `engine.train.task.Task`: conversations and plain text, the answers of which are learnt."""

    head = ""
    source_time = 0
    bytes_per_token = 0.0

    def __init__(
        self,
        base: Base,
        rows: Sequence[Row],
        *,
        learn: Learn = "lora",
        rank: int = 8,
        alpha: float = 16.0,
        held_out_share: float = 0.1,
        time: int = 0,
        seed: int = 1,
    ) -> None:
        """`time`: tokens in a row; 0: as many as the model sees, at most 512.

        Raises AnswersTooLong where no example fits, TextTooSmall where there are too few.
        """
        self.config, self.weights = base.config, base.weights
        self.time = min(time or 512, base.config.context)
        self.coder: Coder = base.coder
        self.seed = seed
        self.learning, self._adapter = what_learns(base, learn, rank, alpha, seed)
        self.low_rank_scale = alpha / rank if learn == "lora" else 0.0
        learnt, held = divided(len(rows), held_out_share, seed)
        self.too_long: list[int] = []  # numbers of rows whose answers do not fit
        self._packed = Packed(self._examples([rows[n] for n in learnt]), self.time, seed)
        self.held_rows = [rows[n] for n in held]
        self._held = Packed(self._examples(self.held_rows), self.time, seed)

    def _examples(self, rows: Sequence[Row]) -> list[Example]:
        examples: list[Example] = []
        for row in rows:
            if row.kind == "conversation":
                example = from_conversation(self.coder, row.messages, self.time, row.given)
                if example is None:
                    self.too_long.append(row.number)
                    continue
                examples.append(example)
            else:
                examples += from_text(self.coder, row.text, self.time)
        if not examples:
            raise AnswersTooLong(rows=len(rows), limit=self.time)
        return examples

    def stay_near(self, kept: Kept, keep: float) -> None:
        """Learn to say of the kept texts what was said of them before: in all `keep` times what answers
        count."""
        answers = sum(float(example.weights[1:].sum()) for example in self._packed.examples)
        examples = kept.examples(keep * answers / max(1, kept.shares[..., 0].size))
        self._packed = Packed([*self._packed.examples, *examples], self.time, self.seed)

    @property
    def adapter(self) -> Callable[[], Adapter] | None:
        return self._adapter  # type: ignore[no-any-return]

    def draw(self, index: int, rows: int) -> Batch:
        return self._packed.draw(index, rows)

    def held_out(self, rows: int) -> Iterator[Batch]:
        return self._held.all(rows)

    def sample(self, step: int, parts: Any) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Held-out questions, answered with the likeliest token each time."""
        asked = [row for row in self.held_rows if row.kind == "conversation"][:SAMPLES]
        if not asked:
            return
        writer = self.writer(parts)
        for row in asked:
            before, _ = question_of(row)
            yield before[-1].content, self.answer(writer, before)

    def writer(self, parts: Any) -> Writer:
        adapter = self._adapter() if self._adapter is not None else None
        return Writer(self.config, self.weights, parts, self.time, adapter)

    def answer(self, writer: Writer, messages: Sequence[Message], tokens: int = SAMPLE_TOKENS) -> str:
        prompt = self.coder.prompt(messages)
        return self.coder.decode(writer.write(prompt, tokens, temperature=0, stop=self.coder.stops)).strip()


def question_of(row: Row) -> tuple[tuple[Message, ...], str]:
    """A conversation up to its last answer, and that answer."""
    last = max(n for n, message in enumerate(row.messages) if message.role == "assistant")
    return row.messages[:last], row.messages[last].content


def open_gguf(path: Path, context: int) -> Base:
    """A model file that learns on. Raises CannotLearn, ModelFileDamaged, and what opening it raises."""
    from engine.train.coders import GgufCoder
    from engine.train.gguf_in import read_gguf

    config, weights = read_gguf(path, context)
    return Base(config, weights, GgufCoder(path))


def open_folder(path: Path, context: int) -> Base:
    """A Hugging Face folder that learns on. Raises CannotLearn, ModelFileDamaged, TokenizerUnusable."""
    from engine.train.folder_coder import FolderCoder
    from engine.train.hugging_face import read_folder

    config, weights = read_folder(path, context)
    return Base(config, weights, FolderCoder(path))
