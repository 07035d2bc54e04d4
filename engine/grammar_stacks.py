"""Follow a grammar's rules character by character, with a set of stacks, as llama.cpp does."""

from collections.abc import Mapping
from typing import Final

from engine.grammar_parser import Alternative, Chars

ENDED: Final = 0  # the stack with nothing more to come


class Stacks:
    """The stacks of one grammar, by number.

    A stack says what is still to come: an alternative, how far it is matched, and the stack that follows.
    Equal ones have one number, so that comparing them costs the same however deep they are.
    """

    def __init__(self, alternatives: Mapping[str, tuple[Alternative, ...]]) -> None:
        self._ways: list[Alternative] = []
        self._of_rule: dict[str, tuple[int, ...]] = {}
        for name, ways in alternatives.items():
            start = len(self._ways)
            self._ways += ways
            self._of_rule[name] = tuple(range(start, len(self._ways)))
        self._stacks: list[tuple[int, int, int]] = [(0, 0, ENDED)]
        self._numbers: dict[tuple[int, int, int], int] = {}

    def opening(self, most: int) -> frozenset[int]:
        """Where a text may begin. Stops soon after `most` have been found, here and below."""
        return self._closed([self._pushed(way, 0, ENDED) for way in self._of_rule["root"]], most)

    def after(self, stacks: frozenset[int], code_point: int, most: int) -> frozenset[int]:
        """Where it goes on after a character."""
        moved = []
        for stack in stacks:
            if stack != ENDED and self.next_of(stack).matches(code_point):
                way, at, rest = self._stacks[stack]
                moved.append(self._pushed(way, at + 1, rest))
        return self._closed(moved, most)

    def next_of(self, stack: int) -> Chars:
        """The character that comes next; not for the stack that has ended."""
        way, at, _ = self._stacks[stack]
        element = self._ways[way][at]
        assert isinstance(element, Chars)  # noqa: S101  `_closed` leaves no other
        return element

    def _pushed(self, way: int, at: int, rest: int) -> int:
        if at == len(self._ways[way]):
            return rest
        stack = (way, at, rest)
        number = self._numbers.get(stack)
        if number is None:
            number = self._numbers[stack] = len(self._stacks)
            self._stacks.append(stack)
        return number

    def _closed(self, todo: list[int], most: int) -> frozenset[int]:
        """Replace rules by what they begin with until every stack begins with a character."""
        seen: set[int] = set()
        found: set[int] = set()
        while todo and len(found) <= most:
            stack = todo.pop()
            if stack in seen:
                continue
            seen.add(stack)
            way, at, rest = self._stacks[stack]
            element = None if stack == ENDED else self._ways[way][at]
            if element is None or isinstance(element, Chars):
                found.add(stack)
                continue
            rest = self._pushed(way, at + 1, rest)
            todo += [self._pushed(below, 0, rest) for below in self._of_rule[element.rule]]
        return frozenset(found)
