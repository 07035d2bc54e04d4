"""What the core says about runs of training: what is wanted, what there is, what came of it. Values only."""

from typing import Literal

import msgspec

from desktop.core.types import Problem
from engine.train.events import PrepareEvent, Sampled, Stepped, TrainEvent, Validated
from engine.train.results import DataInfo, Guess, LabelScore, TextScore
from engine.train.specs import Learn, Settings

Goal = Literal["write", "fill", "answer", "label"]
RunState = Literal[
    "preparing", "training", "measuring", "stopped", "interrupted", "finished", "failed", "damaged"
]


class TrainingPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be learnt, from what, and how.

    "write": a new model goes on with a text; "fill": a new one finds hidden words. "answer" and "label": the
    model at `base`, a file or the id of a run, learns from rows. `sample`: texts that came with the program,
    see `desktop.core.training.samples`; without one, the files `inputs`.
    """

    goal: Goal = "write"
    name: str = ""
    sample: str = ""
    inputs: tuple[str, ...] = ()
    base: str = ""
    vocab: int = 512  # tokens that the tokenizer may learn
    characters: bool = False  # one token for each character instead
    layers: int = 4
    heads: int = 4
    width: int = 128
    context: int = 256
    learn: Learn = "lora"
    rank: int = 8
    time: int = 0  # tokens in a row of examples; 0: as many as the model sees, at most 512
    held_out_share: float = 0.1
    prompt: str = "\n"  # that its samples begin with
    settings: Settings = Settings()

    @property
    def grown(self) -> bool:
        """A new model, which learns from running text."""
        return self.goal in ("write", "fill")


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A run in its folder, whose name is its `id`.

    "interrupted": its process ended in the midst of it; "damaged": by hand or by a disk, `problem` says how.
    `fingerprint`: of what it learns from. `loss`: the best on what was held out, in nats; None before.
    """

    id: str
    plan: TrainingPlan = TrainingPlan()
    state: RunState = "preparing"
    created: float = 0.0  # seconds since 1970
    parent: str = ""  # the run that it was branched from
    step: int = 0
    loss: float | None = None
    seconds: float = 0.0
    parameters: int = 0
    learning: int = 0  # of them, those that learn, or what is learnt beside them
    fingerprint: str = ""
    data: DataInfo | None = None  # of running text
    labels: LabelScore | None = None
    answered: float | None = None  # the share of held-out questions that it answers as it should
    exported: str = ""  # the file that it left the workshop as, after `exported_step` steps
    exported_step: int = 0
    problem: Problem | None = None

    @property
    def running(self) -> bool:
        return self.state in ("preparing", "training", "measuring")

    @property
    def can_resume(self) -> bool:
        return self.state in ("stopped", "interrupted", "failed")

    @property
    def chats(self) -> bool:
        """Whether it can leave the workshop for the chat."""
        return self.step > 0 and not self.running and self.plan.goal in ("write", "answer")


class RunHistory(msgspec.Struct, frozen=True):
    """What a run told, in order of its steps."""

    steps: tuple[Stepped, ...] = ()
    validated: tuple[Validated, ...] = ()
    samples: tuple[Sampled, ...] = ()


class RunEstimate(msgspec.Struct, frozen=True):
    """What a plan would take on this machine. `seconds`: of all steps, from a short measurement."""

    parameters: int
    learning: int
    needed_bytes: int
    free_bytes: int
    seconds: float
    tokens_per_s: float

    @property
    def fits(self) -> bool:
        return self.needed_bytes <= self.free_bytes


class DataRow(msgspec.Struct, frozen=True):
    """A row of examples as it is shown and edited: `first` is a question or a text, `second` its answer or
    its label; "" for running text."""

    first: str
    second: str = ""


class DataPreview(msgspec.Struct, frozen=True):
    """What there is to learn from. `kind` "text": `rows` are paragraphs.

    `held_out`: rows that are not learnt from; `lengths`: characters of each row; `bad`: number of a row,
    and why it is left out; `unreadable`: name of a file, and why; `too_long`: rows whose tokens are more than
    the model is shown.
    """

    kind: Literal["text", "pairs", "labels"]
    count: int
    held_out: int
    characters: int
    rows: tuple[DataRow, ...] = ()  # the first ones
    labels: dict[str, int] = {}
    bad: dict[int, str] = {}
    repeated: tuple[int, ...] = ()
    lengths: tuple[int, ...] = ()
    unreadable: dict[str, str] = {}
    tokens: tuple[int, ...] = ()  # of each row, where a tokenizer could be asked
    too_long: int = 0
    problem: Problem | None = None  # why nothing can be learnt from it as it is


class Answered(msgspec.Struct, frozen=True):
    """What a model made of prompts; of one that tells labels apart, the label of each."""

    model: str
    answers: dict[str, str] = {}
    problem: Problem | None = None


class RunMeasure(msgspec.Struct, frozen=True):
    """How good a run is: on running `texts`, by file; on `labels`, with what became of each text; the
    share of questions that it `answered` as they should be.

    Of what: the file at `path`, or ("") what the run held out; after how many steps, and when.
    """

    texts: dict[str, TextScore] = {}
    labels: LabelScore | None = None
    guesses: tuple[Guess, ...] = ()
    answered: float | None = None
    path: str = ""
    step: int = 0
    measured: float = 0.0  # seconds since 1970

    @property
    def loss(self) -> float | None:
        """In nats a token, over all texts; None where none was measured."""
        tokens = sum(score.tokens for score in self.texts.values())
        if not tokens:
            return None
        return sum(score.loss * score.tokens for score in self.texts.values()) / tokens


class ExportedRun(msgspec.Struct, frozen=True):
    """How to chat with a run: the `model` to load, and the `adapter` to lay over it ("": none)."""

    model: str
    adapter: str = ""
    size_bytes: int = 0
    completes: bool = False  # it goes on with a text, as it never saw a conversation


class ExamplesWritten(msgspec.Struct, frozen=True):
    """Conversations of chats, as a file of rows. `replies`: how many will be learnt."""

    path: str
    examples: int
    replies: int
    chats: int


class TextsWritten(msgspec.Struct, frozen=True):
    """Documents of the library as text files in a folder. `empty`: documents that have no text."""

    folder: str
    documents: int
    characters: int
    empty: tuple[str, ...] = ()


class GatheringMaterial(msgspec.Struct, frozen=True, tag=True):
    """Chats or documents that were looked through."""

    done: int
    total: int


# ── while it comes into being ─────────────────────────────────────────────────────────────────────


class RunChanged(msgspec.Struct, frozen=True, tag=True):
    """The run as it is now; the first of these tells its id."""

    run: RunInfo


class RunTold(msgspec.Struct, frozen=True, tag=True):
    """What the trainer told of a run."""

    run: str
    event: PrepareEvent | TrainEvent


TrainingEvent = RunChanged | RunTold
