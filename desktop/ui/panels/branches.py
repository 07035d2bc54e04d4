"""The map of a chat as a panel: every message of every branch, and what leads from one to the other."""

from typing import Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QHideEvent,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPen,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.i18n import _, ngettext, number
from desktop.ui.kept_text import draw_line
from desktop.ui.pieces import label
from desktop.ui.row_ground import paint_row_ground
from desktop.ui.theme import current_theme, space
from desktop.view_models.branch_rows import BranchRow
from desktop.view_models.branches import BranchesViewModel

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole

STEP_PX: Final = 14  # from one line to the next on its right
FIRST_PX: Final = 16  # where the first line runs
DEEPEST: Final = 9  # lines further to the right run together: there must be room for words
DOT_PX: Final = 4.0


def words_of(row: BranchRow) -> str:
    """What a row says."""
    if row.node is None:
        said = ngettext("{count} more version", "{count} more versions", row.more)
        return said.format(count=number(row.more))
    if row.node.words:
        return row.node.words
    return _("Nothing was written") if row.node.state != "streaming" else _("Being written")


def spoken(row: BranchRow) -> str:
    """A row for who cannot see the lines."""
    if row.node is None:
        return words_of(row)
    author = _("You") if row.node.role == "user" else "Sobremesa"
    parts = [f"{author}: {words_of(row)}"]
    if row.branches:
        parts.append(
            ngettext("one of {count} version", "one of {count} versions", row.branches).format(
                count=number(row.branches)
            )
        )
    if row.shown:
        parts.append(_("shown now"))
    return ", ".join(parts)


