"""Read GBNF into rules as llama.cpp would, and say where it cannot. Runs no native code, follows nothing.

Repetitions become rules of their own here as they do there, so that what is counted and followed later is
what llama.cpp will hold. Format: llama.cpp's grammars/README.md; behaviour: its src/llama-grammar.cpp.
"""

import re
from typing import Final, NamedTuple, NoReturn

from engine.errors import BadGrammar

MAX_CHARACTERS: Final = 200_000
MAX_NESTING: Final = 64  # llama.cpp reads groups within groups by recursion
MAX_REPEATS: Final = 1999  # llama.cpp refuses 2000 rules from one repetition
MAX_ELEMENTS: Final = 100_000
LAST_CODE_POINT: Final = 0x10FFFF
SURROGATES: Final = (0xD800, 0xDFFF)

_NAME: Final = re.compile(r"[A-Za-z0-9-]+")
_INT: Final = re.compile(r"[0-9]+")
_BLANK: Final = re.compile(r"(?:[ \t]|#[^\r\n]*)*")
_BLANK_LINES: Final = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*)*")
_ESCAPES: Final = {"t": "\t", "r": "\r", "n": "\n", **{letter: letter for letter in '\\"[]-'}}
_HEX: Final = {"x": 2, "u": 4, "U": 8}


class Chars(NamedTuple):
    """One character out of inclusive ranges of code points, or out of none of them."""

    ranges: tuple[tuple[int, int], ...]
    negated: bool = False

    def matches(self, code_point: int) -> bool:
        return any(low <= code_point <= high for low, high in self.ranges) != self.negated


class Ref(NamedTuple):
    """What another rule matches."""

    rule: str


Element = Chars | Ref
Alternative = tuple[Element, ...]
ANY: Final = Chars((), negated=True)


class Place(NamedTuple):
    """Where something stands in a text, counted from 1."""

    line: int
    column: int


class Rules(NamedTuple):
    """The alternatives of every rule by name, and where each name, given or made here, comes from."""

    alternatives: dict[str, tuple[Alternative, ...]]
    places: dict[str, Place]


def refuse(reason: str, place: Place, name: str = "") -> NoReturn:
    raise BadGrammar(reason=reason, name=name, line=place.line, column=place.column)


def parse(text: str) -> Rules:
    """Raises BadGrammar. Every rule that is named exists afterwards, "root" among them."""
    if len(text) > MAX_CHARACTERS:
        refuse("too_long", Place(1, 1))
    if "\0" in text:
        refuse("zero_character", place_of(text, text.index("\0")))
    return _Parser(text).rules()


