"""Fonts, formats and measures of the conversation, made from a theme. Holds no text."""

from dataclasses import dataclass, field
from functools import cached_property
from math import ceil

from pygments.lexer import Lexer
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QTextBlockFormat, QTextCharFormat

from desktop.ui.conversation.formulas import Formulas
from desktop.ui.conversation.highlight import lexer_of
from desktop.ui.conversation.languages import Languages
from desktop.ui.theme import Theme, Token, code_font, interface_font, layout, mixed, space, type_size

MEASURE_CHARACTERS = 78  # at most; words that do not fit leave lines at about 72
# Fonts disagree on what their average character is; a sentence of running text tells.
_SAMPLE = "The conversation is the page; everything else stays in the margins until asked for"
INSET_PX = space.l  # from the edge of the column to text, in cards and out of them
GAP_PX = space.m  # between blocks
_FOUND_SHARE = 0.35  # of amber in the ground of words that were looked for
_HEADINGS = (1.44, 1.2, 1.0)


@dataclass(frozen=True)
class Style:
    """How blocks are drawn. `colored` False: for the clipboard, without the window's colours."""

    theme: Theme
    scale: float = 1.0  # of all text in the conversation
    colored: bool = True
    formulas: Formulas | None = field(default=None, compare=False)  # without them, formulas are text
    languages: Languages | None = field(default=None, compare=False)  # without them, code waits for its lexer

    def lexer(self, language: str) -> Lexer | None:
        """What colours code of a language; None where nothing does, or not yet."""
        if not self.colored:
            return None
        return self.languages.find(language) if self.languages is not None else lexer_of(language.lower())

    def color(self, token: Token) -> QColor:
        return QColor(self.theme.color(token))

    @property
    def code_background(self) -> QColor:
        return self.color("panel")

    @property
    def found_background(self) -> QColor:
        """Of words that were looked for."""
        return QColor(mixed(self.theme.amber, self.theme.ground, _FOUND_SHARE))

    def body_font(self) -> QFont:
        return interface_font(type_size.reply, self.scale)

    def note_font(self) -> QFont:
        """Of footnotes."""
        return interface_font(type_size.interface, self.scale)

    def code_font(self) -> QFont:
        return code_font(type_size.reply * type_size.code_scale, self.scale)

    def label_font(self) -> QFont:
        font = interface_font(type_size.small, self.scale)
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def caption_font(self) -> QFont:
        return interface_font(type_size.small, self.scale)

    def column_px(self, available: int) -> int:
        """The width of the conversation's column: about 72 characters, and never above 760 px at 100 %."""
        widest = min(self.measure_px + 2 * INSET_PX, round(layout.conversation_px * max(1.0, self.scale)))
        return max(160, min(widest, available - 2 * space.l))

    # Asked for every message of a long chat: measured once.

    @cached_property
    def measure_px(self) -> int:
        """The width of a line of replies."""
        sample_px = QFontMetricsF(self.body_font()).horizontalAdvance(_SAMPLE)
        return round(sample_px * MEASURE_CHARACTERS / len(_SAMPLE))

    @cached_property
    def step_px(self) -> float:
        """From a list to what stands in its items: a number of two digits has room there."""
        return max(space.xl * max(1.0, self.scale), self.number_px(10))

    def number_px(self, number: int) -> float:
        """What the number of an item takes, with the blank behind it."""
        return ceil(QFontMetricsF(self.body_font()).horizontalAdvance(f"{number}. "))

    @cached_property
    def label_px(self) -> float:
        return round(QFontMetricsF(self.label_font()).height())

    @cached_property
    def head_px(self) -> float:
        """The height of a code block's head."""
        return max(30.0, self.caption_px + 12)

    @cached_property
    def footer_px(self) -> int:
        """The height of the line with figures and buttons below a message."""
        return round(30 * max(1.0, 1 + (self.scale - 1) * 0.6))

    @cached_property
    def button_px(self) -> int:
        """The height of a button with words."""
        return round(max(34.0, QFontMetricsF(self.note_font()).height() + 16))

    @cached_property
    def caption_px(self) -> float:
        return round(QFontMetricsF(self.caption_font()).height())

    @cached_property
    def body_px(self) -> tuple[float, float]:
        """(average width of a character, height of a line) of replies."""
        return self._measured(self.body_font())

    @cached_property
    def code_px(self) -> tuple[float, float]:
        """The same of code."""
        return self._measured(self.code_font())

    def _measured(self, font: QFont) -> tuple[float, float]:
        metrics = QFontMetricsF(font)
        size_px = font.pointSizeF() * metrics.fontDpi() / 72
        return metrics.averageCharWidth() or 8.0, size_px * type_size.reply_line_height

    def line_height(self, font: QFont, times: float) -> float:
        """Line height in percent of the font's own, so that lines stand `times` the font's size apart."""
        metrics = QFontMetricsF(font)
        size_px = font.pointSizeF() * metrics.fontDpi() / 72
        return max(100.0, round(100 * times * size_px / metrics.height()))

    def block_format(self, font: QFont, times: float = type_size.reply_line_height) -> QTextBlockFormat:
        block = QTextBlockFormat()
        block.setLineHeight(
            self.line_height(font, times), QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
        )
        return block

    def text_format(self, font: QFont | None = None, color: Token = "text") -> QTextCharFormat:
        form = QTextCharFormat()
        form.setFont(font or self.body_font())
        if self.colored:
            form.setForeground(self.color(color))
        return form

    def code_format(self, color: Token = "text", *, inline: bool = False) -> QTextCharFormat:
        form = self.text_format(self.code_font(), color)
        if inline and self.colored:
            form.setBackground(self.code_background)
        return form

    def heading_font(self, level: int) -> QFont:
        font = self.body_font()
        font.setPointSizeF(font.pointSizeF() * _HEADINGS[min(level, len(_HEADINGS)) - 1])
        font.setWeight(QFont.Weight.DemiBold)
        return font
