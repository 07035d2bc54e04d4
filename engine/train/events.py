"""What training tells on its way. A closed union: match it exhaustively."""

from typing import Literal

import msgspec


class Read(msgspec.Struct, frozen=True, tag="read"):
    """A file was read, or was not: `problem` is an error's code then. `done` of all bytes, 0..1."""

    file: str
    done: float
    problem: str = ""
    detail: str = ""


class Encoded(msgspec.Struct, frozen=True, tag="encoded"):
    """The tokenizer is learnt; 0..1 of the text is tokens now."""

    done: float


class Stepped(msgspec.Struct, frozen=True, tag="stepped"):
    """Steps up to `step` of `steps` were taken. `loss` is the mean since the last one told, in nats a token;
    `norm` the gradient's, before it was clipped; `remaining_s` an estimate."""

    step: int
    steps: int
    loss: float
    rate: float
    norm: float
    tokens_per_s: float
    remaining_s: float


class Validated(msgspec.Struct, frozen=True, tag="validated"):
    """The loss on text that is not learnt from, in nats a token; `bits_per_byte` of its text."""

    step: int
    loss: float
    bits_per_byte: float
    best: bool = False


class Sampled(msgspec.Struct, frozen=True, tag="sampled"):
    """What the model writes after `step` steps."""

    step: int
    prompt: str
    text: str


class Saved(msgspec.Struct, frozen=True, tag="saved"):
    step: int


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """Why it ended: all steps taken, nothing more to gain, or a person's wish. The run can go on."""

    reason: Literal["finished", "early", "stopped"]
    step: int
    loss: float  # the best on validation text
    seconds: float = 0.0


PrepareEvent = Read | Encoded
TrainEvent = Stepped | Validated | Sampled | Saved | Ended
