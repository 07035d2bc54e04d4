"""Tokens as a text that one walks through: painted where they are in sight, found by mouse and by keys.

What a token looks like, and what stands between the rows, is the business of those who inherit.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from desktop.ui.kept_text import draw_line
from desktop.ui.prompt_view.flow import Flow, Row
from desktop.ui.theme import appearance, code_font, current_theme, space, type_size

RIGHT_PX: Final = space.m  # beside the scroll bar
PAD_PX: Final = 3.0  # left and right of a token's text
WHEEL_ROWS: Final = 3


class TokenCanvas(QAbstractScrollArea):
    """`here` is the token that the keys are at; -1: none."""

    moved = Signal(int)  # `here` is another token
    chosen = Signal(int)  # a token was clicked, or Enter pressed on it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.here = -1
        self.flow = Flow((), (), 1, lambda _: 0.0, {})
        self.theme = current_theme()
        self._texts: Sequence[str] = ()
        self._ends: Sequence[bool] = ()
        self._extras: Mapping[int, Sequence[object]] = {}
        self._hold: tuple[int, float] | None = None  # a token that shall stay where it is, and where
        self._rest = QTimer(self, interval=0)
        self._rest.timeout.connect(self._lay_out_more)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self._dress()
        look = appearance()
        if look is not None:
            look.changed.connect(self._restyle)

    # ── for those who inherit ──

    def paint_token(self, painter: QPainter, token: int, box: QRectF) -> None:
        """Everything of a token but its text."""
        raise NotImplementedError

    def paint_extra(self, painter: QPainter, extra: object, box: QRectF) -> None:
        """A row of its own."""

    def text_color(self, token: int) -> QColor:  # noqa: ARG002
        return QColor(self.theme.text)

    def tip(self, token: int) -> str:
        """What the mouse is told of a token."""
        raise NotImplementedError

    def font_of(self) -> QFont:
        return code_font(type_size.small)

    # ── what is shown ──

    def set_tokens(
        self, texts: Sequence[str], ends: Sequence[bool], extras: Mapping[int, Sequence[object]]
    ) -> None:
        """Show other tokens; the place that was in sight stays in sight."""
        self._remember_place()
        self._texts, self._ends, self._extras = texts, ends, extras
        self.here = min(self.here, len(texts) - 1)
        self._lay_out()

    def go_to(self, token: int, *, tell: bool = True) -> None:
        """Put the keys on a token and scroll as little as shows it."""
        if not self._texts:
            return
        self.here = max(0, min(len(self._texts) - 1, token))
        while not self.flow.done and self.flow.rows and self.flow.rows[-1].end <= self.here:
            self.flow.step()
        self._set_range()
        self._show_row(self.flow.row_of(self.here))
        self.viewport().update()
        if tell:
            self.moved.emit(self.here)

    @property
    def row_px(self) -> int:
        return self._row_px

    def _dress(self) -> None:
        metrics = QFontMetricsF(self.font_of())
        self._row_px = round(metrics.height()) + 7
        self._painted = self.font_of()

    def _restyle(self) -> None:
        self._dress()
        self._remember_place()
        self._lay_out()

    def _lay_out(self) -> None:
        metrics = QFontMetricsF(self.font_of())
        width = max(40.0, float(self.viewport().width() - RIGHT_PX))

        def measure(text: str) -> float:
            return min(width, metrics.horizontalAdvance(text) + 2 * PAD_PX)

        self.flow = Flow(self._texts, self._ends, width, measure, self._extras)
        self._lay_out_more()

    def _lay_out_more(self) -> None:
        more = self.flow.step() if not self.flow.done else False
        self._set_range()
        reached = bool(self.flow.rows) and self.flow.rows[-1].end > (self._hold or (0, 0))[0]
        if self._hold is not None and (not more or reached):
            token, y = self._hold
            self._hold = None
            self.verticalScrollBar().setValue(round(self.flow.row_of(token) * self._row_px - y))
        self.viewport().update()
        if more:
            self._rest.start()
        else:
            self._rest.stop()

    def _remember_place(self) -> None:
        top = self.verticalScrollBar().value()
        row = top // self._row_px
        if self._hold is None and top and row < len(self.flow.rows):
            self._hold = (self.flow.rows[row].begin, row * self._row_px - top)

    def _set_range(self) -> None:
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, len(self.flow.rows) * self._row_px + space.m - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(self._row_px)

    def _show_row(self, row: int) -> None:
        bar, top = self.verticalScrollBar(), row * self._row_px
        if top < bar.value():
            bar.setValue(max(0, top - self._row_px))
        elif top + self._row_px > bar.value() + self.viewport().height():
            bar.setValue(top + 2 * self._row_px - self.viewport().height())

    # ── painting ──

    def paintEvent(self, event: QPaintEvent) -> None:
        self.theme = current_theme()  # asked for once, not for every token
        painter = QPainter(self.viewport())
        painter.setFont(self._painted)
        top = self.verticalScrollBar().value()
        first = max(0, (top + event.rect().top()) // self._row_px)
        last = min(len(self.flow.rows), (top + event.rect().bottom()) // self._row_px + 1)
        width = self.viewport().width() - RIGHT_PX
        for number in range(first, last):
            row = self.flow.rows[number]
            box = QRectF(0, number * self._row_px - top, width, self._row_px)
            if row.extra is not None:
                self.paint_extra(painter, row.extra, box)
                painter.setFont(self._painted)
            else:
                self._paint_row(painter, row, box)

    def _paint_row(self, painter: QPainter, row: Row, box: QRectF) -> None:
        left = box.left()
        for token in range(row.begin, row.end):
            width = self.flow.width_of(token)
            cell = QRectF(left, box.top() + 1, width, box.height() - 3)
            self.paint_token(painter, token, cell)
            painter.setPen(self.text_color(token))
            inside = cell.adjusted(PAD_PX, 0, -PAD_PX + 1, 0)
            draw_line(painter, inside, self._texts[token])
            if token == self.here:
                theme = self.theme
                painter.setPen(QPen(QColor(theme.accent), theme.focus_px if self.hasFocus() else 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(cell.adjusted(0.5, 0.5, -0.5, 0.5))
            left += width + 1

    # ── mouse and keys ──

    def token_at(self, at: QPoint) -> int | None:
        row = (at.y() + self.verticalScrollBar().value()) // self._row_px
        return self.flow.at(row, at.x())

    def extra_at(self, at: QPoint) -> object | None:
        row = (at.y() + self.verticalScrollBar().value()) // self._row_px
        return self.flow.rows[row].extra if 0 <= row < len(self.flow.rows) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        token = self.token_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and token is not None:
            self.go_to(token)
            self.chosen.emit(token)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            token = self.token_at(event.pos())
            if token is not None:
                QToolTip.showText(event.globalPos(), self.tip(token), self.viewport())
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, control = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        page = max(1, self.viewport().height() // self._row_px - 1)
        rows = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
        }
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.go_to(self.here + (1 if key == Qt.Key.Key_Right else -1))
        elif key in rows:
            self._go_rows(rows[Qt.Key(key)])
        elif key == Qt.Key.Key_Home:
            self.go_to(0 if control or not self.flow.rows else self._row().begin)
        elif key == Qt.Key.Key_End:
            self.go_to(len(self._texts) - 1 if control or not self.flow.rows else self._row().end - 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.here >= 0:
            self.chosen.emit(self.here)
        else:
            super().keyPressEvent(event)

    def _row(self) -> Row:
        return self.flow.rows[self.flow.row_of(max(0, self.here))]

    def _go_rows(self, count: int) -> None:
        """To the token nearest below or above."""
        if not self.flow.rows or self.here < 0:
            self.go_to(0)
            return
        x = self.flow.left_of(self.here)
        row, step = self.flow.row_of(self.here), 1 if count > 0 else -1
        wanted = max(0, min(len(self.flow.rows) - 1, row + count))
        while 0 < wanted < len(self.flow.rows) - 1 and self.flow.rows[wanted].extra is not None:
            wanted += step
        found = self.flow.rows[wanted]
        if found.extra is None:
            token = self.flow.at(wanted, x)
            self.go_to(found.end - 1 if token is None else token)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._remember_place()
            self._lay_out()
        else:
            self._set_range()

    def sizeHint(self) -> QSize:
        return QSize(280, 320)
