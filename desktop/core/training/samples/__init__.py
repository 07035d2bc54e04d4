"""Texts to learn from that came with the program, in English and Spanish: verses, prose, messages, notes.

They are grown from small grammars that the project wrote, always the same ones: nothing is downloaded, and
nobody's words are taken. Grown when asked for; a few hundred kilobytes each.
"""

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
    random = Random(SEED)  # noqa: S311  always the same text
    if kind == "text":
        return Sample(kind, text=_text(name, random))
    return Sample(kind, rows=tuple(_rows(name, random)))


# imports that a packager can see, of a text that was asked for


def _text(name: str, random: Random) -> str:
    from desktop.core.training.samples import prose_en, prose_es, verses_en, verses_es

    made = {
        "prose_en": prose_en.grow,
        "prose_es": prose_es.grow,
        "verses_en": verses_en.grow,
        "verses_es": verses_es.grow,
    }
    return made[name](random)


def _rows(name: str, random: Random) -> list[Pair]:
    from desktop.core.training.samples import messages_en, messages_es, notes_en, notes_es

    made = {
        "messages_en": messages_en.grow,
        "messages_es": messages_es.grow,
        "notes_en": notes_en.grow,
        "notes_es": notes_es.grow,
    }
    return made[name](random)
