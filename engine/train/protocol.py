"""The frames between a trainer and who started it. Values only; imports no arithmetic.

One process serves one person's wish; requests come one after the other.
"""

from typing import Literal

import msgspec

from engine.errors import ErrorInfo
from engine.train.events import PrepareEvent, TrainEvent
from engine.train.looks import Neighbourhood, TextSeen
from engine.train.results import DataInfo, Guess, LabelScore, TextScore
from engine.train.specs import Settings, Spec

PROTOCOL = 1

Backend = Literal["auto", "numpy", "compiled", "jax"]

# ── requests ──────────────────────────────────────────────────────────────────────────────────────


class PrepareText(msgspec.Struct, frozen=True, tag=True):
    """Texts into the prepared folder `out`. Emits PrepareEvent; Prepared."""

    inputs: tuple[str, ...]
    out: str
    vocab: int = 2048
    characters: bool = False
    tokens_of: str = ""  # the folder of a run, whose tokenizer is taken
    validation_share: float = 0.1


class CheckRows(msgspec.Struct, frozen=True, tag=True):
    """What a file of examples holds. `base`: the model whose tokens are counted. RowsChecked."""

    file: str
    base: str = ""


class Train(msgspec.Struct, frozen=True, tag=True):
    """The run in the folder `run`: a new one for `task`, or one that goes on where `task` is None.

    Emits TrainEvent; Trained. A cancelled one is saved first and can go on.
    """

    run: str
    task: Spec | None = None
    settings: Settings = Settings()
    backend: Backend = "auto"


class Reckon(msgspec.Struct, frozen=True, tag=True):
    """What `task` with these settings would take on this machine; nothing is begun. Reckoned."""

    task: Spec
    settings: Settings = Settings()


class Evaluate(msgspec.Struct, frozen=True, tag=True):
    """Measure a model (a run's folder, a .gguf file, a Hugging Face folder) on the text of files, on rows, or
    by what it answers to `prompts`; a run of which nothing is asked, on what it held out. Evaluated."""

    model: str
    texts: tuple[str, ...] = ()
    rows: str = ""
    prompts: tuple[str, ...] = ()
    answer_tokens: int = 60


class LookInside(msgspec.Struct, frozen=True, tag=True):
    """What a model does with a text, one layer's attention among it. `place` -1: at its last token.
    Looked."""

    model: str
    text: str
    layer: int = 0
    place: int = -1


class LookAround(msgspec.Struct, frozen=True, tag=True):
    """Where the tokens of a text lie among others, and which are nearest to `search`. LookedAround."""

    model: str
    text: str
    search: str = ""


class Export(msgspec.Struct, frozen=True, tag=True):
    """Out of a run: a GGUF file, the file of its adapter, or a Hugging Face folder. Exported."""

    run: str
    out: str
    form: Literal["gguf", "adapter", "folder"] = "gguf"
    kind: Literal["F32", "F16", "Q8_0"] = "F16"
    name: str = ""


class Cancel(msgspec.Struct, frozen=True, tag=True):
    target: int


class Shutdown(msgspec.Struct, frozen=True, tag=True):
    pass


Work = PrepareText | CheckRows | Reckon | Train | Evaluate | Export | LookInside | LookAround
TrainerRequest = Work | Cancel | Shutdown

# ── events ────────────────────────────────────────────────────────────────────────────────────────


class Ready(msgspec.Struct, frozen=True, tag=True):
    protocol: int
    pid: int


class Failed(msgspec.Struct, frozen=True, tag=True):
    error: ErrorInfo


class Happened(msgspec.Struct, frozen=True, tag=True):
    """What a phase tells on its way."""

    event: PrepareEvent | TrainEvent


class Prepared(msgspec.Struct, frozen=True, tag=True):
    info: DataInfo


class RowsChecked(msgspec.Struct, frozen=True, tag=True):
    """`bad` and `repeated`: numbers of rows that are left out. `lengths`: characters of each row; `tokens`:
    those of the model that was named."""

    rows: int
    kinds: dict[str, int]
    labels: dict[str, int]
    bad: dict[int, str]
    repeated: tuple[int, ...]
    columns: tuple[str, ...]
    lengths: tuple[int, ...]
    tokens: tuple[int, ...] = ()


class Reckoned(msgspec.Struct, frozen=True, tag=True):
    """`seconds` of all steps by a short measurement, 0 where there is no memory for one. `learning`: of the
    parameters those that would learn, or what would be learnt beside them."""

    parameters: int
    learning: int
    needed_bytes: int
    free_bytes: int
    seconds: float
    tokens_per_s: float


class Trained(msgspec.Struct, frozen=True, tag=True):
    """Why it ended, after which step, and the best loss on what was held out."""

    reason: Literal["finished", "early", "stopped"]
    step: int
    loss: float
    seconds: float
    parameters: int
    learning: int  # of them, those that learnt, or what was learnt beside them


class Evaluated(msgspec.Struct, frozen=True, tag=True):
    texts: dict[str, TextScore] = {}
    labels: LabelScore | None = None
    answers: dict[str, str] = {}
    guesses: tuple[Guess, ...] = ()  # what became of each text that has a label, of each question
    answered: float | None = None  # share of the rows whose answer says what it should


class Exported(msgspec.Struct, frozen=True, tag=True):
    path: str
    size_bytes: int


class Looked(msgspec.Struct, frozen=True, tag=True):
    seen: TextSeen


class LookedAround(msgspec.Struct, frozen=True, tag=True):
    seen: Neighbourhood


TrainerEvent = (
    Ready | Failed | Happened | Prepared | RowsChecked | Reckoned | Trained | Evaluated | Exported
    | Looked | LookedAround
)  # fmt: skip
TERMINAL = (Failed, Prepared, RowsChecked, Reckoned, Trained, Evaluated, Exported, Looked, LookedAround)


class TrainerRequestFrame(msgspec.Struct, frozen=True, array_like=True):
    id: int
    body: TrainerRequest


class TrainerEventFrame(msgspec.Struct, frozen=True, array_like=True):
    """`id` 0: on the worker's own account."""

    id: int
    body: TrainerEvent
