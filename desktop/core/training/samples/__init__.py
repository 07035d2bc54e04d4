"""Texts to learn from that came with the program, in English and Spanish: verses, prose, messages, notes.

They are grown from small grammars that the project wrote, always the same ones: nothing is downloaded, and
nobody's words are taken. Grown when asked for; a few hundred kilobytes each.
"""

import importlib
from random import Random
from typing import Final, Literal

import msgspec

Kind = Literal["text", "pairs", "labels"]
Pair = tuple[str, str]

SEED: Final = 11
LANGUAGES: Final = ("en", "es")
# name: what it is made of
KINDS: Final[dict[str, Kind]] = {"verses": "text", "prose": "text", "messages": "labels", "notes": "pairs"}
SAMPLES: Final = {f"{name}_{language}": kind for name, kind in KINDS.items() for language in LANGUAGES}


class Sample(msgspec.Struct, frozen=True):
    """`text` of kind "text", else `rows`: question and answer, or text and label."""

    kind: Kind
    text: str = ""
    rows: tuple[Pair, ...] = ()


def sample(name: str) -> Sample | None:
    """The one of that name, see `SAMPLES`; None where there is none."""
    kind = SAMPLES.get(name)
    if kind is None:
        return None
    grown = importlib.import_module(f"desktop.core.training.samples.{name}").grow(Random(SEED))  # noqa: S311
    return Sample(kind, text=grown) if kind == "text" else Sample(kind, rows=tuple(grown))
