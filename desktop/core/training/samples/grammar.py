"""Sentences out of a small grammar: {name} stands for one of the ways to say it. Knows no language."""

import re
from collections.abc import Mapping, Sequence
from random import Random

Grammar = Mapping[str, Sequence[str]]
_PLACE = re.compile(r"\{(\w+)\}")
_BEFORE_VOWEL = re.compile(r"\b([Aa]) (?=[aeiou])")


def said(grammar: Grammar, start: str, random: Random, **fixed: str) -> str:
    """One expansion of `start`; `fixed` are chosen already, so that two places can mean the same."""

    def one(found: re.Match[str]) -> str:
        name = found.group(1)
        return fixed[name] if name in fixed else expanded(random.choice(grammar[name]))

    def expanded(text: str) -> str:
        return _PLACE.sub(one, text)

    return expanded(start)


def english(text: str) -> str:
    """ "a apple" as it is written."""
    return _BEFORE_VOWEL.sub(r"\1n ", text)


def sentence(text: str) -> str:
    """With a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def quatrain(
    starts: Sequence[str], rhymes: Sequence[Sequence[str]], joints: Sequence[str], random: Random
) -> str:
    """Four lines that rhyme in pairs: a small model learns in minutes to look back by one line, and not by
    two."""
    first, second = random.sample(range(len(rhymes)), 2)
    ends = [*random.sample(list(rhymes[first]), 2), *random.sample(list(rhymes[second]), 2)]
    lines = [
        f"{start}{random.choice(list(joints))}{end}"
        for start, end in zip(random.sample(list(starts), 4), ends, strict=True)
    ]
    marks = (",", ";", ",", ".")
    return "\n".join(sentence(line) + mark for line, mark in zip(lines, marks, strict=True))
