"""Hundreds of cards in one column, of which only those near the window exist. Knows no models.

Heights out of sight are guesses. While they become exact, the card at the window's top edge keeps its place.
Cards are made a few at a time, so that no turn of the event loop takes long.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from time import perf_counter

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from desktop.ui.theme import grown, layout, space

BUDGET_S = 0.012  # for making cards in one turn of the event loop
KEPT = 40  # cards that exist at most besides those near the window
KEYS = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: 4,
    Qt.Key.Key_PageUp: -4,
    Qt.Key.Key_End: 1_000_000,
    Qt.Key.Key_Home: -1_000_000,
}


@dataclass
class Row:
    """`key` stays the same while the row is about the same thing. `guess_px`: its height until it exists."""

    key: str
    make: Callable[[], QWidget]
    guess_px: int = 112
    widget: QWidget | None = field(default=None, compare=False)
    height: int = field(default=0, compare=False)
    at_width: int = field(default=0, compare=False)


class CardStack(QScrollArea):
    """One column of rows, centred, with the arrow keys going from card to card."""

    in_sight = Signal()  # other rows than before are in the window: `visible_keys`
    left = Signal()  # what had the keys is gone, and nothing after it takes them

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._tops: list[int] = [0]
        self._ground = QWidget()
        self.setWidget(self._ground)
        for ground in (self._ground, self.viewport()):
            ground.setAutoFillBackground(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its cards take the keys
        self._busy = False
        self._seen: tuple[str, ...] = ()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._arrange)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    # ── what it holds ──

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    def set_rows(self, rows: Sequence[Row]) -> None:
        """These rows from now on; one with a key that was there keeps its widget and its place."""
        anchor = self._anchor()
        known = {row.key: row for row in self._rows}
        self._rows = [known.pop(row.key, row) for row in rows]
        had_keys = any(gone.widget is not None and _has_focus(gone.widget) for gone in known.values())
        for gone in known.values():
            self._let_go(gone)
        self._pile()
        self._hold(anchor)
        self._arrange()
        if had_keys and not _has_focus(self):
            self.left.emit()

    def widget_of(self, key: str) -> QWidget | None:
        """The row's widget, where it exists."""
        return next((row.widget for row in self._rows if row.key == key), None)

    def built(self) -> list[QWidget]:
        """The widgets that exist, from the top."""
        return [row.widget for row in self._rows if row.widget is not None]

    @property
    def visible_keys(self) -> list[str]:
        top = self.verticalScrollBar().value()
        return [self._rows[place].key for place in self._between(top, top + self.viewport().height())]

    def reveal(self, key: str, *, focus: bool = False) -> None:
        """Scroll to a row, and give it the keys."""
        for place, row in enumerate(self._rows):
            if row.key == key:
                self._show(place, focus=focus)

    def to_top(self) -> None:
        self.verticalScrollBar().setValue(0)

    # ── where things are ──

    @property
    def _column_px(self) -> int:
        # not the viewport's: a scroll bar stands in the margin, and cards stay in line with what is above
        return min(grown(layout.conversation_px), self.width() - 2 * space.l)

    def _pile(self) -> None:
        heights = (row.height or row.guess_px for row in self._rows)
        self._tops = list(accumulate((height + space.s for height in heights), initial=space.xs))
        total = self._tops[-1] + space.xl
        self._ground.resize(self.viewport().width(), max(total, self.viewport().height()))

    def _between(self, top: float, bottom: float) -> range:
        first = max(0, bisect_right(self._tops, top) - 1)
        last = bisect_right(self._tops, bottom)
        return range(first, min(last, len(self._rows)))

    def _anchor(self) -> tuple[str, int] | None:
        value = self.verticalScrollBar().value()
        if value == 0 or not self._rows:
            return None
        place = min(len(self._rows) - 1, max(0, bisect_right(self._tops, value) - 1))
        return self._rows[place].key, value - self._tops[place]

    def _hold(self, anchor: tuple[str, int] | None) -> None:
        if anchor is not None:
            key, offset = anchor
            for place, row in enumerate(self._rows):
                if row.key == key:
                    self.verticalScrollBar().setValue(self._tops[place] + offset)
                    return

    # ── making and placing ──

    def _scrolled(self) -> None:
        if not self._busy:
            self._arrange()

    def _arrange(self) -> None:
        """Make what is near the window, as far as this turn's time goes, and put everything in its place."""
        if self._busy or self.viewport().width() < 10 * space.s:
            return
        self._busy = True
        began, left = perf_counter(), False
        width = self._column_px
        for _round in range(4):
            anchor = self._anchor()
            made, left = self._make_near(began, width)
            if not made:
                break
            self._pile()
            self._hold(anchor)
        self._place(width)
        self._free()
        self._busy = False
        if left:
            self._later.start(0)
        seen = tuple(self.visible_keys)
        if seen != self._seen or not left:
            self._seen = seen
            self.in_sight.emit()

    def _make_near(self, began: float, width: int) -> tuple[bool, bool]:
        """Whether a height changed, and whether some are still to be made."""
        value, height = self.verticalScrollBar().value(), self.viewport().height()
        near = list(self._between(value, value + height))
        near += [place for place in self._between(value - height, value + 2 * height) if place not in near]
        changed = False
        for place in near:
            row = self._rows[place]
            if row.widget is None or row.at_width != width:
                if perf_counter() - began > BUDGET_S:
                    return changed, True
                changed |= self._build(row, width)
        return changed, False

    def _build(self, row: Row, width: int) -> bool:
        if row.widget is None:
            row.widget = row.make()
            row.widget.setParent(self._ground)
            row.widget.installEventFilter(self)
            row.widget.ensurePolished()
            row.widget.show()
            self._chain(row)
        return self._measure(row, width)

    def _measure(self, row: Row, width: int) -> bool:
        """Whether the row came out at another height."""
        widget = row.widget
        if widget is None:
            return False
        inner = widget.layout()
        if inner is not None:
            inner.activate()
        height = widget.heightForWidth(width)
        if height < 0:
            height = widget.sizeHint().height()
        changed = height != row.height
        row.height, row.at_width = height, width
        return changed

    def _place(self, width: int) -> None:
        # in the middle of the page: the scroll bar takes its room at the edge, where there is some
        left = min((self.width() - width) // 2, self.viewport().width() - width)
        for row, top in zip(self._rows, self._tops, strict=False):
            if row.widget is not None:
                row.widget.setGeometry(left, top, width, row.height)
                # one that nobody measured since something changed waits out of sight
                fresh = row.at_width == width or _has_focus(row.widget)
                if fresh != row.widget.isVisibleTo(self._ground):
                    row.widget.setVisible(fresh)

    def _free(self) -> None:
        value, height = self.verticalScrollBar().value(), self.viewport().height()
        near = set(self._between(value - 2 * height, value + 3 * height))
        far = [row for place, row in enumerate(self._rows) if row.widget is not None and place not in near]
        for row in far[KEPT:]:
            if row.widget is not None and not _has_focus(row.widget):
                self._let_go(row)

    def _let_go(self, row: Row) -> None:
        if row.widget is not None:
            row.widget.removeEventFilter(self)
            row.widget.hide()
            row.widget.deleteLater()
            row.widget = None
            row.at_width = 0

    def _chain(self, new: Row) -> None:
        """Tab goes down the rows in the order in which they stand, whenever they were made."""
        built = [row for row in self._rows if row.widget is not None]
        place = built.index(new)
        for before, after in pairwise(built[max(0, place - 1) : place + 2]):
            if before.widget is not None and after.widget is not None:
                QWidget.setTabOrder(_last_stop(before.widget), after.widget)
                _chain_inside(after.widget)

    # ── what happens in it ──

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        anchor = self._anchor()
        self._pile()
        self._hold(anchor)
        self._arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest and not self._busy:
            for row in self._rows:
                if row.widget is watched:
                    row.at_width = 0  # it says more, or less, than before
                    self._later.start(0)
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = KEYS.get(Qt.Key(event.key()))
            if step is not None and isinstance(watched, QWidget) and watched.hasFocus():
                return self._step(watched, step)
        return super().eventFilter(watched, event)

    def _step(self, watched: QWidget, step: int) -> bool:
        here = next((place for place, row in enumerate(self._rows) if row.widget is watched), None)
        if here is None:
            return False
        target = max(0, min(len(self._rows) - 1, here + step))
        toward = 1 if step > 0 else -1
        # headings take no keys: go on past them, or back where there is nothing behind
        for places in (range(target, len(self._rows)), range(target, -1, -1))[::toward]:
            for place in places:
                if (place - here) * toward > 0 and self._show(place, focus=True):
                    return True
        return True

    def _show(self, place: int, *, focus: bool) -> bool:
        row = self._rows[place]
        if row.widget is None or row.at_width != self._column_px:
            self._build(row, self._column_px)
            self._pile()
        widget = row.widget
        if widget is None or (focus and widget.focusPolicy() == Qt.FocusPolicy.NoFocus):
            return False
        self._scroll_to(place)
        self._arrange()
        if focus:
            widget.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def _scroll_to(self, place: int) -> None:
        bar, room = self.verticalScrollBar(), self.viewport().height()
        top, bottom = self._tops[place] - space.l, self._tops[place] + self._rows[place].height + space.l
        if top < bar.value():
            bar.setValue(top)
        elif bottom > bar.value() + room:
            bar.setValue(min(top, bottom - room))


def _has_focus(widget: QWidget) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and (focused is widget or widget.isAncestorOf(focused))


def _stops(widget: QWidget) -> list[QWidget]:
    """What Tab goes to inside, in the order in which it was made."""
    return [
        child
        for child in widget.findChildren(QWidget)
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.focusProxy() is None
    ]


def _last_stop(widget: QWidget) -> QWidget:
    return (_stops(widget) or [widget])[-1]


def _chain_inside(widget: QWidget) -> None:
    for before, after in pairwise([widget, *_stops(widget)]):
        QWidget.setTabOrder(before, after)
