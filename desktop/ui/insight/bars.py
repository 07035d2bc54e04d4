"""The likeliest tokens at one place, as bars: as the model said it, and as the samplers leave it."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.i18n import _
from desktop.ui.aloud import tell
from desktop.ui.insight import wording
from desktop.ui.kept_text import draw_line
from desktop.ui.prompt_view import glyphs
from desktop.ui.theme import (
    code_font,
    current_theme,
    grown,
    interface_font,
    mixed,
    paint_icon,
    radius,
    space,
    type_size,
)
from desktop.view_models.chances import Chance, Chances

_NAME_SHARE: Final = 0.3
_SIGN_PX: Final = 16.0


class Bars(QWidget):
    """One row for each token. `here` is the one in front."""

    moved = Signal(int)  # the number of a token
    chosen = Signal(int)  # Enter or a double click on one

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._made = Chances(())
        self._drawn = -1
        self._cuts: Mapping[int, str] = {}
        self.here = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("What else might have stood here"))

    def show_chances(self, made: Chances, drawn: int, cuts: Mapping[int, str], *, anew: bool) -> None:
        """`drawn`: the token of the reply. `cuts`: what cut which token. `anew`: elsewhere."""
        other = len(made.known) != len(self._made.known)
        self._made, self._drawn, self._cuts = made, drawn, cuts
        if anew:
            self.here = next((n for n, one in enumerate(made.known) if one.id == drawn), 0)
        self.here = max(0, min(self.here, len(made.known) - 1))
        if other:
            self.updateGeometry()
        self.update()
        self._describe()

    @property
    def token(self) -> Chance | None:
        """The one in front."""
        known = self._made.known
        return known[self.here] if 0 <= self.here < len(known) else None

    @property
    def row_px(self) -> int:
        return round(QFontMetricsF(_name_font()).height()) + space.s + 2

    def sizeHint(self) -> QSize:
        return QSize(240, max(1, len(self._made.known)) * self.row_px)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    # ── painting ──

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for at, one in enumerate(self._made.known):
            self._paint(painter, at, one, QRectF(0, at * self.row_px, self.width(), self.row_px))

    def _paint(self, painter: QPainter, at: int, one: Chance, box: QRectF) -> None:
        theme = current_theme()
        if at == self.here:
            painter.setPen(
                QPen(QColor(theme.accent), theme.focus_px) if self.hasFocus() else Qt.PenStyle.NoPen
            )
            painter.setBrush(QColor(theme.select))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), radius.small, radius.small)
        cut = self._cuts.get(one.id, "")
        px = grown(_SIGN_PX)
        names = QRectF(box.left() + space.xs, box.top(), box.width() * _NAME_SHARE, box.height())
        if one.id == self._drawn:
            sign = QRectF(names.left(), box.center().y() - px / 2 + 1, px - 2, px - 2)
            paint_icon(painter, "check", sign, QColor(theme.accent))
        names.setLeft(names.left() + px)
        font = _name_font()
        font.setStrikeOut(bool(cut))
        painter.setFont(font)
        painter.setPen(QColor(theme.muted if cut else theme.text))
        text = glyphs.shown(one.text, one.id, blanks=True) if one.text else _("⟨end⟩")
        draw_line(painter, names, text)
        self._paint_bars(painter, one, cut, QRectF(names.right() + space.s, box.top(), 0, box.height()), box)

    def _paint_bars(self, painter: QPainter, one: Chance, cut: str, bars: QRectF, box: QRectF) -> None:
        theme = current_theme()
        painter.setFont(interface_font(type_size.caption))
        said = f"{wording.share(one.before)} → {cut or wording.share(one.after)}"
        room = QFontMetricsF(painter.font()).horizontalAdvance("< 0.1% → < 0.1%") + space.xs
        bars.setRight(box.right() - room - space.xs)
        middle, most = box.center().y(), max(10.0, bars.width())
        painter.setPen(Qt.PenStyle.NoPen)
        for p, top, color in (
            (one.before, middle - 6, mixed(theme.muted, theme.panel, 0.6)),
            (one.after, middle + 1, theme.accent),
        ):
            painter.setBrush(QColor(color))
            width = max(1.0 if p > 0 else 0.0, most * min(1.0, p))
            painter.drawRoundedRect(QRectF(bars.left(), top, width, 5), 2, 2)
        painter.setPen(QColor(theme.muted if cut else theme.text))
        numbers = QRectF(bars.right(), box.top(), room, box.height())
        draw_line(painter, numbers, said, "right")

    # ── keys and mouse ──

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._made.known) - 1
        to = {
            Qt.Key.Key_Up: self.here - 1,
            Qt.Key.Key_Down: self.here + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }.get(Qt.Key(event.key()))
        if to is not None:
            self._go(max(0, min(last, to)))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.token is not None:
            self.chosen.emit(self.token.id)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = int(event.position().y()) // self.row_px
        if 0 <= at < len(self._made.known):
            self._go(at)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)
        if self.token is not None:
            self.chosen.emit(self.token.id)

    def focusInEvent(self, event: object) -> None:
        super().focusInEvent(event)  # type: ignore[arg-type]
        self.update()

    def focusOutEvent(self, event: object) -> None:
        super().focusOutEvent(event)  # type: ignore[arg-type]
        self.update()

    def _go(self, at: int) -> None:
        self.here = at
        self.update()
        self._describe()
        if self.token is not None:
            tell(self, self.accessibleDescription())
            self.moved.emit(self.token.id)

    def _describe(self) -> None:
        one = self.token
        if one is not None:
            cut = self._cuts.get(one.id, "")
            self.setAccessibleDescription(wording.row(one, chosen=one.id == self._drawn, cut=cut))
            self.setToolTip("\n".join(self._lines()))

    def _lines(self) -> list[str]:
        return [
            wording.row(one, chosen=one.id == self._drawn, cut=self._cuts.get(one.id, ""))
            for one in self._made.known
        ]


def _name_font() -> QFont:
    return code_font(type_size.small)
