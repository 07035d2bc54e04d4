"""The command palette: type a few letters of anything the window knows, and Enter goes there or does it."""

from collections.abc import Callable, Iterable
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QListView, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.line_signs import lead_with_icon
from desktop.ui.pieces import label
from desktop.ui.shell.rows import Row, RowDelegate, Rows
from desktop.ui.theme import set_kind, space, text_scale
from desktop.view_models.finding import NO_MATCH, folded, score_both, words_of

Source = Callable[[], Iterable[Row]]

WIDTH_PX: Final = 560
TOP_PX: Final = 64  # below the window's edge
MOST_SEEN: Final = 11
MOST_FOUND: Final = 60

_LIST_KEYS: Final = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class CommandPalette(QWidget):
    """A card over the window; a click beside it closes it. `sources` tell what there is when it opens,
    in the order of the list."""

    chosen = Signal()
    opening = Signal()  # time to look for what is told later

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.sources: dict[str, Source] = {}
        self._all: list[tuple[str, str, Row]] = []  # its words and what else finds it, folded
        self._first: list[Row] = []  # shown while nothing is typed
        self._before: QWidget | None = None  # had the keys
        self.card = QFrame(self)
        set_kind(self.card, "card")
        self.setAccessibleName(_("Command palette"))
        self.field = QLineEdit()
        lead_with_icon(self.field, "search")
        words = _("Find a command, a chat, a prompt, a model or a setting")
        self.field.setPlaceholderText(words)
        self.field.setAccessibleName(words)
        self.field.textChanged.connect(self._find)
        self.field.installEventFilter(self)
        self.model = Rows()
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(RowDelegate(self.list))
        self.list.setAccessibleName(_("Found"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the field keeps the keys
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(self._choose)
        self.nothing = label(_("Nothing is called that."), "muted")
        self.nothing.setContentsMargins(space.s, space.s, space.s, space.s)
        column = QVBoxLayout(self.card)
        column.setContentsMargins(space.s, space.s, space.s, space.s)
        column.setSpacing(space.xs)
        column.addWidget(self.field)
        column.addWidget(self.list)
        column.addWidget(self.nothing)
        self.hide()
        parent.installEventFilter(self)

    # ── opening and closing ──

    def open(self) -> None:
        """Come forward with everything there is; a second time: go away."""
        if self.isVisible():
            self.leave()
            return
        self._before = QApplication.focusWidget()
        self.opening.emit()
        self._gather()
        self.field.clear()
        self._find("")
        self.raise_()
        self.show()
        self._place()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _gather(self) -> None:
        gathered = [(name, row) for name, source in self.sources.items() for row in source()]
        self._all = [(folded(row.words), folded(row.more), row) for _name, row in gathered]
        self._first = [row for name, row in gathered if name == next(iter(self.sources))]

    def gather_again(self) -> None:
        """A source has learned of more: it is found from now on."""
        if self.isVisible():
            self._gather()
            self._find(self.field.text())

    def leave(self) -> None:
        """Go away, and give the keys back."""
        if not self.isVisible():
            return
        had = self.field.hasFocus()
        self.hide()
        self._all = []
        if had and self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._before = None

    def _place(self) -> None:
        parent = self.parentWidget()
        room = parent.size() if parent is not None else QSize(WIDTH_PX, 480)
        self.setGeometry(0, 0, room.width(), room.height())
        rows = min(MOST_SEEN, len(self.model.rows))
        needed = sum(self.list.sizeHintForRow(row) for row in range(rows)) + 2
        top = min(TOP_PX, room.height() // 8)
        around = self.field.sizeHint().height() + 2 * space.s + space.xs
        self.list.setFixedHeight(max(0, min(needed, room.height() - top - around - space.l)))
        self.list.setVisible(rows > 0)
        self.nothing.setVisible(rows == 0)
        width = min(round(WIDTH_PX * max(1.0, text_scale())), room.width() - 2 * space.l)
        self.card.setFixedWidth(width)
        self.card.adjustSize()
        self.card.move((room.width() - width) // 2, top)

    # ── finding ──

    def _find(self, query: str) -> None:
        words = words_of(query)
        if not words:
            found = self._first
        else:
            scored = ((score_both(words, text, more), row) for text, more, row in self._all)
            best = sorted(((points, row) for points, row in scored if points != NO_MATCH), key=_points)
            found = [row for _points_of, row in best[:MOST_FOUND]]
        self.model.show(found)
        if found:
            self.list.setCurrentIndex(self.model.index(0))
        if self.isVisible():
            self._place()
        self._tell_current()

    def _tell_current(self) -> None:
        """A screen reader hears the chosen row: the keys are in the field."""
        row = self.model.row_at(self.list.currentIndex())
        text = self.model.data(self.list.currentIndex(), Qt.ItemDataRole.AccessibleTextRole)
        self.field.setAccessibleDescription(str(text) if row is not None else self.nothing.text())

    def _choose(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is None or row.act is None:
            return
        self.leave()
        self.chosen.emit()
        row.act()

    # ── keys and mouse ──

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._pressed(event)
        if watched is self.parentWidget() and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.card.geometry().contains(event.position().toPoint()):
            self.leave()

    def _pressed(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key in _LIST_KEYS:
            self._step(event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.list.currentIndex())
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self.leave()
        else:
            return False
        return True

    def _step(self, event: QKeyEvent) -> None:
        count = len(self.model.rows)
        if not count:
            return
        steps = dict(zip(_LIST_KEYS, (-1, 1, 1 - MOST_SEEN, MOST_SEEN - 1), strict=True))
        step, row = steps[Qt.Key(event.key())], self.list.currentIndex().row()
        # one step goes round, a page stops at the end
        to = (row + step) % count if abs(step) == 1 else max(0, min(count - 1, row + step))
        self.list.setCurrentIndex(self.model.index(to))
        self.list.scrollTo(self.model.index(to))
        self._tell_current()


def _points(found: tuple[int, Row]) -> int:
    return -found[0]
