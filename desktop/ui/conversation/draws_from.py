"""Which collections answers are drawn from, chosen where a person writes: for the chat or one question."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QActionGroup, QFontMetrics
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from desktop.core.types import Reading
from desktop.i18n import _, ngettext, number
from desktop.ui.documents.texts import collection_name
from desktop.ui.pieces import icon_button, label
from desktop.ui.theme import grow, grown, icon, set_kind, space
from desktop.view_models.documents import DocumentsViewModel

MOST_PX = 360  # of a list of names


def readings() -> dict[Reading, tuple[str, str]]:
    """(name, what it means) of every way in which documents can answer."""
    return {
        "automatic": (_("Automatic"), _("as the question asks")),
        "passages": (_("Passages"), _("the nearest ones")),
        "whole": (_("Whole documents"), _("where they fit")),
        "every": (_("Every document"), _("one after the other")),
    }


class CollectionsButton(QToolButton):
    """Its menu has a switch for each collection, and the same for the next question alone."""

    page_wanted = Signal()  # the page with all documents

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._documents: DocumentsViewModel | None = None
        grow(self, side=32, icon=20)
        self.clicked.connect(self._offer)
        self.hide()

    def follow(self, documents: DocumentsViewModel) -> None:
        self._documents = documents
        documents.switches_changed.connect(self._refresh)
        documents.collections_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        documents = self._documents
        if documents is None:
            return
        names = documents.used if documents.once is None else documents.once
        self.setVisible(any(info.documents for info in documents.collections) or bool(names))
        self.setIcon(icon("documents", "sage" if names else "muted"))
        if names:
            said = ngettext("Answers from {count} collection", "Answers from {count} collections", len(names))
            tip = said.format(count=number(len(names)))
            tip += ": " + ", ".join(collection_name(name) for name in names)
        else:
            tip = _("Answers without your documents")
        self.setToolTip(tip)
        self.setAccessibleName(tip)

    def menu_of_collections(self) -> QMenu:
        menu = QMenu(self)
        documents = self._documents
        if documents is None:
            return menu
        heading = menu.addAction(_("Use in this chat"))
        heading.setEnabled(False)
        for info in documents.collections:
            action = menu.addAction(collection_name(info.name).replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(info.name in documents.used)
            action.toggled.connect(lambda on, name=info.name: documents.set_used(name, on))
        menu.addSeparator()
        once = menu.addMenu(_("Only for this question"))
        chosen = documents.used if documents.once is None else documents.once
        for info in documents.collections:
            action = once.addAction(collection_name(info.name).replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(info.name in chosen)
            action.toggled.connect(lambda on, name=info.name: self._switch_once(name, on))
        once.addSeparator()
        without = once.addAction(_("Without documents"))
        without.triggered.connect(lambda: documents.set_once(()))
        self._add_readings(menu.addMenu(_("How they answer this question")))
        menu.addSeparator()
        menu.addAction(icon("documents"), _("All documents"), self.page_wanted.emit)
        return menu

    def _add_readings(self, menu: QMenu) -> None:
        documents = self._documents
        if documents is None:
            return
        group = QActionGroup(menu)
        for reading, (name, more) in readings().items():
            action = group.addAction(f"{name}: {more}")
            action.setCheckable(True)
            action.setChecked(reading == documents.reading)
            action.triggered.connect(lambda _checked=False, one=reading: documents.set_reading(one))
            menu.addAction(action)

    def _switch_once(self, name: str, on: bool) -> None:
        documents = self._documents
        if documents is None:
            return
        chosen = documents.used if documents.once is None else documents.once
        others = tuple(one for one in chosen if one != name)
        documents.set_once((*others, name) if on else others)

    def _offer(self) -> None:
        menu = self.menu_of_collections()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(QPoint(0, -menu.sizeHint().height() - space.xs)))


class OnceBar(QFrame):
    """Says what the next question alone is answered from, and takes it back. Hidden while it is as always."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._documents: DocumentsViewModel | None = None
        set_kind(self, "chip")
        self.label = label("", "caption")
        self.close_button = icon_button("close", _("As in the rest of the chat"), self._as_always)
        grow(self.close_button, side=22, icon=14)
        row = QHBoxLayout(self)
        row.setContentsMargins(space.s, 0, 2, 0)
        row.setSpacing(space.xs)
        row.addWidget(self.label)
        row.addWidget(self.close_button)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.hide()

    def follow(self, documents: DocumentsViewModel) -> None:
        self._documents = documents
        documents.switches_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        documents = self._documents
        if documents is None or (documents.once is None and documents.reading == "automatic"):
            self.hide()
            return
        parts = []
        if documents.once:
            parts = [", ".join(collection_name(name) for name in documents.once)]
        elif documents.once is not None:
            parts = [_("without documents")]
        if documents.reading != "automatic" and documents.once != ():
            parts.append(readings()[documents.reading][0])
        said = _("This question only: {names}").format(names=" · ".join(parts))
        metrics = QFontMetrics(self.label.font())
        self.label.setText(metrics.elidedText(said, Qt.TextElideMode.ElideRight, grown(MOST_PX)))
        self.label.setToolTip(said)
        self.setAccessibleName(said)
        self.show()

    def _as_always(self) -> None:
        if self._documents is not None:
            self._documents.set_once(None)
            self._documents.set_reading("automatic")
