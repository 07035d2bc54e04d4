"""The tokens of a prompt by their origins: where each part begins, what is left out, what is read already."""

from collections.abc import Sequence
from typing import Final

import msgspec
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from desktop.core.types import PlannedPrompt, ShownToken
from desktop.i18n import _, ngettext, number
from desktop.ui.aloud import tell
from desktop.ui.kept_text import draw_line
from desktop.ui.prompt_view import glyphs, origins
from desktop.ui.prompt_view.canvas import RIGHT_PX, TokenCanvas
from desktop.ui.prompt_view.sections import Section, sections
from desktop.ui.theme import current_theme, grown, icon, interface_font, mixed, space, type_size
from desktop.view_models.context import LeftOut

_SAID: Final = ("history", "pinned", "files", "excerpts", "question")


class Head(msgspec.Struct, frozen=True):
    """Over the tokens of a part."""

    section: Section
    pinned: bool


class LeftHead(msgspec.Struct, frozen=True):
    count: int


class Why(msgspec.Struct, frozen=True):
    """Why messages are left out."""


class Read(msgspec.Struct, frozen=True):
    """Up to here the model has read the prompt already."""

    tokens: int


class PromptCanvas(TokenCanvas):
    """Shows the prompt that it was given last."""

    pin_wanted = Signal(int, bool)  # a message's number, and whether it shall stay

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens: Sequence[ShownToken] = ()
        self._sections: list[Section] = []
        self._left: tuple[LeftOut, ...] = ()
        self._pins: frozenset[int] = frozenset()
        self._cached = 0
        self._replies: frozenset[int] = frozenset()
        self.found: frozenset[int] = frozenset()  # tokens that are searched for
        self.setAccessibleName(_("The prompt, token by token"))
        self.moved.connect(self._tell)

    def show_prompt(
        self,
        prompt: PlannedPrompt,
        left: tuple[LeftOut, ...],
        replies: frozenset[int],
        *,
        blanks: bool,
    ) -> None:
        """`left`: what will not be read. `replies`: the messages that the model wrote."""
        self._tokens, self._left, self._replies = prompt.tokens, left, replies
        self._pins = frozenset(token.message for token in prompt.tokens if token.origin == "pinned")
        self._sections = sections(prompt.tokens)
        self._cached = prompt.plan.cached_tokens
        texts = [glyphs.shown(token.text, token.id, blanks=blanks) for token in prompt.tokens]
        self.found = frozenset()
        self.set_tokens(texts, ["\n" in token.text for token in prompt.tokens], self._rows_between())

    @property
    def text(self) -> str:
        return "".join(token.text for token in self._tokens)

    def _rows_between(self) -> dict[int, list[object]]:
        found: dict[int, list[object]] = {}
        left = list(self._left)
        for section in self._sections:
            heads = found.setdefault(section.begin, [])
            if left and section.origin in _SAID:
                heads += [LeftHead(len(left)), *left, Why()]
                left = []
            heads.append(Head(section, section.message in self._pins))
        if 0 < self._cached < len(self._tokens):
            found.setdefault(self._cached, []).insert(0, Read(self._cached))
        elif self._cached and self._tokens:
            found.setdefault(len(self._tokens), []).append(Read(self._cached))
        return found

    # ── painting ──

    def paint_token(self, painter: QPainter, token: int, box: QRectF) -> None:
        theme = self.theme
        part = self._tokens[token].origin
        if token in self.found:
            painter.fillRect(box, QColor(theme.select))
            painter.setPen(QPen(QColor(theme.text), 1))
            painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        else:
            painter.fillRect(box, origins.tint(part, theme, theme.panel))
        painter.setPen(origins.line_pen(part, theme))
        painter.drawLine(box.bottomLeft(), box.bottomRight())

    def text_color(self, token: int) -> QColor:
        theme = self.theme
        return QColor(theme.muted if self._tokens[token].origin == "template" else theme.text)

    def paint_extra(self, painter: QPainter, extra: object, box: QRectF) -> None:
        match extra:
            case Head(section=section, pinned=pinned):
                words = origins.name(section.origin)
                if section.origin in ("history", "pinned") and section.message:
                    words = f"{words}: {self._who(section)}"
                self._paint_head(painter, section.origin, words, section.end - section.begin, box)
                if section.message:
                    self._paint_pin(painter, box, pinned=pinned)
            case LeftHead(count=count):
                text = ngettext("Left out: {count} message", "Left out: {count} messages", count)
                self._paint_head(painter, origins.LEFT_OUT, text.format(count=number(count)), 0, box)
            case LeftOut():
                self._paint_left(painter, extra, box)
            case Why():
                self._paint_line(painter, _("No room for them: the oldest leave first."), box)
            case Read(tokens=tokens):
                self._paint_read(painter, tokens, box)

    def _who(self, section: Section) -> str:
        return _("the model") if section.message in self._replies else _("you")

    def _paint_head(self, painter: QPainter, part: str, words: str, count: int, box: QRectF) -> None:
        theme = current_theme()
        px = grown(10)
        square = QRectF(box.left(), box.center().y() + 2 - px / 2, px, px)
        origins.fill(painter, square, part, theme, theme.panel)
        painter.setFont(_bold())
        painter.setPen(QColor(theme.text))
        at = box.adjusted(px + 6, 4, -grown(28), 0)
        taken = draw_line(painter, at, words)
        if count:
            left = at.left() + taken + space.s
            painter.setFont(interface_font(type_size.caption))
            painter.setPen(QColor(theme.muted))
            draw_line(painter, QRectF(left, at.top(), at.right() - left, at.height()), number(count))

    def _paint_pin(self, painter: QPainter, box: QRectF, *, pinned: bool) -> None:
        picture = icon("pin", "accent" if pinned else "muted")
        picture.paint(painter, self._pin_box(box).toRect())

    def _pin_box(self, box: QRectF) -> QRectF:
        px = grown(18)
        return QRectF(box.right() - px, box.center().y() + 2 - px / 2, px, px)

    def _paint_left(self, painter: QPainter, left: LeftOut, box: QRectF) -> None:
        theme = current_theme()
        font = interface_font(type_size.small)
        font.setStrikeOut(True)
        painter.setFont(font)
        painter.setPen(QColor(theme.muted))
        who = _("You") if left.mine else _("The model")
        text = f"{who}: {' '.join(left.text.split())}"
        draw_line(painter, box.adjusted(16, 0, -grown(24), 0), text)
        self._paint_pin(painter, box, pinned=False)

    def _paint_line(self, painter: QPainter, words: str, box: QRectF) -> None:
        painter.setFont(interface_font(type_size.caption))
        painter.setPen(QColor(current_theme().muted))
        draw_line(painter, box.adjusted(16, 0, 0, 0), words)

    def _paint_read(self, painter: QPainter, tokens: int, box: QRectF) -> None:
        theme = current_theme()
        painter.setFont(interface_font(type_size.caption))
        words = ngettext("read already: {count} token", "read already: {count} tokens", tokens)
        said = words.format(count=number(tokens))
        painter.setPen(QPen(QColor(mixed(theme.text, theme.panel, 0.6)), 1, Qt.PenStyle.DashLine))
        width = draw_line(painter, box, said, "right")
        y = box.center().y()
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right() - width - space.s, y))

    # ── what a token is ──

    def tip(self, token: int) -> str:
        here = self._tokens[token]
        place = _("token {at} of {count}").format(at=number(token + 1), count=number(len(self._tokens)))
        parts = [
            glyphs.quoted(here.text),
            origins.name(here.origin),
            place,
            _("number {id}").format(id=here.id),
        ]
        if token < self._cached:
            parts.append(_("read already"))
        return " · ".join(parts)

    def _tell(self, token: int) -> None:
        self.setAccessibleDescription(self.tip(token))
        tell(self, self.tip(token))

    # ── turns that stay ──

    def message_at(self, token: int) -> int:
        """The message whose words, or marks, a token is of; 0: none that is stored."""
        found = (part for part in self._sections if part.begin <= token < part.end)
        section = next(found, None)
        return section.message if section is not None else 0

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        extra = self.extra_at(at)
        if isinstance(extra, Head | LeftOut) and at.x() >= self.viewport().width() - RIGHT_PX - grown(24):
            self._toggle(extra.section.message if isinstance(extra, Head) else extra.key)
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() == Qt.Key.Key_P and plain and self.here >= 0:
            self._toggle(self.message_at(self.here))
        elif event.key() == Qt.Key.Key_C and not plain:
            QApplication.clipboard().setText(self.text)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_at(event.pos()).popup(event.globalPos())

    def menu_at(self, at: QPoint) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        extra, token = self.extra_at(at), self.token_at(at)
        message = self.message_at(self.here if token is None else token) if extra is None else 0
        if isinstance(extra, Head | LeftOut):
            message = extra.section.message if isinstance(extra, Head) else extra.key
        if message:
            pinned = message in self._pins
            words = _("Let it leave the context") if pinned else _("Keep in the context")
            menu.addAction(icon("pin"), words, lambda: self._toggle(message))
        menu.addAction(
            icon("copy"), _("Copy the whole prompt"), lambda: QApplication.clipboard().setText(self.text)
        )
        return menu

    def _toggle(self, message: int) -> None:
        if message:
            self.pin_wanted.emit(message, message not in self._pins)


def _bold() -> QFont:
    font = interface_font(type_size.small)
    font.setWeight(QFont.Weight.DemiBold)
    return font
