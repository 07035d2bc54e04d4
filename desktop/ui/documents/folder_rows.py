"""The watched folders of a collection: where they are, what is wrong with them, and a switch for each."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from desktop.core.errors import Reported
from desktop.i18n import _, ngettext, number
from desktop.ui.documents.elided import ElidedLabel, plain_tip
from desktop.ui.documents.switch import Switch
from desktop.ui.documents.texts import said
from desktop.ui.folding_row import FoldingRow
from desktop.ui.pieces import icon_button, icon_label, label
from desktop.ui.theme import icon, set_kind, space
from desktop.view_models.library_keeping import LibraryKeepingViewModel, folder_name
from rag.protocol import WatchedFolder


class FolderRows(QWidget):
    """Hidden while the collection has none."""

    def __init__(self, keeping: LibraryKeepingViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keeping = keeping
        self._collection = ""
        self.rows: list[FolderRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(space.xs)
        self.setSizePolicy(whole_height(self))
        keeping.folders_changed.connect(self._refresh)
        self.hide()

    def show_of(self, collection: str) -> None:
        if collection != self._collection:
            self._collection = collection
            self._refresh()

    def _refresh(self) -> None:
        folders = self._keeping.folders_of(self._collection)
        if [row.folder for row in self.rows] == list(folders):
            return
        focused = next((row.folder.folder for row in self.rows if row.switch.hasFocus()), None)
        for row in self.rows:
            self._column.removeWidget(row)
            row.deleteLater()
        self.rows = [FolderRow(folder, self) for folder in folders]
        for row in self.rows:
            row.watch_wanted.connect(self._watch)
            row.forget_wanted.connect(self._forget)
            self._column.addWidget(row)
            if row.folder.folder == focused:
                row.switch.setFocus(Qt.FocusReason.OtherFocusReason)
        self.setVisible(bool(self.rows))

    def _watch(self, folder: WatchedFolder, on: bool) -> None:
        self._keeping.watch(folder.path, folder.collection, watched=on)

    def _forget(self, folder: WatchedFolder, remove: bool) -> None:
        self._keeping.forget(folder, remove=remove)


def whole_height(widget: QWidget) -> QSizePolicy:
    """Where room is short the list beside it gives way, not its words."""
    policy = widget.sizePolicy()
    policy.setVerticalPolicy(QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    return policy


class FolderRow(QWidget):
    watch_wanted = Signal(object, bool)
    forget_wanted = Signal(object, bool)  # the folder, and whether its documents go too

    def __init__(self, folder: WatchedFolder, parent: QWidget) -> None:
        super().__init__(parent)
        self.folder = folder
        set_kind(self, "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        problem = Reported.of(folder.problem).problem() if folder.problem is not None else None
        name = ElidedLabel(self)
        name.setText(folder_name(folder))
        name.setToolTip(plain_tip(folder.path))
        told = ngettext("{count} document", "{count} documents", folder.documents)
        count = label(told.format(count=number(folder.documents)), "caption")
        self.switch = Switch(_("Watch"), self)
        self.switch.setChecked(folder.watched)
        self.switch.setAccessibleName(_("Watch the folder {name}").format(name=folder_name(folder)))
        self.switch.setToolTip(_("Index what changes in this folder, whenever it does"))
        self.switch.toggled.connect(lambda on: self.watch_wanted.emit(folder, on))
        self.more = icon_button("more", _("More about the folder {name}").format(name=folder_name(folder)))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        leaving = menu.addAction(icon("close"), _("Take off this list; its documents stay"))
        leaving.triggered.connect(lambda: self.forget_wanted.emit(folder, False))
        removing = menu.addAction(icon("delete"), _("Remove with its documents"))
        removing.triggered.connect(lambda: self.forget_wanted.emit(folder, True))
        self.more.setMenu(menu)
        what, deeds, top = QHBoxLayout(), QHBoxLayout(), FoldingRow()
        for row in (what, deeds, top):
            row.setSpacing(space.s)
        troubled = problem is not None
        what.addWidget(icon_label("warning" if troubled else "folder", "amber" if troubled else "sage", 18))
        what.addWidget(name, 1)
        deeds.addWidget(count)
        deeds.addStretch(1)
        deeds.addWidget(self.switch)
        deeds.addWidget(self.more)
        top.addLayout(what, 1)
        top.addLayout(deeds)
        self.setSizePolicy(whole_height(self))
        column = QVBoxLayout(self)
        column.setContentsMargins(space.m, space.xs, space.xs, space.xs if problem is None else space.s)
        column.setSpacing(0)
        column.addLayout(top)
        if problem is not None:
            trouble = label(said(problem), "caption", wrap=True)
            column.addWidget(trouble)
