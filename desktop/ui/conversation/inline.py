"""What stands inside a paragraph, written at a cursor: emphasis, code, links, citations, footnotes, formulas.

Loads nothing: pictures are links. Knows no blocks.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from markdown_it.token import Token as MarkdownToken
from PySide6.QtGui import QFont, QTextCharFormat, QTextCursor

from desktop.core.replies.citations import written
from desktop.core.types import Excerpt
from desktop.ui.conversation.style import Style

CITE: Final = "cite:"  # scheme of links that name an excerpt by its number
NOTE: Final = "note:"  # scheme of links that name a footnote by its label
_ADDRESS: Final = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'`|\\\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")
_BRACKETS: Final = {")": "(", "]": "["}


class Inline:
    """Writes spans of one document at whatever cursor it is given."""

    def __init__(self, style: Style, excerpts: Sequence[Excerpt]) -> None:
        self._style = style
        self._excerpts = excerpts
        self._cursor = QTextCursor()

    def write(self, cursor: QTextCursor, tokens: Sequence[MarkdownToken], base: QTextCharFormat) -> None:
        self._cursor = cursor
        stack = [QTextCharFormat(base)]
        for token in tokens:
            form = stack[-1]
            match token.type:
                case "text" | "text_special":
                    self._text(token.content, form)
                case "softbreak" | "hardbreak":  # models end a line where they mean it: verses, addresses
                    cursor.insertText("\u2028", form)
                case "code_inline":
                    self._code(token.content, form)
                case "image":
                    address = str(token.attrs.get("src", ""))
                    cursor.insertText(token.content or address, self._link(form, address))
                case "footnote_ref":
                    self._note(token.content, form)
                case "formula":
                    write_formula(cursor, token, form, self._style, display=bool(token.meta["display"]))
                case _ if token.nesting == 1:
                    stack.append(self._opened(token, form))
                case _ if token.nesting == -1 and len(stack) > 1:
                    stack.pop()
                case _:
                    cursor.insertText(token.content, form)

    def _code(self, content: str, form: QTextCharFormat) -> None:
        code = self._style.code_format(inline=True)
        if form.isAnchor():
            code.setAnchor(True)
            code.setAnchorHref(form.anchorHref())
        self._cursor.insertText(content, code)

    def _opened(self, token: MarkdownToken, form: QTextCharFormat) -> QTextCharFormat:
        inner = QTextCharFormat(form)
        if token.type == "strong_open":
            inner.setFontWeight(QFont.Weight.Bold)
        elif token.type == "em_open":
            inner.setFontItalic(True)
        elif token.type == "s_open":
            inner.setFontStrikeOut(True)
        elif token.type == "link_open":
            inner = self._link(form, str(token.attrs.get("href", "")))
        return inner

    def _link(self, form: QTextCharFormat, href: str) -> QTextCharFormat:
        link = QTextCharFormat(form)
        link.setAnchor(True)
        link.setAnchorHref(href)
        link.setFontUnderline(True)
        if self._style.colored:
            link.setForeground(self._style.color("link"))
        return link

    def _note(self, label: str, form: QTextCharFormat) -> None:
        """A raised number that leads to its footnote."""
        link = QTextCharFormat(form)
        link.setAnchor(True)
        link.setAnchorHref(f"{NOTE}{label}")
        link.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
        if self._style.colored:
            link.setForeground(self._style.color("link"))
        self._cursor.insertText(label, link)

    # ── text ──

    def _text(self, text: str, form: QTextCharFormat) -> None:
        at = 0
        for marker in () if form.isAnchor() else written(text, self._excerpts):
            # A number does not begin a line: it holds on to the word it supports.
            self._plain(re.sub(r" $", "\u00a0", text[at : marker.start]), form)
            self._citation(text[marker.start : marker.end], marker.numbers, form)
            at = marker.end
        self._plain(text[at:], form)

    def _plain(self, text: str, form: QTextCharFormat) -> None:
        """Addresses become links to where they say, and to nowhere else."""
        at = 0
        for begin, end in () if form.isAnchor() else addresses(text):
            self._cursor.insertText(text[at:begin], form)
            said = text[begin:end]
            href = said if said.lower().startswith("http") else f"https://{said}"
            self._cursor.insertText(said, self._link(form, href))
            at = end
        self._cursor.insertText(text[at:], form)

    def _citation(self, marker: str, numbers: tuple[int, ...], form: QTextCharFormat) -> None:
        """`[2]` is one link; of `[1, 3]` and `[1-3]` each number written is one."""
        quiet = QTextCharFormat(form)
        quiet.setFontPointSize(form.fontPointSize() * 0.9)
        if self._style.colored:
            quiet.setForeground(self._style.color("sage"))
        parts = [marker] if len(numbers) == 1 else re.split(r"(\d+)", marker)
        for part in parts:
            n = numbers[0] if len(numbers) == 1 else int(part) if part.isdigit() else 0
            link = QTextCharFormat(quiet)
            if n in numbers:
                link.setAnchor(True)
                link.setAnchorHref(f"{CITE}{n}")
            self._cursor.insertText(part, link)


def write_formula(
    cursor: QTextCursor, token: MarkdownToken, form: QTextCharFormat, style: Style, *, display: bool
) -> None:
    """One character that is drawn as a formula; its text where it cannot be one, or not yet."""
    formulas = style.formulas
    if formulas is None or not token.content or formulas.failed(token.content, display):
        code = style.code_format()
        cursor.insertText(token.markup.replace("\n", "\u2028"), code)
        return
    kind = formulas.handler.form(form, token.content, token.markup, display=display)
    cursor.insertText("\ufffc", kind)


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Where web addresses stand in running text, without the punctuation that follows them."""
    for found in _ADDRESS.finditer(text):
        said = found.group()
        while said:
            last = said[-1]
            if last in ".,;:!?*_~" or (last in _BRACKETS and said.count(last) > said.count(_BRACKETS[last])):
                said = said[:-1]
            else:
                break
        if len(said) > len("https://"):
            yield found.start(), found.start() + len(said)
