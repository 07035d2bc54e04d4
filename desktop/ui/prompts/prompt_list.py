"""A search field and the prompts below it, by folder: for the page and for the panel. Paints and forwards."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from desktop import i18n
from desktop.core.types.prompts import SEPARATOR
from desktop.i18n import _
from desktop.ui.line_signs import lead_with_icon
from desktop.ui.pieces import label
from desktop.ui.prompts.texts import heading, mark_of, name_of
from desktop.ui.theme import current_theme, interface_font, space
from desktop.view_models.prompt_library import PromptLibraryViewModel, grouped

KEY_ROLE = Qt.ItemDataRole.UserRole


class PromptList(QWidget):
    """`chosen`: by a click, or by Enter. `following`: what is current is chosen at once."""

    chosen = Signal(str)  # a key
    left = Signal()  # Escape in an empty search field

    def __init__(self, library: PromptLibraryViewModel, *, following: bool = False) -> None:
        super().__init__()
        self._library = library
        self._following = following
        self._filling = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.xs)
        self.search = _Search(library.query)
        self.search.setPlaceholderText(_("Search prompts"))
        self.search.setAccessibleName(_("Search prompts"))
        lead_with_icon(self.search, "search")
        self.search.textEdited.connect(library.search)
        self.search.down.connect(self._to_list)
        self.search.entered.connect(self._first)
        self.search.left.connect(self.left)
        self.rows = QListWidget()
        self.rows.setAccessibleName(_("Prompts"))
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.setWordWrap(True)
        self.rows.itemActivated.connect(self._choose)
        self.rows.itemClicked.connect(self._choose)
        self.rows.currentItemChanged.connect(self._follow)
        self.nothing = label(_("No prompt has these words."), "muted", wrap=True)
        self.nothing.hide()
        column.addWidget(self.search)
        column.addWidget(self.rows, 1)
        column.addWidget(self.nothing)
        library.listed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Others are listed; what is current stays so."""
        at = self.key
        self._filling = True
        if self.search.text() != self._library.query:
            self.search.setText(self._library.query)
        self.rows.clear()
        here = [one for one in self._library.prompts if one.version or self._following]
        indent = "\u2003"  # as wide as a letter, and no part of a name
        for group in grouped(self._library.prompts, i18n.language()):
            # a chat is given what was saved; drafts are listed where they can be finished
            prompts = [one for one in group.prompts if one.version or self._following]
            if prompts or any(one.folder.startswith(group.path + SEPARATOR) for one in here):
                self._head(indent * group.depth + heading(group))
            for prompt in prompts:
                mark, name = mark_of(prompt), indent * group.depth + name_of(prompt)
                item = QListWidgetItem(f"{name} •" if mark else name)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{name}, {mark}" if mark else name)
                item.setData(KEY_ROLE, prompt.key)
                item.setToolTip(f"{name_of(prompt)} · {mark}" if mark else name_of(prompt))
                self.rows.addItem(item)
        self.nothing.setVisible(not self.rows.count() and bool(self._library.query))
        self.show_current(at)
        self._filling = False

    @property
    def key(self) -> str:
        item = self.rows.currentItem()
        return str(item.data(KEY_ROLE) or "") if item is not None else ""

    def show_current(self, key: str) -> None:
        """Mark a prompt without choosing it."""
        before, self._filling = self._filling, True
        found = [item for item in self._items() if key and item.data(KEY_ROLE) == key]
        if found:
            self.rows.setCurrentItem(found[0])
        else:
            self.rows.setCurrentRow(-1)
        self._filling = before

    def focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)
        self.search.selectAll()

    def _head(self, words: str) -> None:
        item = QListWidgetItem(words)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        font = interface_font()
        font.setWeight(font.Weight.DemiBold)
        font.setPointSizeF(font.pointSizeF() * 0.87)
        item.setFont(font)
        item.setForeground(QColor(current_theme().muted))
        self.rows.addItem(item)

    def _items(self) -> list[QListWidgetItem]:
        return [self.rows.item(row) for row in range(self.rows.count())]

    def _choose(self, item: QListWidgetItem) -> None:
        key = item.data(KEY_ROLE)
        if key:
            self.chosen.emit(key)

    def _follow(self, item: QListWidgetItem | None) -> None:
        if self._following and not self._filling and item is not None:
            self._choose(item)

    def _to_list(self) -> None:
        self.rows.setFocus(Qt.FocusReason.OtherFocusReason)
        if not self.key:
            first = next((item for item in self._items() if item.data(KEY_ROLE)), None)
            if first is not None:
                self.rows.setCurrentItem(first)

    def _first(self) -> None:
        first = next((item for item in self._items() if item.data(KEY_ROLE)), None)
        if first is not None:
            self._choose(first)


class _Search(QLineEdit):
    """The arrow down goes to the list, Enter takes its first; Escape empties it, then leaves."""

    down = Signal()
    entered = Signal()
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape if self.text():
                self.clear()
                self.textEdited.emit("")
            case Qt.Key.Key_Escape:
                self.left.emit()
            case Qt.Key.Key_Down:
                self.down.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.entered.emit()
            case _:
                super().keyPressEvent(event)
