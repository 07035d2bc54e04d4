"""What a search found: chats, and below each the messages with the words marked. Opens nothing by itself."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.core.types.chats import FoundChat, FoundMessage, Span
from desktop.i18n import _, date, ngettext, number
from desktop.ui.kept_text import draw_line
from desktop.ui.row_ground import paint_row_ground
from desktop.ui.sidebar.rows import ROW_ROLE, Index, title_of
from desktop.ui.theme import current_theme, interface_font, space, type_size
from desktop.view_models.chats import ChatsViewModel

SNIPPET_LINES: Final = 2
INDENT_PX: Final = 12


@dataclass(frozen=True)
class ResultRow:
    """A chat, or with `hit` a message of it."""

    chat: FoundChat
    hit: FoundMessage | None = None


def who(role: str) -> str:
    return _("You") if role == "user" else _("Reply")


class ResultModel(QAbstractListModel):
    """Chats and hits, one after the other."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[ResultRow, ...] = ()

    def show(self, chats: tuple[FoundChat, ...]) -> None:
        self.beginResetModel()
        self.rows = tuple(
            row
            for chat in chats
            for row in (ResultRow(chat), *(ResultRow(chat, hit) for hit in chat.messages))
        )
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return title_of(row.chat.info) if row.hit is None else row.hit.snippet
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(row)
        return None


def spoken(row: ResultRow) -> str:
    """What a screen reader says of a row."""
    if row.hit is not None:
        return f"{who(row.hit.role)}, {date(row.hit.created_at)}: {row.hit.snippet}"
    hits = ngettext("{count} message", "{count} messages", row.chat.hits).format(count=number(row.chat.hits))
    archived = [_("Archived")] if row.chat.info.archived else []
    return ", ".join([title_of(row.chat.info), *archived, hits])


class ResultDelegate(QStyledItemDelegate):
    """Paints rows from the tokens."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        line = QFontMetrics(interface_font()).height()
        if index.data(ROW_ROLE).hit is None:
            return QSize(0, line + 2 * space.s - 2 + (space.s if index.row() else 0))
        caption = QFontMetrics(_caption_font()).height()
        return QSize(0, caption + SNIPPET_LINES * line + space.s + space.xs)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = option.rect.adjusted(0, 1, 0, -1)
        if row.hit is None and index.row():
            box.setTop(box.top() + space.s)
        state = option.state
        paint_row_ground(
            painter,
            QRectF(box),
            chosen=False,
            hovered=bool(state & QStyle.StateFlag.State_MouseOver),
            focused=bool(state & QStyle.StateFlag.State_HasFocus),
        )
        if row.hit is None:
            _paint_chat(painter, box.adjusted(space.s, 0, -space.s, 0), row.chat)
        else:
            _paint_hit(painter, box.adjusted(space.s + INDENT_PX, space.xs // 2, -space.s, 0), row.hit)
        painter.restore()


class ResultList(QListView):
    """Arrow keys move; a click or Enter opens the chat, or the chat at the message."""

    opened = Signal()  # a chat was chosen
    hit_opened = Signal()  # a message was

    def __init__(self, chats: ChatsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chats = chats
        self._model = ResultModel(self)
        self.setModel(self._model)
        self.setItemDelegate(ResultDelegate(self))
        self.setAccessibleName(_("Search results"))
        self.setMouseTracking(True)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        chats.changed.connect(self.refresh)
        self._shown: object = None

    def refresh(self) -> None:
        found = self._chats.found
        if found is not self._shown:
            self._shown = found
            self._model.show(found.chats if found is not None else ())
            self.scrollToTop()

    def open_row(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if not isinstance(row, ResultRow):
            return
        if row.hit is None:
            self._chats.open(row.chat.info.id)
            self.opened.emit()
        else:
            self._chats.open_hit(row.chat.info.id, row.hit.message)
            self.hit_opened.emit()

    def enter(self) -> None:
        """The keys come from the search field."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if self._model.rows and not self.currentIndex().isValid():
            self.setCurrentIndex(self._model.index(0))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.open_row(self.indexAt(event.position().toPoint()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.open_row(self.currentIndex())
        else:
            super().keyPressEvent(event)


def _paint_chat(painter: QPainter, box: QRect, chat: FoundChat) -> None:
    font = interface_font()
    font.setWeight(QFont.Weight.DemiBold)
    if chat.info.archived:
        painter.setFont(_caption_font())
        painter.setPen(QColor(current_theme().muted))
        taken = draw_line(painter, box, _("Archived"), "right")
        box = box.adjusted(0, 0, -round(taken) - space.s, 0)
    room = QRect(box.left(), box.center().y() - QFontMetrics(font).height() // 2, box.width(), box.height())
    _paint_marked(painter, room, title_of(chat.info), chat.title_marks, font, 1)


def _paint_hit(painter: QPainter, box: QRect, hit: FoundMessage) -> None:
    caption = _caption_font()
    painter.setFont(caption)
    painter.setPen(QColor(current_theme().muted))
    height = QFontMetrics(caption).height()
    line = QRect(box.left(), box.top(), box.width(), height)
    draw_line(painter, line, f"{who(hit.role)} · {date(hit.created_at)}")
    rest = box.adjusted(0, height, 0, 0)
    _paint_marked(painter, rest, hit.snippet, hit.marks, interface_font(), SNIPPET_LINES)


def _paint_marked(
    painter: QPainter, box: QRect, text: str, marks: tuple[Span, ...], font: QFont, lines: int
) -> None:
    """Text with found words on the colour of what is chosen, in so many lines at most."""
    theme = current_theme()
    marked = QTextCharFormat()
    marked.setBackground(QColor(theme.select))
    marked.setForeground(QColor(theme.text))
    marked.setFontWeight(QFont.Weight.DemiBold)
    layout = _laid_out(text, font, box.width(), lines)
    last = layout.lineAt(layout.lineCount() - 1)
    end = last.textStart() + last.textLength()
    if end < len(text.encode("utf-16-le")) // 2 and layout.lineCount() == lines:
        # what the last line holds is cut short, as there is more
        before = len(text.encode("utf-16-le")[: 2 * last.textStart()].decode("utf-16-le"))
        rest = QFontMetrics(font).elidedText(text[before:], Qt.TextElideMode.ElideRight, box.width())
        text = text[:before] + rest
        layout = _laid_out(text, font, box.width(), lines)
    ranges = []
    for begin, stop in marks:
        if begin < len(text):
            span = QTextLayout.FormatRange()
            span.start = len(text[:begin].encode("utf-16-le")) // 2
            span.length = len(text[begin:stop].encode("utf-16-le")) // 2
            span.format = marked
            ranges.append(span)
    painter.setPen(QColor(theme.text))
    layout.draw(painter, QPointF(box.topLeft()), ranges)


def _laid_out(text: str, font: QFont, width: int, lines: int) -> QTextLayout:
    layout = QTextLayout(text, font)
    layout.setTextOption(QTextOption(Qt.AlignmentFlag.AlignLeft))
    layout.beginLayout()
    y = 0.0
    for _line in range(lines):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        line.setPosition(QPointF(0, y))
        y += QFontMetrics(font).height()
    layout.endLayout()
    return layout


def _caption_font() -> QFont:
    return interface_font(type_size.caption)
