"""Code in colours: Pygments' tokens mapped to the theme's. Draws nothing."""

from collections.abc import Iterator
from functools import cache
from typing import Final

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Literal, Name, Number, Operator, String, _TokenType
from pygments.util import ClassNotFound

from desktop.ui.theme import Token

MOST_MET: Final = ("python", "javascript", "bash", "json", "html", "c++", "java", "sql", "typescript", "yaml")
LIMIT: Final = 20_000  # characters; beyond, colours cost more than they tell

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
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def prepare() -> None:
    """Bring in the languages that are met most, on a thread with time: a first use costs 5 to 60 ms."""
    for language in MOST_MET:
        lexer = _lexer(language)
        if lexer is not None:
            list(lexer.get_tokens("x"))


def color_of(kind: _TokenType) -> Token:
    """The theme's token for a kind of Pygments token."""
    return next((color for parent, color in _COLORS if kind in parent), "text")


def colored(code: str, language: str) -> Iterator[tuple[str, Token]]:
    """The code in runs of one colour; one run where the language is not known."""
    lexer = _lexer(language.lower()) if language and len(code) <= LIMIT else None
    if lexer is None:
        yield code, "text"
        return
    run, color = "", "text"
    for kind, text in lexer.get_tokens(code):
        found = color_of(kind)
        if found != color and run:
            yield run, color  # type: ignore[misc]
            run = ""
        run, color = run + text, found
    if run:
        yield run, color  # type: ignore[misc]
