"""Chats as one HTML page that needs nothing else: no script, and nothing from anywhere. Writes no file.

`look` "page" is for a browser, light or dark as the reader's system is; "print" for the process that makes a
PDF, whose text engine knows little CSS.
"""

import base64
import html
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import PurePath
from typing import Any, Final, Literal

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from desktop.core.exchange.conversations import Conversation
from desktop.core.exchange.formula_pictures import FormulaPictures
from desktop.core.exchange.html_style import CODE_DARK, CODE_LIGHT, PAGE, PRINT
from desktop.core.exchange.readable import CLOSE, OPEN, Turn, marked, shown, time_text
from desktop.core.types.exchange import ExportWords

Look = Literal["page", "print"]
MOST_MARKDOWN: Final = 200_000  # characters of one message; a longer one is shown as typed
MOST_CODE: Final = 100_000  # characters of a block of code in colours
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_SAFE_LINK = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_BRACKETS = re.compile(r"\\\[(.+?)\\\]|\\\((.+?)\\\)", re.DOTALL)
_CODE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]+`)", re.DOTALL)


class HtmlPage:
    """One page at a time; close it, as it may have started a process for formulas."""

    def __init__(self, words: ExportWords, look: Look = "page") -> None:
        self._words = words
        self._look = look
        self._formulas = FormulaPictures()
        self._markdown = _parser(self._formula)

    def close(self) -> None:
        self._formulas.close()

    def written(self, chats: Iterable[Conversation], titles: tuple[str, ...]) -> Iterator[bytes]:
        """The page, piece by piece. `titles` of all chats that come, for the contents of several."""
        words = self._words
        name = titles[0] or words.untitled if len(titles) == 1 else words.contents
        style = PRINT if self._look == "print" else PAGE + _code_styles()
        yield (
            f'<!DOCTYPE html>\n<html lang="{html.escape(words.language)}">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n'
            f"<title>{html.escape(name)}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
        ).encode()
        if len(titles) > 1:
            rows = "".join(
                f'<li><a href="#chat-{number}">{html.escape(title or words.untitled)}</a></li>'
                for number, title in enumerate(titles, 1)
            )
            yield f"<nav><h1>{html.escape(words.contents)}</h1><ol>{rows}</ol></nav>\n".encode()
        for number, chat in enumerate(chats, 1):
            yield self._chat(chat, number).encode("utf-8", "replace")
        yield b"</main>\n</body>\n</html>\n"

    def _chat(self, chat: Conversation, number: int) -> str:
        words = self._words
        title = html.escape(chat.title or words.untitled)
        fresh = ' style="page-break-before:always"' if self._look == "print" and number > 1 else ""
        made = [
            f'<article id="chat-{number}">',
            f'<h1{fresh}>{title}</h1><p class="when">{time_text(chat.created_at)}</p>',
        ]
        if chat.system_prompt.strip():
            made.append(_folded(words.system, _plain(chat.system_prompt), self._look))
        if chat.prompt.examples:
            lines = "".join(
                f"<p><b>{html.escape(name)}</b></p>{_plain(text)}"
                for example in chat.prompt.examples
                for name, text in ((words.you, example.question), (words.assistant, example.reply))
            )
            made.append(_folded(words.examples, lines, self._look))
        made += [self._turn(turn, f"{number}-{place}") for place, turn in enumerate(shown(chat), 1)]
        return "\n".join([*made, "</article>\n"])

    def _turn(self, turn: Turn, place: str) -> str:
        words = self._words
        name = {"user": words.you, "system": words.system}.get(turn.role, words.assistant)
        told = html.escape(", ".join(fact for fact in (turn.model, time_text(turn.created_at)) if fact))
        mark = "h2" if self._look == "page" else "p"  # the printing engine sizes headings as it likes
        made = [
            f'<section class="{turn.role}">',
            f'<{mark} class="who">{html.escape(name)} <span class="when">{told}</span></{mark}>',
        ]
        if turn.thoughts:
            made.append(_folded(words.thoughts, _plain(turn.thoughts), self._look))
        body = _plain(turn.text) if turn.role != "assistant" else self._rich(turn.text)
        made.append(marked(body, lambda n: f'<sup><a href="#s{place}-{n}" id="r{place}-{n}">[{n}]</a></sup>'))
        if turn.stopped:
            made.append(f'<p class="when">{html.escape(words.stopped)}</p>')
        made += [
            _folded(f"{words.attached}: {' '.join(file.name.split())}", _plain(file.text), self._look)
            for file in turn.files
        ]
        if turn.sources:
            made.append(self._sources(turn, place))
        return "\n".join([*made, "</section>"])

    def _sources(self, turn: Turn, place: str) -> str:
        words = self._words
        rows = []
        for source in turn.sources:
            where = f"{PurePath(source.file).name}, {words.page.format(page=source.page)}"
            found = f" ({html.escape(words.found_afterwards)})" if source.attributed else ""
            quote = html.escape(" ".join(source.quote.split()))
            rows.append(
                f'<p id="s{place}-{source.n}" class="source"><a href="#r{place}-{source.n}">[{source.n}]</a> '
                f"<b>{html.escape(where)}</b>{found}<br><q>{quote}</q></p>"
            )
        return f'<aside><p class="when">{html.escape(words.sources)}</p>{"".join(rows)}</aside>'

    def _rich(self, text: str) -> str:
        if len(text) > MOST_MARKDOWN:
            return _plain(text)
        made: str = self._markdown.render(_dollars(text), {"look": self._look})
        return made

    def _formula(self, source: str, *, display: bool) -> str:
        if self._look == "print":
            drawn = self._formulas.svg(source, display=display, colour="#26221C")
            return _printed(drawn) or f"<code>{html.escape(source)}</code>"
        drawn = self._formulas.svg(source, display=display)
        return drawn or f"<code>{html.escape(source)}</code>"


def _parser(formula: Any) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20, "highlight": None})
    parser.enable(["table", "strikethrough"]).disable(["html_block", "html_inline"])
    parser.use(
        dollarmath_plugin,
        allow_space=True,
        allow_digits=False,
        double_inline=True,
        renderer=lambda source, options: formula(source, display=bool(options.get("display_mode"))),
    )
    parser.validateLink = lambda url: bool(_SAFE_LINK.match(url)) or url.startswith("#")  # type: ignore[method-assign]
    rules: Any = parser.renderer.rules  # type: ignore[attr-defined]
    rules["image"] = _no_image
    rules["fence"] = rules["code_block"] = _code
    return parser


def _no_image(tokens: Any, at: int, _options: Any, _env: Any) -> str:
    """A picture from elsewhere would be fetched when the page is opened: a link to it is not."""
    token = tokens[at]
    address, words = str(token.attrs.get("src", "")), token.content or str(token.attrs.get("src", ""))
    if not _SAFE_LINK.match(address):
        return html.escape(words)
    return f'<a href="{html.escape(address)}" rel="noreferrer">{html.escape(words)}</a>'


def _code(tokens: Any, at: int, _options: Any, env: Any) -> str:
    token = tokens[at]
    language = (token.info.split() or [""])[0]
    text = token.content.removesuffix("\n")
    if env.get("look") == "print":
        return (
            '<table width="100%" cellpadding="6" bgcolor="#F3EEE6"><tr><td>'
            f"<pre>{_coloured(text, language, inline=True)}</pre></td></tr></table>"
        )
    return f'<pre class="code"><code>{_coloured(text, language, inline=False)}</code></pre>\n'


def _coloured(text: str, language: str, *, inline: bool) -> str:
    if not language or len(text) > MOST_CODE or OPEN in text or CLOSE in text:
        return html.escape(text)
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return html.escape(text)
    formatter = HtmlFormatter(nowrap=True, noclasses=inline, style=CODE_LIGHT)
    made: str = highlight(text, lexer, formatter)
    return made.removesuffix("\n")


@cache
def _code_styles() -> str:
    light: str = HtmlFormatter(style=CODE_LIGHT).get_style_defs("pre.code")
    dark: str = HtmlFormatter(style=CODE_DARK).get_style_defs("pre.code")
    ground = re.compile(r"^pre\.code \{[^}]*\}|^(?:pre|td|span)\.?\w* ?[^{]*linenos[^}]*\}", re.MULTILINE)
    return f"{ground.sub('', light)}\n@media (prefers-color-scheme: dark) {{\n{ground.sub('', dark)}\n}}"


def _dollars(text: str) -> str:
    r"""Formulas between \( \) and \[ \] as formulas between dollars, outside of code."""

    def dollar(match: "re.Match[str]") -> str:
        return f"$${match[1].strip()}$$" if match[1] is not None else f"${match[2].strip()}$"

    pieces = _CODE.split(text)
    pieces[::2] = [_BRACKETS.sub(dollar, piece) for piece in pieces[::2]]
    return "".join(pieces)


def _plain(text: str) -> str:
    """As it was typed."""
    paragraphs = html.escape(text.strip("\n")).split("\n\n")
    return "".join(f"<p>{'<br>'.join(p.splitlines())}</p>" for p in paragraphs)


def _folded(name: str, body: str, look: Look) -> str:
    if look == "print":
        return f'<div class="aside"><p class="when">{html.escape(name)}</p>{body}</div>'
    return f"<details><summary>{html.escape(name)}</summary>{body}</details>"


def _printed(svg: str) -> str:
    """As a picture in the page: four times as fine as it is shown."""
    size = re.search(r'width="([\d.]+)em" height="([\d.]+)em"', svg)
    if size is None:
        return ""
    width, height = float(size[1]) * 14, float(size[2]) * 14
    fine = svg.replace(size[0], f'width="{width * 4:.0f}" height="{height * 4:.0f}"', 1)
    data = base64.b64encode(fine.encode()).decode()
    return (
        f'<img src="data:image/svg+xml;base64,{data}" width="{width:.0f}" height="{height:.0f}" '
        'style="vertical-align:middle">'
    )
