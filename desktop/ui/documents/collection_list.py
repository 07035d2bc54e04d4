"""The collections at the side of the documents page: chosen, made, renamed, removed. Decides nothing."""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.i18n import _, ngettext, number
from desktop.ui.asked_name import ask_for_name
from desktop.ui.commands import with_keys
from desktop.ui.documents import texts
from desktop.ui.documents.rows import Index
from desktop.ui.kept_text import draw_line
from desktop.ui.row_ground import paint_row_ground
from desktop.ui.theme import current_theme, grown, icon, interface_font, paint_icon, space
from desktop.view_models.documents import DocumentsViewModel
from rag.protocol import DEFAULT_COLLECTION

TRASH = "\x00trash"  # no collection can be called so
_NAME = Qt.ItemDataRole.UserRole
_COUNT = Qt.ItemDataRole.UserRole + 1
_SIGN = Qt.ItemDataRole.UserRole + 2


class CollectionList(QListWidget):
    """F2 renames, Delete removes, the menu key or a right click shows what else there is."""

    trash_wanted = Signal(bool)  # whether the trash is to be shown in place of documents

    def __init__(self, view_model: DocumentsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self._trashed = 0
        self.in_trash = False
        self.setItemDelegate(_Delegate(self))
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.setAutoFillBackground(False)
        self.setAccessibleName(_("Collections"))
        self.currentItemChanged.connect(self._chosen)
        view_model.collections_changed.connect(self.refresh)
        view_model.switches_changed.connect(self.refresh)
        self.refresh()

    def show_trash(self, count: int) -> None:
        """How many documents lie in the trash; 0: it is not listed."""
        self._trashed = count
        if not count and self.in_trash:
            self._leave_trash()
        self.refresh()

    def refresh(self) -> None:
        model = self._view_model
        self.blockSignals(True)
        self.clear()
        for info in model.collections:
            used = info.name in model.used
            told = ngettext("{count} document", "{count} documents", info.documents)
            spoken = f"{texts.collection_name(info.name)}, {told.format(count=number(info.documents))}"
            if used:
                spoken += ", " + _("used in this chat")
            item = self._item(texts.collection_name(info.name), info.name, info.documents, spoken)
            item.setData(_SIGN, "check" if used else "folder")
            if info.name == model.current and not self.in_trash:
                self.setCurrentItem(item)
        if self._trashed:
            told = ngettext("{count} document", "{count} documents", self._trashed)
            spoken = f"{_('Trash')}, {told.format(count=number(self._trashed))}"
            item = self._item(_("Trash"), TRASH, self._trashed, spoken)
            item.setData(_SIGN, "delete")
            if self.in_trash:
                self.setCurrentItem(item)
        self.blockSignals(False)

    def _item(self, shown: str, name: str, count: int, spoken: str) -> QListWidgetItem:
        item = QListWidgetItem(shown)
        item.setData(_NAME, name)
        item.setData(_COUNT, count)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
        self.addItem(item)
        return item

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        name = str(item.data(_NAME))
        if name == TRASH:
            self.in_trash = True
            self.trash_wanted.emit(True)
            return
        self._leave_trash()
        self._view_model.choose(name)

    def _leave_trash(self) -> None:
        if self.in_trash:
            self.in_trash = False
            self.trash_wanted.emit(False)

    # ── what can be done ──

    def ask_for_new(self) -> None:
        def create(name: str) -> None:
            self._leave_trash()
            self._view_model.create_collection(name)

        title, words = _("New collection"), _("Name of the new collection")
        ask_for_name(self, title, words, _("Create"), create)

    def ask_for_name(self, name: str) -> None:
        if name in (DEFAULT_COLLECTION, TRASH):
            return

        def rename(new: str) -> None:
            self._view_model.rename_collection(name, new)

        title, words = _("Rename the collection"), _("New name of the collection")
        ask_for_name(self, title, words, _("Rename"), rename, name)

    def menu_for(self, name: str) -> QMenu:
        menu = QMenu(self)
        used = menu.addAction(_("Use in this chat"))
        used.setCheckable(True)
        used.setChecked(name in self._view_model.used)
        used.toggled.connect(lambda on: self._view_model.set_used(name, on))
        if name != DEFAULT_COLLECTION:
            menu.addSeparator()
            renaming = menu.addAction(icon("edit"), with_keys(_("Rename"), "F2"))
            renaming.triggered.connect(lambda: self.ask_for_name(name))
            removing = menu.addAction(icon("delete"), with_keys(_("Remove"), "Del"))
            removing.triggered.connect(lambda: self._view_model.remove_collection(name))
        return menu

    def _current_name(self) -> str:
        item = self.currentItem()
        return str(item.data(_NAME)) if item is not None else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        name = self._current_name()
        if event.key() == Qt.Key.Key_F2:
            self.ask_for_name(name)
        elif event.key() == Qt.Key.Key_Delete and name not in ("", DEFAULT_COLLECTION, TRASH):
            self._view_model.remove_collection(name)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        item = self.currentItem() if by_key else self.itemAt(event.pos())
        if item is None or item.data(_NAME) == TRASH:
            return
        menu = self.menu_for(str(item.data(_NAME)))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box = self.visualItemRect(item)
        where = QPoint(box.left() + space.l, box.center().y()) if by_key else event.pos()
        menu.popup(self.viewport().mapToGlobal(where))


class _Delegate(QStyledItemDelegate):
    """A sign, a name that is cut where it must be, a number."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(super().sizeHint(option, index).width(), grown(36))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = current_theme()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_row_ground(
            painter,
            QRectF(option.rect).adjusted(1, 1, -1, -1),
            chosen=selected,
            hovered=bool(option.state & QStyle.StateFlag.State_MouseOver),
            focused=bool(option.state & QStyle.StateFlag.State_HasFocus),
        )
        side = grown(18)
        box = QRectF(0, 0, side, side)
        box.moveCenter(QRectF(option.rect).center())
        box.moveLeft(option.rect.left() + space.s)
        sign = str(index.data(_SIGN))
        paint_icon(painter, sign, box, QColor(theme.sage if sign == "check" else theme.muted))
        painter.setFont(interface_font())
        inner = option.rect.adjusted(round(side) + 2 * space.s, 0, -space.s, 0)
        painter.setPen(QColor(theme.muted))
        taken = draw_line(painter, inner, number(index.data(_COUNT) or 0), "right")
        inner.setRight(inner.right() - round(taken) - space.s)
        painter.setPen(QColor(theme.text))
        draw_line(painter, inner, str(index.data()))
        painter.restore()
