"""The page on how well one's documents are found, in the place of the conversation. Paints and forwards."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.documents.texts import collection_name
from desktop.ui.pieces import icon_button, label
from desktop.ui.score.measure_card import MeasureCard
from desktop.ui.score.questions_card import ProposalCard, QuestionsCard
from desktop.ui.scrolled import ScrollingColumn
from desktop.ui.theme import grow, layout, space
from desktop.view_models.session import Session


class ScorePage(QWidget):
    """`closed` asks for the conversation back."""

    closed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._documents = session.documents
        self._scoring = session.scoring
        self.setAccessibleName(_("How well documents are found"))
        self.back = icon_button("chevron_left", _("Back to the chat"), self.closed.emit)
        self.collections = QComboBox()
        self.collections.setAccessibleName(_("Collection"))
        self.collections.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.questions = QuestionsCard(self._scoring)
        self.proposals = ProposalCard(self._scoring)
        self.measured = MeasureCard(self._scoring)
        self._build()
        self.collections.activated.connect(lambda: self._scoring.open(str(self.collections.currentData())))
        self._documents.collections_changed.connect(self._fill)
        self._fill()
        self._scoring.open(self._documents.current)

    def _build(self) -> None:
        inner = QWidget()
        grow(inner, most_width=layout.conversation_px + 2 * space.l)
        column = QVBoxLayout(inner)
        column.setContentsMargins(space.l, space.s, space.l, space.xl)
        column.setSpacing(space.m)
        title = QHBoxLayout()
        title.setSpacing(space.s)
        title.addWidget(self.back)
        title.addWidget(label(_("How well documents are found"), "heading", wrap=True), 1)
        title.addWidget(self.collections)
        column.addLayout(title)
        for card in (self.questions, self.proposals, self.measured):
            column.addWidget(card)
        column.addStretch(1)
        self.area = ScrollingColumn(inner)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(self.area)

    def focus_first(self) -> None:
        self.questions.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill(self) -> None:
        self.collections.clear()
        for name in self._scoring.collections:
            self.collections.addItem(collection_name(name), name)
        wanted = self._scoring.collection or self._documents.current
        self.collections.setCurrentIndex(max(0, self.collections.findData(wanted)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self._scoring.running:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
