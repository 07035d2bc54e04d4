"""Check a grammar before native code sees it: what llama.cpp cannot follow kills or hangs its process.

`engine.grammar_parser` reads it; here its rules are followed. Matches no reply. Measured reasons for each
check: packaging/decisions/0080.
"""

import codecs
import random
from collections.abc import Iterator
from typing import Final, NoReturn

from engine.grammar_parser import Chars, Place, Ref, Rules, parse, refuse
from engine.grammar_stacks import ENDED, Stacks

MAX_BEGINNINGS: Final = 4096  # ways to the first character of one rule: llama.cpp keeps each
MAX_ALL_BEGINNINGS: Final = 500_000
MAX_STACKS: Final = 1024
MAX_KEPT_STACKS: Final = 8192  # of a reply
WALKS: Final = 12
WALK_CHARACTERS: Final = 40
MAX_STEPS: Final = 12_000  # about a quarter of a second


def checked(text: str) -> str:
    """The grammar, when llama.cpp can follow it. Raises BadGrammar with reason, line and column."""
    rules = parse(text)
    _refuse_left_recursion(rules)
    _refuse_beginnings(rules)
    _refuse_endless(rules)
    _refuse_ambiguous(rules)
    return text


class Watch:
    """Follows a reply as llama.cpp follows it, to stop before what it keeps outgrows the memory.

    `checked` walks a grammar a little; a reply may find what it did not.
    """

    def __init__(self, grammar: str) -> None:
        """`grammar` has been checked."""
        self._grammar = Stacks(parse(grammar).alternatives)
        self._stacks = self._grammar.opening(MAX_KEPT_STACKS)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def push(self, piece: bytes) -> None:
        """The reply goes on with these bytes. Raises BadGrammar when it can be meant in too many ways."""
        for letter in self._decoder.decode(piece):
            self._stacks = self._grammar.after(self._stacks, ord(letter), MAX_KEPT_STACKS)
            if len(self._stacks) > MAX_KEPT_STACKS:
                refuse("ambiguous", Place(1, 1), "root")


def _refuse_left_recursion(rules: Rules) -> None:
    """A rule that can come to itself without a character in between is followed without end."""
    nullable = _nullable(rules)
    below = {name: _first_refs(rules, name, nullable) for name in rules.alternatives}
    done: set[str] = set()
    for start in rules.alternatives:
        way: list[tuple[str, Iterator[str]]] = [] if start in done else [(start, iter(below[start]))]
        on_way = {start}
        while way:
            name, rest = way[-1]
            following = next(rest, None)
            if following is None:
                way.pop()
                on_way.discard(name)
                done.add(name)
            elif following in on_way:
                _blame(rules, following, "left_recursion")
            elif following not in done:
                way.append((following, iter(below[following])))
                on_way.add(following)


def _refuse_beginnings(rules: Rules) -> None:
    """llama.cpp follows every way to a first character by itself; they multiply from rule to rule."""
    nullable = _nullable(rules)
    counts: dict[str, int] = {}
    for name in _children_first(rules, nullable):
        counts[name] = 1 + sum(counts[below] for below in _first_refs(rules, name, nullable))
        counts[name] += len(rules.alternatives[name])
        if counts[name] > MAX_BEGINNINGS:
            _blame(rules, name, "beginnings")
    if sum(counts.values()) > MAX_ALL_BEGINNINGS:
        _blame(rules, "root", "beginnings")


def _refuse_endless(rules: Rules) -> None:
    """A rule that no text can complete would hold a reply until the context window is full."""
    ending: set[str] = set()
    grown = True
    while grown:
        grown = False
        for name, alternatives in rules.alternatives.items():
            if name in ending:
                continue
            if any(all(not isinstance(e, Ref) or e.rule in ending for e in way) for way in alternatives):
                ending.add(name)
                grown = True
    for name in rules.alternatives:
        if name not in ending:
            _blame(rules, name, "endless")


def _refuse_ambiguous(rules: Rules) -> None:
    """Where one text can be meant in ever more ways, llama.cpp keeps them all: memory runs out.

    Nobody can decide that for every grammar. So the grammar is walked, towards where the most ways are
    and at random, and refused when they multiply.
    """
    draw = random.Random(0)  # noqa: S311  the same grammar is always judged alike
    grammar = Stacks(rules.alternatives)
    start = grammar.opening(MAX_STACKS)
    steps = 0
    for walk in range(WALKS):
        stacks = start
        for _ in range(WALK_CHARACTERS):
            choices = _characters(grammar, stacks, draw)
            if not choices:
                break
            if walk % 2:
                choices = [draw.choice(choices)]
            following = [grammar.after(stacks, choice, MAX_STACKS) for choice in choices]
            steps += len(stacks) * len(choices)
            most = max(len(one) for one in following)
            stacks = draw.choice([one for one in following if len(one) == most])
            if len(stacks) > MAX_STACKS:
                _blame(rules, "root", "ambiguous")
            if steps > MAX_STEPS:
                return


def _characters(grammar: Stacks, stacks: frozenset[int], draw: random.Random) -> list[int]:
    """Some characters that could come next."""
    found: set[int] = set()
    for element in {grammar.next_of(stack) for stack in stacks if stack != ENDED}:
        if element.negated:
            highest = max((high for _, high in element.ranges), default=ord("a") - 1)
            found.update(code for code in (ord("a"), ord(" "), highest + 1) if element.matches(code))
        else:
            found.update(max(1, low) for low, _ in element.ranges)
    ordered = sorted(found)
    return ordered if len(ordered) <= 8 else sorted(draw.sample(ordered, 8))


def _nullable(rules: Rules) -> set[str]:
    """Rules that may match nothing."""
    found: set[str] = set()
    grown = True
    while grown:
        grown = False
        for name, alternatives in rules.alternatives.items():
            if name not in found and any(
                all(isinstance(e, Ref) and e.rule in found for e in way) for way in alternatives
            ):
                found.add(name)
                grown = True
    return found


def _first_refs(rules: Rules, name: str, nullable: set[str]) -> list[str]:
    """The rules that may stand first in `name`, as often as they do."""
    found = []
    for way in rules.alternatives[name]:
        for element in way:
            if isinstance(element, Chars):
                break
            found.append(element.rule)
            if element.rule not in nullable:
                break
    return found


def _children_first(rules: Rules, nullable: set[str]) -> list[str]:
    """Every rule after those that may stand first in it. There is no left recursion any more."""
    ordered: dict[str, None] = {}
    for start in rules.alternatives:
        way = [start]
        while way:
            open_below = [b for b in _first_refs(rules, way[-1], nullable) if b not in ordered]
            if open_below:
                way.append(open_below[0])
            else:
                ordered[way.pop()] = None
    return list(ordered)


def _blame(rules: Rules, name: str, reason: str) -> NoReturn:
    refuse(reason, rules.places[name], name.split("_")[0])