class BranchModel(QAbstractListModel):
    """The rows of the view model."""

    def __init__(self, branches: BranchesViewModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._branches = branches
        self.rows = branches.rows

    def take(self) -> None:
        self.beginResetModel()
        self.rows = self._branches.rows
        self.endResetModel()

    def row_of(self, message: int) -> int:
        """Where a message stands, or -1."""
        found = (at for at, row in enumerate(self.rows) if row.node is not None and row.node.id == message)
        return next(found, -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return words_of(row)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return spoken(row)
        return None


class BranchDelegate(QStyledItemDelegate):
    """Lines and dots on the left, the first words on the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        return QSize(120, option.fontMetrics.height() + 12)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        if not isinstance(row, BranchRow):
            return
        theme = current_theme()
        box = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state = option.state
        paint_row_ground(
            painter,
            box.adjusted(2, 1, -2, -1),
            chosen=False,
            hovered=bool(state & QStyle.StateFlag.State_MouseOver),
            focused=bool(state & QStyle.StateFlag.State_HasFocus),
        )
        self._lines(painter, row, box)
        left = round(_x(row.depth) + DOT_PX + space.s)
        room = QRect(left, option.rect.top(), option.rect.right() - left - space.s, option.rect.height())
        font = QFont(option.font)
        if row.node is not None and row.node.role == "user":
            font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        quiet = row.node is None or not row.shown or not row.node.words
        painter.setPen(QColor(theme.muted if quiet else theme.text))
        draw_line(painter, room, words_of(row))
        painter.restore()

    def _lines(self, painter: QPainter, row: BranchRow, box: QRectF) -> None:
        theme = current_theme()
        quiet, strong = QPen(QColor(theme.muted), 1.2), QPen(QColor(theme.accent), 1.8)
        middle = box.center().y()
        here = QPointF(_x(row.depth), middle)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for lane, of_the_way in row.lanes:
            if _x(lane) != here.x():
                painter.setPen(strong if of_the_way else quiet)
                painter.drawLine(QPointF(_x(lane), box.top()), QPointF(_x(lane), box.bottom()))
        painter.setPen(strong if row.shown else quiet)
        if row.above:
            painter.drawLine(QPointF(here.x(), box.top()), here)
        elif row.lanes and row.lanes[-1][0] == row.depth - 1:
            start = QPointF(_x(row.depth - 1), box.top())
            bend = QPainterPath(start)
            bend.cubicTo(QPointF(start.x(), middle), QPointF(start.x(), middle), here)
            painter.drawPath(bend)
        if row.below:
            painter.drawLine(here, QPointF(here.x(), box.bottom()))
        if row.node is None:
            return
        painter.setPen(strong if row.shown else quiet)
        fill = theme.accent if row.shown else theme.panel
        painter.setBrush(QColor(fill))
        painter.drawEllipse(here, DOT_PX, DOT_PX)


def _x(depth: int) -> float:
    return FIRST_PX + STEP_PX * min(depth, DEEPEST)


class BranchList(QListView):
    """Up and Down go through all rows, Left and Right along a branch past others; Enter goes there."""

    def __init__(self, branches: BranchesViewModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._branches = branches
        self.rows = BranchModel(branches, self)
        self.setModel(self.rows)
        self.setItemDelegate(BranchDelegate(self))
        self.setAccessibleName(_("Branches of this chat"))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self.act_on)
        branches.changed.connect(self.refresh)

    def refresh(self) -> None:
        """Show what there is now; who stood at a message stands there still."""
        at = self._row(self.currentIndex())
        node = at.node if at is not None else None
        scrolled = self.verticalScrollBar().value()
        fold = at.parent if at is not None and at.more else None
        self.rows.take()
        place = self.rows.row_of(node.id) if node is not None else -1
        if fold is not None:  # what was unfolded begins where the fold was
            parents = (row.node.parent if row.node is not None else None for row in self.rows.rows)
            place = next((n for n, parent in enumerate(parents) if (parent or 0) == fold), -1)
        if place < 0:
            place = self.rows.row_of(self._branches.last_shown)
            self.setCurrentIndex(self.rows.index(place))
            self.scrollTo(self.rows.index(place), QAbstractItemView.ScrollHint.PositionAtCenter)
            return
        self.setCurrentIndex(self.rows.index(place))
        self.verticalScrollBar().setValue(scrolled)

    def _row(self, index: Index) -> BranchRow | None:
        row = index.data(ROW_ROLE) if index.isValid() else None
        return row if isinstance(row, BranchRow) else None

    def act_on(self, index: Index) -> None:
        """Go to a message, or unfold what is folded."""
        row = self._row(index)
        if row is None:
            return
        if row.node is None:
            self._branches.unfold(row.parent)
        else:
            self._branches.go(row.node.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, row = event.key(), self._row(self.currentIndex())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.act_on(self.currentIndex())
        elif key == Qt.Key.Key_Right and row is not None and row.node is None:
            self._branches.unfold(row.parent)
        elif key == Qt.Key.Key_Right and row is not None:
            self._step(self.currentIndex().row(), row)
        elif key == Qt.Key.Key_Left and row is not None:
            parent = row.node.parent if row.node is not None else row.parent
            place = self.rows.row_of(parent or 0)
            if place >= 0:
                self.setCurrentIndex(self.rows.index(place))
        else:
            super().keyPressEvent(event)

    def _step(self, place: int, row: BranchRow) -> None:
        """On along this branch, past what leaves it."""
        rest = enumerate(self.rows.rows[place + 1 :], place + 1)
        following = next(((at, there) for at, there in rest if there.depth <= row.depth), None)
        if row.below and following is not None:
            self.setCurrentIndex(self.rows.index(following[0]))


class BranchesPanel(QWidget):
    """Looks for changes only while it is seen."""

    def __init__(self, branches: BranchesViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._branches = branches
        self.summary = label("", "muted", wrap=True)
        self.summary.setContentsMargins(space.l, 0, space.l, space.s)
        self.list = BranchList(branches, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.summary)
        column.addWidget(self.list, 1)
        branches.changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        messages, ends = self._branches.messages, self._branches.ends
        if not messages:
            self.summary.setText(_("Nothing was said in this chat yet."))
        elif ends == 1:
            self.summary.setText(
                _("This chat has one branch. Another begins with every new version of a message.")
            )
        else:
            said = _("{messages} messages in {branches} branches. The marked way is the one that is shown.")
            self.summary.setText(said.format(messages=number(messages), branches=number(ends)))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._branches.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._branches.watch(False)
