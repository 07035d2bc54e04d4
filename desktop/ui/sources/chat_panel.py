"""The panel of all sources of a chat: document, page, passage. A passage opens exactly where it stands."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from desktop.core.types import Citation
from desktop.i18n import _, ngettext, number
from desktop.ui.conversation.answers_wording import TIP_CHARACTERS, shortened
from desktop.ui.documents.elided import plain_tip
from desktop.ui.pieces import label
from desktop.ui.theme import grow, icon, space
from desktop.view_models.chat_sources import ChatSourcesViewModel, CitedDocument

CITATION: Final = Qt.ItemDataRole.UserRole


class ChatSourcesPanel(QWidget):
    """By keyboard: arrows move and fold, Enter opens."""

    def __init__(self, sources: ChatSourcesViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sources = sources
        self.say = label("", "muted", wrap=True)
        self.say.setAlignment(Qt.AlignmentFlag.AlignTop)  # alone it has all of the panel
        self.tree = bare_tree(self)
        self.tree.setAccessibleName(_("Sources of this chat"))
        self.tree.itemActivated.connect(self._open)
        self.tree.itemClicked.connect(self._open)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.l, 0, space.s, space.s)
        column.setSpacing(space.s)
        column.addWidget(self.say)
        column.addWidget(self.tree, 1)
        self._shown: tuple[CitedDocument, ...] | None = None
        sources.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Another chat, or a reply has come to its end."""
        documents = self._sources.documents
        if documents == self._shown:
            return
        self._shown = documents
        count = sum(len(page.passages) for one in documents for page in one.pages)
        if documents:
            passages = ngettext(
                "{count} passage is cited in this chat.", "{count} passages are cited in this chat.", count
            )
            self.say.setText(passages.format(count=number(count)))
        else:
            self.say.setText(_("No reply of this chat cites a document yet."))
        self.tree.setVisible(bool(documents))
        self.tree.clear()
        for one in documents:
            self._add(one)
        self.tree.expandAll()

    def _add(self, document: CitedDocument) -> None:
        top = QTreeWidgetItem(self.tree, [document.title or document.file])
        top.setIcon(0, icon("page", "sage"))
        times = ngettext("Cited by {count} reply", "Cited by {count} replies", document.times)
        top.setToolTip(0, plain_tip(f"{document.file}\n{times.format(count=number(document.times))}"))
        for page in document.pages:
            under = QTreeWidgetItem(top, [_("Page {page}").format(page=number(page.page))])
            for passage in page.passages:
                line = QTreeWidgetItem(under, [shortened(passage.quote, TIP_CHARACTERS)])
                line.setData(0, CITATION, passage)
                line.setToolTip(0, plain_tip(shortened(passage.quote, TIP_CHARACTERS)))
                spoken = _("Passage: {text}").format(text=shortened(passage.quote))
                line.setData(0, Qt.ItemDataRole.AccessibleTextRole, spoken)

    def _open(self, item: QTreeWidgetItem) -> None:
        found = item.data(0, CITATION)
        if isinstance(found, Citation):
            self._sources.show(found)


def bare_tree(parent: QWidget) -> QTreeWidget:
    """A tree of one column that stands on the panel itself, without a head."""
    tree = QTreeWidget(parent)
    tree.setHeaderHidden(True)
    tree.setFrameShape(QFrame.Shape.NoFrame)
    grow(tree, indent=space.l)
    tree.setUniformRowHeights(True)
    tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    tree.setTextElideMode(Qt.TextElideMode.ElideRight)
    return tree
