"""Every value that steers how tokens are drawn, declared once: its range, what leaves it without effect,
and which others it silences. Checks requests against it; draws nothing, knows no llama.cpp.

Settings, presets, the command line and the worker's check are all made from `CONTROLS`. Sources: the
samplers of llama.cpp (include/llama.h) and the defaults of its tools (common/common.h).
"""

import math
from typing import Final

import msgspec

from engine.errors import BadSetting, TextEmpty, TextTooLong, TooManyTexts
from engine.protocol import Bias, Sampling

MAX_SEED: Final = (1 << 32) - 2  # the next number means "draw one" to llama.cpp
MAX_ALTERNATIVES: Final = 20
MAX_STOPS: Final = 32
MAX_STOP_CHARACTERS: Final = 256
MAX_BREAKERS: Final = 32
MAX_BREAKER_CHARACTERS: Final = 40  # llama.cpp cuts longer ones
MAX_BIASES: Final = 1024
MOST_BIAS: Final = 100.0  # the lowest one rules a token out
MAX_WINDOW_TOKENS: Final = 1_048_576


class Control(msgspec.Struct, frozen=True):
    """One number of `Sampling`, by its field's name. `low` and `high` are inclusive.

    At `neutral` it changes nothing. While its value is one of `silences_at`, those in `silences` do nothing.
    """

    name: str
    low: float
    high: float
    neutral: float
    silences: tuple[str, ...] = ()
    silences_at: tuple[float, ...] = ()

    @property
    def default(self) -> float | int:
        """As `Sampling` has it; its type is the control's."""
        value: float | int = getattr(Sampling(), self.name)
        return value

    def check(self, value: float) -> None:
        """Raises BadSetting for what lies outside, infinity and NaN included."""
        between(self.name, value, self.low, self.high)


_PENALTIES: Final = ("repeat_penalty", "frequency_penalty", "presence_penalty")
_DRY: Final = ("dry_base", "dry_allowed_length", "dry_tokens", "dry_breakers")
_CUTS: Final = ("top_n_sigma", "top_k", "typical_p", "top_p", "min_p", "xtc_probability", "xtc_threshold")
_DYNAMIC: Final = ("temperature_range", "temperature_exponent")
_MIROSTAT: Final = ("mirostat_tau", "mirostat_eta")

CONTROLS: Final = (
    Control(
        "temperature",
        0.0,
        5.0,
        1.0,
        silences=(*_CUTS, *_DYNAMIC, "mirostat", *_MIROSTAT, "seed"),
        silences_at=(0.0,),  # greedy
    ),
    Control("top_k", 0, 100_000, 0),
    Control("top_p", 0.0, 1.0, 1.0),
    Control("min_p", 0.0, 1.0, 0.0),
    Control("typical_p", 0.0, 1.0, 1.0),
    Control("top_n_sigma", 0.0, 10.0, 0.0),
    Control("temperature_range", 0.0, 5.0, 0.0, silences=("temperature_exponent",), silences_at=(0.0,)),
    Control("temperature_exponent", 0.0, 10.0, 1.0),
    Control("repeat_penalty", 0.5, 2.0, 1.0),
    Control("frequency_penalty", -2.0, 2.0, 0.0),
    Control("presence_penalty", -2.0, 2.0, 0.0),
    Control("penalty_tokens", -1, MAX_WINDOW_TOKENS, 0, silences=_PENALTIES, silences_at=(0,)),
    Control("dry_multiplier", 0.0, 10.0, 0.0, silences=_DRY, silences_at=(0.0,)),
    Control("dry_base", 1.0, 8.0, 1.75),
    Control("dry_allowed_length", 1, 1000, 2),
    Control("dry_tokens", -1, MAX_WINDOW_TOKENS, -1, silences=("dry_multiplier", *_DRY), silences_at=(0,)),
    Control("xtc_probability", 0.0, 1.0, 0.0, silences=("xtc_threshold",), silences_at=(0.0,)),
    Control("xtc_threshold", 0.0, 0.5, 0.1),
    Control(
        "mirostat",
        0,
        2,
        0,
        # as llama.cpp's tools do it: nothing else is in the chain then
        silences=(*_CUTS, *_DYNAMIC, *_PENALTIES, "penalty_tokens", "dry_multiplier", *_DRY),
        silences_at=(1, 2),
    ),
    Control("mirostat_tau", 0.0, 20.0, 5.0),
    Control("mirostat_eta", 0.0, 1.0, 0.1),
)


def check_sampling(sampling: Sampling) -> None:
    """Raise for the first value that llama.cpp would abort or babble on.

    Raises BadSetting, and for the breakers of DRY TextEmpty, TextTooLong or TooManyTexts. Whether the
    tokens of a bias exist is for whoever has the vocabulary.
    """
    for control in CONTROLS:
        control.check(getattr(sampling, control.name))
    if sampling.seed is not None:
        between("seed", sampling.seed, 0, MAX_SEED)
    check_texts("dry_breakers", sampling.dry_breakers, MAX_BREAKERS, MAX_BREAKER_CHARACTERS)
    between("logit_bias", len(sampling.logit_bias), 0, MAX_BIASES)
    for bias in sampling.logit_bias:
        between("logit_bias", bias.bias, -MOST_BIAS, MOST_BIAS)


def check_stops(stops: tuple[str, ...]) -> None:
    """Raises TextEmpty, TextTooLong or TooManyTexts."""
    check_texts("stop", stops, MAX_STOPS, MAX_STOP_CHARACTERS)


def check_texts(name: str, texts: tuple[str, ...], most: int, longest: int) -> None:
    """A list of short texts, each with something in it. C takes a zero character for a text's end."""
    if len(texts) > most:
        raise TooManyTexts(name=name, count=len(texts), limit=most)
    for text in texts:
        if not text or "\0" in text:
            raise TextEmpty(name=name)
        if len(text) > longest:
            raise TextTooLong(name=name, length=len(text), limit=longest)


def silent(sampling: Sampling) -> frozenset[str]:
    """The names that have no effect, as others silence them."""
    found: set[str] = set()
    for control in CONTROLS:
        if control.name not in found and getattr(sampling, control.name) in control.silences_at:
            found.update(control.silences)
    return frozenset(found)


def weight(bias: Bias) -> float:
    """What is added to the token's logit."""
    return -math.inf if bias.bias <= -MOST_BIAS else bias.bias


def between(name: str, value: float, low: float, high: float) -> None:
    """Raises BadSetting with the range."""
    if not math.isfinite(value) or not low <= value <= high:
        # a frame's parameters must be finite numbers
        shown = value if math.isfinite(value) else str(value)
        raise BadSetting(name=name, value=shown, low=low, high=high)
