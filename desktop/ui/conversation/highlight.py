"""Code in colours: Pygments' tokens mapped to the theme's. Draws nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pygments.lexer import ExtendedRegexLexer, Lexer, LexerContext, RegexLexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Literal, Name, Number, Operator, String, _TokenType
from pygments.util import ClassNotFound

from desktop.ui.theme import Token

MOST_MET: Final = ("python", "javascript", "bash", "json", "html", "c++", "java", "sql", "typescript", "yaml")
LIMIT: Final = 20_000  # characters; beyond, colours cost more than they tell

Runs = list[tuple[str, Token]]

_COLORS: Final[tuple[tuple[_TokenType, Token], ...]] = (
    (Comment, "muted"),
    (Keyword, "accent"),
    (Operator.Word, "accent"),
    (String, "sage"),
    (Number, "amber"),
    (Literal, "amber"),
    (Name.Function, "link"),
    (Name.Class, "link"),
    (Name.Tag, "accent"),
    (Name.Attribute, "amber"),
    (Name.Decorator, "amber"),
    (Name.Builtin, "amber"),
    (Generic.Deleted, "danger"),
    (Generic.Inserted, "sage"),
    (Generic.Heading, "link"),
)


@cache
def _known() -> dict[str, Lexer | None]:
    return {}


def is_ready(language: str) -> bool:
    """Whether `lexer_of` gives an answer at once. Of a language in small letters."""
    return language in _known()


def lexer_of(language: str) -> Lexer | None:
    """The lexer, which is made and used for the first time if need be; None where there is none."""
    if language not in _known():
        try:
            lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False) if language else None
        except ClassNotFound:
            lexer = None
        if lexer is not None:
            list(lexer.get_tokens("x"))
        _known()[language] = lexer
    return _known()[language]


def prepare() -> None:
    """Bring in the languages that are met most, on a thread with time: a first use costs 5 to 60 ms."""
    for language in MOST_MET:
        lexer_of(language)


@cache
def color_of(kind: _TokenType) -> Token:
    """The theme's token for a kind of Pygments token."""
    return next((color for parent, color in _COLORS if kind in parent), "text")


@dataclass(frozen=True)
class State:
    """Where a lexer stands between two parts of a code: in a text of many lines, say."""

    stack: tuple[str, ...] = ("root",)
    open: str = ""  # a comment or a text that reaches to the end, and may go on


def colored(code: str, lexer: Lexer | None) -> Iterator[tuple[str, Token]]:
    """The code in runs of one colour; one run where the language is not known."""
    if lexer is None or len(code) > LIMIT:
        yield code, "text"
        return
    yield from _runs(lexer.get_tokens(code))


def colored_part(code: str, lexer: Lexer | None, state: State) -> tuple[Runs, State]:
    """Runs of a part of a code that is longer, and the state in which the next part begins."""
    if not isinstance(lexer, RegexLexer) or len(code) > LIMIT:
        return list(colored(code, lexer)), State()
    context = LexerContext(state.open + code, 0, list(state.stack))
    try:
        # A lexer's own loop cannot begin in a state. This one is made for it, and runs any table of rules.
        loop: Any = ExtendedRegexLexer.get_tokens_unprocessed
        tokens = [(kind, text) for _at, kind, text in loop(lexer, context=context)]
    except (AttributeError, TypeError):  # its rules want a context of their own
        return list(colored(code, lexer)), State()
    left = ""
    if tokens and (tokens[-1][0] in Comment or tokens[-1][0] in String) and "\n" in tokens[-1][1]:
        left = tokens[-1][1]
    stays = State(tuple(context.stack), left if len(left) < LIMIT // 4 else "")
    return list(_without(_runs(tokens), len(state.open))), stays


def _without(runs: Iterable[tuple[str, Token]], characters: int) -> Iterator[tuple[str, Token]]:
    """Runs without so many of their first characters."""
    for text, color in runs:
        if len(text) > characters:
            yield text[characters:], color
        characters = max(0, characters - len(text))


def _runs(tokens: Iterable[tuple[_TokenType, str]]) -> Iterator[tuple[str, Token]]:
    run, color = "", "text"
    for kind, text in tokens:
        found = color_of(kind)
        if found != color and run:
            yield run, color  # type: ignore[misc]
            run = ""
        run, color = run + text, found
    if run:
        yield run, color  # type: ignore[misc]
