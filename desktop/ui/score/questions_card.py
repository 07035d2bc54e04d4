"""The questions whose answers are known: those that count, one that is typed, those the model proposes."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QFrame, QLineEdit, QListWidget, QListWidgetItem, QWidget

from desktop.i18n import _, ngettext, number
from desktop.ui.conversation.answers_wording import shortened
from desktop.ui.documents.elided import plain_tip
from desktop.ui.folding_row import FoldingRow
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import space
from desktop.ui.your_data.cards import Card
from desktop.view_models.scoring import ScoringViewModel
from desktop.words import scoring as words
from rag.protocol import Hit

VALUE = Qt.ItemDataRole.UserRole
LIST_LINES, OFFER_LINES = 12, 14
_SHORT = 150  # characters of a passage in a row


class Rows(QListWidget):
    """A plain list of at most so many lines, that says whom it is for where it is empty."""

    def __init__(self, name: str, lines: int) -> None:
        super().__init__()
        self._lines = lines
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrap(True)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)

    def fill(self, rows: "list[tuple[str, str, object]]") -> None:
        """(first line, what stands under it, the value), kept in place where the same one is there again."""
        kept = self.value
        self.clear()
        for first, second, value in rows:
            item = QListWidgetItem(f"{first}\n{second}" if second else first)
            item.setData(VALUE, value)
            item.setToolTip(plain_tip(item.text()))
            self.addItem(item)
            if value == kept:
                self.setCurrentItem(item)
        self.setVisible(bool(rows))
        self.doItemsLayout()  # its rows have their heights then
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as what is in it, up to so many lines."""
        wanted = sum(self.sizeHintForRow(row) for row in range(self.count()))
        most = self._lines * self.fontMetrics().lineSpacing()
        self.setFixedHeight(min(wanted, most) + 2 * space.xs)

    @property
    def value(self) -> object:
        item = self.currentItem()
        return item.data(VALUE) if item is not None else None


class QuestionsCard(Card):
    """By keyboard: Enter in the field looks for passages, Enter on one keeps it; Delete drops a question."""

    def __init__(self, scoring: ScoringViewModel) -> None:
        self.make = text_button(_("Have the model propose some"), "", scoring.make)
        self.drop = text_button(_("Forget this question"), "", self._drop)
        super().__init__(
            _("Your questions"),
            _(
                "Write questions whose answer you know, and say which passage it is. They stay with the"
                " collection, and show how well it is searched."
            ),
            self.make,
            self.drop,
        )
        self._scoring = scoring
        self.count = label("", "muted", wrap=True)
        self.list = Rows(_("Questions that count"), LIST_LINES)
        self.field = QLineEdit()
        self.field.setPlaceholderText(_("A question, then Enter"))
        self.field.setAccessibleName(_("A question, then Enter"))
        self.which = label("", "", wrap=True)
        self.offer = Rows(_("Passages that may answer it"), OFFER_LINES)
        self.keep = text_button(_("This passage answers it"), "primary", self._keep)
        self._kept_row = FoldingRow()
        self._kept_row.setSpacing(space.s)
        self._kept_row.addWidget(self.keep)
        self._kept_row.addStretch(1)
        place = self.column.count() - 1
        for at, part in enumerate((self.count, self.list, self.field, self.which, self.offer)):
            self.column.insertWidget(place + at, part)
        self.column.insertLayout(place + 5, self._kept_row)
        self.field.returnPressed.connect(lambda: scoring.ask(self.field.text()))
        self.offer.itemActivated.connect(lambda _: self._keep())
        self.offer.currentItemChanged.connect(lambda *_: self._enable())
        self.list.currentItemChanged.connect(lambda *_: self._enable())
        QShortcut(QKeySequence.StandardKey.Delete, self.list, self._drop).setContext(
            Qt.ShortcutContext.WidgetShortcut
        )
        scoring.questions_changed.connect(self.refresh)
        scoring.score_changed.connect(self._enable)
        scoring.asking_changed.connect(self.show_offer)
        self.refresh()
        self.show_offer()

    def stops(self) -> list[QWidget]:
        return [self.list, self.field, self.offer, self.keep, self.make, self.drop]

    def refresh(self) -> None:
        accepted = self._scoring.accepted
        said = ngettext("{count} question", "{count} questions", len(accepted))
        self.count.setText(said.format(count=number(len(accepted))) if accepted else _("None yet."))
        self.list.fill([(one.text, words.place(one), one.number) for one in accepted])
        self._enable()

    def show_offer(self) -> None:
        asking, hits = self._scoring.asking, self._scoring.hits
        if not asking and self.field.text():
            self.field.clear()
        if asking and hits is None:
            self.which.setText(_("Searching your documents"))
        elif asking and not hits:
            self.which.setText(_("Nothing was found for it. Ask in other words, or add the document first."))
        else:
            self.which.setText(_("Which of these passages answers it?"))
        self.which.setVisible(bool(asking))
        self.offer.fill([(_place(hit), shortened(hit.text, _SHORT), hit) for hit in hits or ()])
        self.keep.setVisible(bool(hits))
        if hits:
            self.offer.setCurrentRow(0)
            self.offer.setFocus(Qt.FocusReason.OtherFocusReason)
        self._enable()

    def _enable(self) -> None:
        self.make.setEnabled(not self._scoring.running)
        self.drop.setVisible(isinstance(self.list.value, int))
        self.keep.setEnabled(isinstance(self.offer.value, Hit))

    def _keep(self) -> None:
        hit = self.offer.value
        if isinstance(hit, Hit):
            self._scoring.keep(hit)
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _drop(self) -> None:
        chosen = self.list.value
        if isinstance(chosen, int):
            self._scoring.drop(chosen)


class ProposalCard(Card):
    """One proposal of the model at a time, with its passage, to be reworded and kept or dropped."""

    def __init__(self, scoring: ScoringViewModel) -> None:
        self.keep = text_button(_("Keep this question"), "primary", self._keep)
        self.drop = text_button(_("Not this one"), "", self._drop)
        super().__init__(_("Proposed by the model"), "", self.keep, self.drop)
        self._scoring = scoring
        self._number = 0
        self.left = label("", "muted", wrap=True)
        self.field = QLineEdit()
        self.field.setAccessibleName(_("The question; you can change its words"))
        self.place = label("", "muted")
        self.passage = label("", "", wrap=True)
        for at, part in enumerate((self.left, self.field, self.place, self.passage), 1):
            self.column.insertWidget(at, part)
        self.field.returnPressed.connect(self._keep)
        scoring.questions_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        proposed = self._scoring.proposed
        self.setVisible(bool(proposed))
        if not proposed:
            self._number = 0
            return
        said = ngettext(
            "{count} to look at. Keep those that this passage answers.",
            "{count} to look at. Keep those that their passage answers.",
            len(proposed),
        )
        self.left.setText(said.format(count=number(len(proposed))))
        one = proposed[0]
        if one.number != self._number:
            self._number = one.number
            self.field.setText(one.text)
            self.field.setCursorPosition(0)
        self.place.setText(words.place(one))
        self.passage.setText(shortened(one.quote, 900))

    def _keep(self) -> None:
        if self._number:
            self._scoring.accept(self._number, self.field.text())

    def _drop(self) -> None:
        if self._number:
            self._scoring.drop(self._number)


def _place(hit: Hit) -> str:
    name = hit.file.replace("\\", "/").rsplit("/", 1)[-1]
    return _("{file}, p. {page}").format(file=name, page=number(hit.page))
