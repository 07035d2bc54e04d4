"""The panel "Why these passages?": every candidate with its ranks and its fate, and any passage explained."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLineEdit, QTreeWidgetItem, QTreeWidgetItemIterator, QVBoxLayout, QWidget

from desktop.i18n import _, number
from desktop.ui.conversation.answers_wording import shortened
from desktop.ui.documents.elided import plain_tip
from desktop.ui.documents.texts import said
from desktop.ui.flowing_buttons import broken
from desktop.ui.pieces import label
from desktop.ui.sources import why_wording as wording
from desktop.ui.sources.chat_panel import bare_tree
from desktop.ui.theme import space
from desktop.ui.yielding import Yielding
from desktop.view_models.why import WhyViewModel
from rag.protocol import Hit
from rag.search_values import Candidate

PASSAGE = Qt.ItemDataRole.UserRole
RANKS = PASSAGE + 1  # (place, ranks) of a row
_SHORT = 60  # characters of a passage in a row
_BESIDE_PX = 2 * space.s  # what a row keeps free beside its text
_BETWEEN = " · "  # ranks


class WhyPanel(QWidget):
    """By keyboard: arrows move through the passages and explain each; the field looks for others."""

    def __init__(self, why: WhyViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._why = why
        self.question = label("", "", wrap=True)
        self.say = label("", "muted", wrap=True)
        self.say.setAlignment(Qt.AlignmentFlag.AlignTop)  # alone it has all of the panel
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(_("Why not another one?"))
        self.field.setToolTip(_("Words of a passage to ask about, then Enter"))
        self.field.setAccessibleName(_("Words of a passage to ask about, then Enter"))
        self.tree = bare_tree(self)
        self.tree.setUniformRowHeights(False)  # a passage takes two lines
        self.tree.setAccessibleName(_("Passages that were looked at"))
        self.tree.viewport().installEventFilter(self)
        self.reason = label("", "", wrap=True)
        self.reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.l, 0, space.l, space.l)
        column.setSpacing(space.s)
        for part in (self.question, self.say, self.field):
            column.addWidget(part)
        column.addWidget(self.tree, 1)
        told = QWidget()
        inner = QVBoxLayout(told)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.reason)
        self._told = Yielding(told, self, share=0.3, least_px=64)
        column.addWidget(self._told)
        self._filled: object = None
        self.field.returnPressed.connect(lambda: why.look_for(self.field.text()))
        self.tree.currentItemChanged.connect(self._chosen)
        why.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """The search was told, or a passage explained."""
        why, trace = self._why, self._why.trace
        self.question.setText(_("Searched for: {query}").format(query=why.question) if why.question else "")
        self.question.setVisible(bool(why.question))
        for part in (self.field, self.tree):
            part.setVisible(trace is not None)
        if why.state == "no_reply":
            self.say.setText(_("No reply of this chat asked your documents yet."))
        elif why.state == "failed" and why.problem is not None:
            self.say.setText(said(why.problem))
        elif trace is None:
            self.say.setText(_("Searching your documents"))
        else:
            self.say.setText(wording.summary(trace))
        if trace is not None and (why.hits, trace.candidates) != self._filled:
            self._filled = (why.hits, trace.candidates)
            self._fill(trace.candidates, why.hits)
        one = why.explained
        text = f"{wording.place(one)}. " if one is not None and one.file else ""
        self.reason.setText(
            text + wording.reason(one, trace) if one is not None and trace is not None else ""
        )
        self._told.setVisible(one is not None)

    def _fill(self, candidates: Sequence[Candidate], hits: Sequence[Hit]) -> None:
        self.tree.blockSignals(True)
        self.tree.clear()
        known = {one.passage for one in candidates}
        asked = [hit for hit in hits if hit.passage not in known]
        if hits:
            found = self._group(_("Found by your words"), len(asked) or len(hits))
            for hit in asked or hits:
                self._line(found, hit.passage, _place_of(hit), shortened(hit.text))
        for fate, name in wording.groups().items():
            here = [one for one in candidates if one.fate == fate]
            group = self._group(name, len(here)) if here else None
            for one in here:
                place = wording.place_and_confidence(one)
                self._line(group, one.passage, place, one.opening, wording.ranks(one.evidence))
        self.tree.expandAll()
        self._fit()
        self.tree.blockSignals(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        """Ranks take as many lines as they need: none of them is cut."""
        if not self.tree.isVisible():
            return
        metrics = self.tree.fontMetrics()
        room = self.tree.viewport().width() - 2 * self.tree.indentation() - _BESIDE_PX
        rows = QTreeWidgetItemIterator(self.tree)
        while (line := rows.value()) is not None:
            told = line.data(0, RANKS)
            if told is not None:
                place, ranks = told
                line.setText(0, "\n".join([place, *broken(ranks, metrics, room, _BETWEEN)]))
            rows += 1

    def _group(self, name: str, count: int) -> QTreeWidgetItem:
        return QTreeWidgetItem(self.tree, [f"{name} · {number(count)}"])

    def _line(
        self, group: QTreeWidgetItem | None, passage: int, place: str, text: str, ranks: str = ""
    ) -> None:
        """`ranks` under the place; without them, the text."""
        item = QTreeWidgetItem([f"{place}\n{ranks or shortened(text, _SHORT)}"])
        item.setData(0, PASSAGE, passage)
        item.setData(0, RANKS, (place, ranks) if ranks else None)
        item.setToolTip(0, plain_tip(f"{place}\n{text}"))
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{place}. {ranks}. {text}")
        if group is not None:
            group.addChild(item)

    def _chosen(self, item: QTreeWidgetItem | None) -> None:
        passage = item.data(0, PASSAGE) if item is not None else None
        if isinstance(passage, int):
            self._why.explain(passage)


def _place_of(hit: Hit) -> str:
    name = hit.file.replace("\\", "/").rsplit("/", 1)[-1]
    return _("{file}, p. {page}").format(file=name, page=number(hit.page))