def place_of(text: str, at: int) -> Place:
    return Place(text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._alternatives: dict[str, tuple[Alternative, ...]] = {}
        self._places: dict[str, Place] = {}
        self._named: dict[str, int] = {}  # rules that are referred to, and where first
        self._symbols: set[str] = set()  # as llama.cpp numbers them
        self._elements = 0
        self._rule = ""
        self._depth = 0

    def rules(self) -> Rules:
        self._blank(lines=True)
        while self._at < len(self._text):
            self._definition()
        if not self._alternatives:
            self._fail("empty")
        for name, at in self._named.items():
            if name not in self._alternatives:
                refuse("undefined", place_of(self._text, at), name)
        if "root" not in self._alternatives:
            refuse("no_root", Place(1, 1))
        return Rules(self._alternatives, self._places)

    # ── a rule ──

    def _definition(self) -> None:
        start = self._at
        name = self._take(_NAME)
        if not name:
            self._fail("name_expected")
        if name in self._alternatives:
            self._fail("defined_twice", name, start)
        self._rule = name
        self._symbols.add(name)
        self._places[name] = place_of(self._text, start)
        self._blank()
        if not self._text.startswith("::=", self._at):
            self._fail("define_expected", name)
        self._at += 3
        self._blank(lines=True)
        self._alternatives[name] = ()  # a second definition inside of it does not exist
        self._alternatives[name] = self._choices(nested=False)
        if self._at < len(self._text) and self._text[self._at] not in "\r\n":
            self._fail("unexpected", self._text[self._at])
        self._blank(lines=True)

    def _choices(self, *, nested: bool) -> tuple[Alternative, ...]:
        found = [self._sequence(nested=nested)]
        while self._peek() == "|":
            self._at += 1
            self._blank(lines=True)
            found.append(self._sequence(nested=nested))
        return tuple(found)

    def _sequence(self, *, nested: bool) -> Alternative:
        done: list[Element] = []
        last: list[Element] = []  # what a repetition would repeat
        weight = 1  # rules that `last` has made, as llama.cpp counts them
        while letter := self._peek():
            start = self._at
            if letter in "*+?{":
                low, high = self._times()
                if not last:
                    self._fail("nothing_to_repeat", letter, start)
                total = high or low or 1
                if weight * total > MAX_REPEATS:
                    self._fail("repeat_many", str(MAX_REPEATS), start)
                last = self._repeated(last, low, high)
                weight *= total
            elif letter in '"[.(' or _NAME.match(letter):
                done += last
                last, weight = self._item(letter)
            elif letter in "<!":
                self._fail("token_refused")
            else:
                break
            self._blank(lines=nested)
        return (*done, *last)

    def _item(self, letter: str) -> tuple[list[Element], int]:
        """What stands here, and how many rules it takes."""
        if letter == "(":
            before = len(self._symbols)
            element = self._group()
            return [element], max(1, len(self._symbols) - before)
        if letter == '"':
            return self._count(self._literal()), 1
        if letter == "[":
            return self._count([self._set()]), 1
        if letter == ".":
            self._at += 1
            return self._count([ANY]), 1
        start, name = self._at, self._take(_NAME)
        self._named.setdefault(name, start)
        self._symbols.add(name)
        return self._count([Ref(name)]), 1

    def _group(self) -> Ref:
        start = self._at
        self._depth += 1
        if self._depth > MAX_NESTING:
            self._fail("nested_deep", str(MAX_NESTING))
        self._at += 1
        self._blank(lines=True)
        name = self._new_name()
        self._add(name, self._choices(nested=True))
        if self._peek() != ")":
            self._fail("group_open", "", start)
        self._at += 1
        self._depth -= 1
        return self._count_ref(name)

    # ── repetition ──

    def _times(self) -> tuple[int, int | None]:
        """At least and at most; None: without end."""
        letter, start = self._peek(), self._at
        self._at += 1
        if letter != "{":
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[letter]
        self._blank()
        low = self._number()
        high: int | None = low
        if self._peek() == ",":
            self._at += 1
            self._blank()
            high = None if self._peek() == "}" else self._number()
        if self._peek() != "}":
            self._fail("repeat_open", "", start)
        self._at += 1
        if high is not None and high < low:
            self._fail("repeat_backwards", "", start)
        return low, high

    def _number(self) -> int:
        digits = self._take(_INT)
        if not digits:
            self._fail("number_expected")
        if len(digits) > 4 or int(digits) > MAX_REPEATS:
            self._fail("repeat_many", str(MAX_REPEATS), self._at - len(digits))
        self._blank()
        return int(digits)

    def _repeated(self, item: list[Element], low: int, high: int | None) -> list[Element]:
        """S{m,n}: S m times, then a rule "S and the next such rule, or nothing" n - m times."""
        start = self._at
        found = item * low
        self._elements += len(item) * max(0, low - 1)
        inner = ""
        if high is None:
            inner = self._new_name()
            self._add(inner, ((*item, Ref(inner)), ()))
        else:
            for _ in range(high - low):
                rest = (Ref(inner),) if inner else ()
                inner = self._new_name()
                self._add(inner, ((*item, *rest), ()))
                self._elements += len(item) + 2
                self._check_size(start)
        self._check_size(start)
        return [*found, Ref(inner)] if inner else found

    # ── characters ──

    def _literal(self) -> list[Element]:
        start = self._at
        self._at += 1
        found: list[Element] = []
        while (letter := self._peek()) != '"':
            if not letter:
                self._fail("string_open", "", start)
            at = self._at
            code_point = self._character()
            if code_point == 0:
                self._fail("code_point", "", at)
            found.append(Chars(((code_point, code_point),)))
        self._at += 1
        return found

    def _set(self) -> Chars:
        start = self._at
        self._at += 1
        negated = self._peek() == "^"
        self._at += negated
        ranges: list[tuple[int, int]] = []
        while (letter := self._peek()) != "]":
            if not letter:
                self._fail("set_open", "", start)
            at = self._at
            low = high = self._character(surrogates=True)
            if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in ("]", ""):
                self._at += 1
                high = self._character(surrogates=True)
            if high < low:
                self._fail("range_backwards", "", at)
            ranges.append((low, high))
        self._at += 1
        found = Chars(tuple(ranges), negated)
        if not _matchable(found):
            self._fail("set_empty", "", start)
        return found

    def _character(self, *, surrogates: bool = False) -> int:
        start, letter = self._at, self._text[self._at]
        self._at += 1
        if letter == "\\":
            letter = self._peek()
            self._at += 1
            if letter in _HEX and letter:
                return self._hex(_HEX[letter], start, surrogates=surrogates)
            if letter not in _ESCAPES:
                self._fail("escape", f"\\{letter}", start)
            letter = _ESCAPES[letter]
        return self._code_point(ord(letter), start, surrogates=surrogates)

    def _hex(self, digits: int, start: int, *, surrogates: bool) -> int:
        text = self._text[self._at : self._at + digits]
        if not re.fullmatch(rf"[0-9a-fA-F]{{{digits}}}", text):
            self._fail("hex", str(digits), start)
        self._at += digits
        return self._code_point(int(text, 16), start, surrogates=surrogates)

    def _code_point(self, value: int, start: int, *, surrogates: bool) -> int:
        if value > LAST_CODE_POINT or (not surrogates and SURROGATES[0] <= value <= SURROGATES[1]):
            self._fail("code_point", "", start)
        return value

    # ── small things ──

    def _count(self, elements: list[Element]) -> list[Element]:
        for element in elements:
            self._elements += 2 * max(1, len(element.ranges)) if isinstance(element, Chars) else 1
        self._check_size(self._at)
        return elements

    def _count_ref(self, name: str) -> Ref:
        self._count([])
        return Ref(name)

    def _check_size(self, at: int) -> None:
        if self._elements > MAX_ELEMENTS:
            self._fail("too_large", str(MAX_ELEMENTS), min(at, len(self._text)))

    def _new_name(self) -> str:
        name = f"{self._rule}_{len(self._symbols)}"  # no name of a person's has an underscore
        self._symbols.add(name)
        return name

    def _add(self, name: str, alternatives: tuple[Alternative, ...]) -> None:
        self._alternatives[name] = alternatives
        self._places[name] = self._places[self._rule]

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found[0]

    def _blank(self, *, lines: bool = False) -> None:
        found = (_BLANK_LINES if lines else _BLANK).match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _fail(self, reason: str, name: str = "", at: int | None = None) -> NoReturn:
        refuse(reason, place_of(self._text, self._at if at is None else at), name)


def _matchable(chars: Chars) -> bool:
    """Whether any character of a text can be one of these: zero and halves of pairs cannot."""
    covered = sorted([*chars.ranges, (0, 0), SURROGATES] if chars.negated else chars.ranges)
    if not chars.negated:
        return any(
            max(low, 1) <= high and not (SURROGATES[0] <= max(low, 1) and high <= SURROGATES[1])
            for low, high in covered
        )
    reached = -1
    for low, high in covered:
        if low > reached + 1:
            return True
        reached = max(reached, high)
    return reached < LAST_CODE_POINT
