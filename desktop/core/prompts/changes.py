"""How two versions of a prompt differ, word by word, part by part. Stores nothing."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

from desktop.core.types.prompts import Example, PartChange, PromptContent, WordChange

# blanks belong to the word before them: as words of their own they would match each other everywhere
_TOKEN = re.compile(r"\w+[^\S\n]*|[^\w\s][^\S\n]*|\n|[^\S\n]+")
# above this many words the comparison, whose time grows with the square, is made by lines
_MANY = 4000
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def changes(before: PromptContent, after: PromptContent) -> tuple[PartChange, ...]:
    """The parts that differ, in the order in which a prompt is read. () when nothing does."""
    return tuple(_changed(before, after))


def words(before: str, after: str) -> tuple[WordChange, ...]:
    """Both texts as one: without what was added it is `before`, without what was removed `after`."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) + len(new) > _MANY:
        old, new = _LINE.findall(before), _LINE.findall(after)
    found: list[WordChange] = []
    for kind, low, high, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        removed, added = "".join(old[low:high]), "".join(new[start:end])
        if kind == "equal":
            _add(found, "same", removed)
            continue
        # the blank behind a word that was replaced is no change
        ends = {text[len(text.rstrip(" \t")) :] for text in (removed, added)}
        blank = len(ends.pop()) if len(ends) == 1 else 0
        _add(found, "removed", removed[: len(removed) - blank])
        _add(found, "added", added[: len(added) - blank])
        _add(found, "same", removed[len(removed) - blank :])
    return tuple(found)


def _add(found: list[WordChange], kind: Literal["same", "added", "removed"], text: str) -> None:
    if text and found and found[-1].kind == kind:
        found[-1] = WordChange(kind, found[-1].text + text)
    elif text:
        found.append(WordChange(kind, text))


def _changed(before: PromptContent, after: PromptContent) -> Iterator[PartChange]:
    if before.name != after.name:
        yield PartChange("name", words(before.name, after.name))
    if before.text != after.text:
        yield PartChange("text", words(before.text, after.text))
    none = Example("", "")
    for number, (old, new) in enumerate(
        zip_longest(before.examples, after.examples, fillvalue=none), start=1
    ):
        if old.question != new.question:
            yield PartChange("question", words(old.question, new.question), number)
        if old.reply != new.reply:
            yield PartChange("reply", words(old.reply, new.reply), number)
    if before.defaults != after.defaults:
        yield PartChange("defaults", words(_lines(before.defaults), _lines(after.defaults)))
    if before.json_schema != after.json_schema:
        yield PartChange("json_schema", words(before.json_schema, after.json_schema))


def _lines(defaults: dict[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in sorted(defaults.items()))
