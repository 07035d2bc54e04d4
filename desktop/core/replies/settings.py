"""From the values of the settings that steer a reply to what the engine is asked. Stores nothing.

Texts hold a list with one entry in each line. In them a backslash and n, t or a backslash stand for a new
line, a tab and a backslash; a bias is TEXT = NUMBER or #TOKEN = NUMBER, an adapter PATH or PATH = SCALE.
"""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from desktop.core.errors import BadSetting, Reported
from desktop.core.settings import Value, setting
from engine.errors import EngineError
from engine.protocol import Adapter, Bias, Generate, Message, ReplyRecord, Sampling
from engine.sampling import CONTROLS, check_sampling, check_stops

# what a chat, a model or a preset may have values of its own for
REPLY_VALUES: Final = (
    *(control.name for control in CONTROLS),
    *("seed", "max_reply_tokens", "stop", "dry_breakers", "logit_bias", "adapters", "alternatives"),
)

_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPED: Final = {"n": "\n", "t": "\t", "\\": "\\"}


class ReplyChoice(msgspec.Struct, frozen=True):
    """How one reply is made, with everything decided."""

    sampling: Sampling = Sampling()
    stop: tuple[str, ...] = ()
    max_tokens: int | None = None
    alternatives: int = 0
    adapters: tuple[Adapter, ...] = ()
    grammar: str = ""
    json_schema: str = ""

    def request(self, messages: tuple[Message, ...]) -> Generate:
        return Generate(
            messages,
            self.sampling,
            self.max_tokens,
            self.stop,
            grammar=self.grammar,
            json_schema=self.json_schema,
            adapters=self.adapters,
            alternatives=self.alternatives,
        )


def as_recorded(record: ReplyRecord, alternatives: int) -> ReplyChoice:
    """The choice that a reply was made by; `alternatives` change nothing of what is drawn."""
    return ReplyChoice(
        record.sampling,
        record.stop,
        record.max_tokens,
        alternatives,
        record.adapters,
        record.grammar,
        record.json_schema,
    )


def checked_values(values: Mapping[str, object]) -> dict[str, Value]:
    """Values of REPLY_VALUES in their types, texts read through. Raises BadSetting."""
    found: dict[str, Value] = {}
    for name, value in values.items():
        if name not in REPLY_VALUES:
            raise BadSetting(name=name, value=str(value))
        found[name] = setting(name).checked(value)
    choice = choice_of({**{name: setting(name).default for name in REPLY_VALUES}, **found})
    try:
        check_sampling(choice.sampling)
        check_stops(choice.stop)
    except EngineError as error:
        raise Reported.of(error) from error
    return found


def check_reply_value(name: str, value: object) -> None:
    """Raises what `checked_values` raises, when `name` is one of REPLY_VALUES."""
    if name in REPLY_VALUES:
        checked_values({name: value})


def choice_of(values: Mapping[str, Value]) -> ReplyChoice:
    """`values` holds every name of REPLY_VALUES. Raises BadSetting for a text that cannot be read."""
    seed = int(values["seed"])
    controls: dict[str, Any] = {control.name: values[control.name] for control in CONTROLS}
    sampling = Sampling(
        **controls,
        seed=None if seed < 0 else seed,
        dry_breakers=lines(str(values["dry_breakers"])),
        logit_bias=tuple(_bias(line) for line in _rows(str(values["logit_bias"]))),
    )
    return ReplyChoice(
        sampling,
        lines(str(values["stop"])),
        int(values["max_reply_tokens"]) or None,
        int(values["alternatives"]),
        tuple(adapter_of(line) for line in _rows(str(values["adapters"]))),
    )


def lines(text: str) -> tuple[str, ...]:
    """One text in each line that has any; blanks belong to it."""
    return tuple(_unescaped(line) for line in text.splitlines() if line)


def adapter_of(line: str) -> Adapter:
    """PATH or PATH = SCALE. Raises BadSetting."""
    path, between, scale = line.rpartition(" = ")
    if not between:
        return Adapter(_absolute(line), 1.0)
    return Adapter(_absolute(path.strip()), _number("adapters", scale, line))


def bias_lines(biases: tuple[Bias, ...]) -> str:
    """The text that `choice_of` reads these from."""
    rows = []
    for bias in biases:
        token = f"#{bias.token}" if isinstance(bias.token, int) else _escaped(bias.token)
        rows.append(f"{token} = {bias.bias:g}")
    return "\n".join(rows)


def text_lines(texts: tuple[str, ...]) -> str:
    return "\n".join(_escaped(text) for text in texts)


def _bias(line: str) -> Bias:
    token, between, number = line.rpartition(" = ")
    if not between or not token:
        raise BadSetting(name="logit_bias", value=line)
    value = _number("logit_bias", number, line)
    if re.fullmatch(r"#\d{1,9}", token):
        return Bias(int(token[1:]), value)
    return Bias(_unescaped(token), value)


def _number(name: str, text: str, line: str) -> float:
    try:
        value = float(text.strip())
    except ValueError as error:
        raise BadSetting(name=name, value=line) from error
    if not math.isfinite(value):
        raise BadSetting(name=name, value=line)
    return value


def _absolute(path: str) -> str:
    # the worker has another working directory
    return str(Path(path).expanduser().absolute())


def _rows(text: str) -> list[str]:
    return [line.strip("\r") for line in text.splitlines() if line.strip()]


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[0]), text)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
