"""What was measured: a sentence, curves of how many answers are found, a table of what was tried."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from desktop.core.scoring.variants import DEEPEST
from desktop.core.types.scoring import LibraryScore, MakingQuestions
from desktop.i18n import _
from desktop.ui.documents.texts import said
from desktop.ui.models.parts import STEPS, progress
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import grow, set_kind, space
from desktop.ui.workshop.plots import CurveView
from desktop.ui.your_data.cards import Card
from desktop.view_models.scoring import ScoringViewModel
from desktop.words import scoring as words

PLOT_PX = 180
DEPTH = min(12, DEEPEST)  # passages along the curves
_NUMBERS: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
FRONT, BESIDE = 0, 1  # colours: what is chosen, and how it is now


class MeasureCard(Card):
    """By keyboard: arrows in the table look at each way; the button takes the one that is looked at."""

    def __init__(self, scoring: ScoringViewModel) -> None:
        self.measure = text_button(_("Measure"), "primary", scoring.measure)
        self.take = text_button(_("Search this way from now on"), "primary", scoring.take)
        self.stop = text_button(_("Stop"), "", scoring.stop)
        super().__init__(
            _("How well they are found"),
            _(
                "Every question is asked by your settings and by others: how many answers are found, and how"
                " far in front (MRR, 1 at best)."
            ),
            self.measure,
            self.take,
            self.stop,
        )
        self._scoring = scoring
        self.told = label("", "", wrap=True)
        self.bar = progress(_("Progress"))
        self.plot_title = label(
            _("Part of the answers found, by how many passages are given"), "caption", wrap=True
        )
        self.plot = CurveView()
        self.plot.setAccessibleName(_("Part of the answers found, by how many passages are given"))
        grow(self.plot, height=PLOT_PX)
        self.legend = label("", "caption", wrap=True)
        self.table = _Table(scoring)
        place = self.column.count() - 1
        parts = (self.told, self.bar, self.plot_title, self.plot, self.legend, self.table)
        for at, part in enumerate(parts):
            self.column.insertWidget(place + at, part)
        scoring.score_changed.connect(self.refresh)
        scoring.questions_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        scoring = self._scoring
        score, step = scoring.score, scoring.step
        self.measure.setVisible(not scoring.running and scoring.chosen_variant is None)
        self.measure.setEnabled(bool(scoring.accepted))
        self.take.setVisible(not scoring.running and scoring.chosen_variant is not None)
        self.stop.setVisible(scoring.running)
        self.bar.setVisible(scoring.running)
        for part in (self.plot_title, self.plot, self.legend, self.table):
            part.setVisible(score is not None and not scoring.running)
        set_kind(self.told, "danger" if scoring.problem is not None and score is None else "")
        if step is not None:
            self.told.setText(words.progress(step))
            done, total = (
                (step.made, step.wanted) if isinstance(step, MakingQuestions) else (step.done, step.total)
            )
            self.bar.setRange(0, STEPS)
            self.bar.setValue(round(STEPS * done / max(1, total)))
        elif score is not None:
            trouble = said(scoring.problem) if scoring.problem is not None else ""
            self.told.setText(" ".join(part for part in (words.summary(score), trouble) if part))
        elif scoring.problem is not None:
            self.told.setText(said(scoring.problem))
        else:
            self.told.setText("" if scoring.accepted else _("First it needs questions that count."))
        self.told.setVisible(bool(self.told.text()))
        if score is not None:
            self.table.show_score(score, scoring.chosen)
            self._draw(score, scoring.chosen)

    def _draw(self, score: LibraryScore, chosen: int) -> None:
        along = [float(k) for k in range(1, DEPTH + 1)]
        lines = [
            (place, colour) for place, colour in ((0, BESIDE), (chosen, FRONT)) if chosen or colour == FRONT
        ]
        curves = [
            (along, [score.scores[place].recall(int(k)) for k in along], colour, dots)
            for place, colour in lines
            for dots in (False, True)
        ]
        self.plot.show_curves(curves)
        now, front = words.variant(score.present), words.variant(score.scores[chosen])
        told = _("Full line: {name}. Dashed: {others}.").format(name=front, others=now)
        self.legend.setText(told if chosen else _("Full line: {name}.").format(name=front))


class _Table(QTableWidget):
    """A row for each way of searching; the best one has a sign."""

    def __init__(self, scoring: ScoringViewModel) -> None:
        super().__init__(0, 3)
        self._scoring = scoring
        self._shown: LibraryScore | None = None
        self.setAccessibleName(_("Ways of searching that were tried"))
        self.setHorizontalHeaderLabels([_("Settings"), _("Found"), "MRR"])
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
            head = self.horizontalHeaderItem(column)
            if head is not None:
                head.setTextAlignment(_NUMBERS)
        self.currentCellChanged.connect(lambda row, *_: scoring.choose(row))

    def show_score(self, score: LibraryScore, chosen: int) -> None:
        if score is not self._shown:
            self._shown = score
            self._fill(score)
        self.blockSignals(True)
        self.setCurrentCell(chosen, 0)
        self.blockSignals(False)

    def _fill(self, score: LibraryScore) -> None:
        self.blockSignals(True)
        self.setRowCount(len(score.scores))
        for row, one in enumerate(score.scores):
            name = words.variant(one)
            if score.best and row == score.best:
                name = _("{settings} (best)").format(settings=name)
            for column, text in enumerate((name, words.found(one), words.mrr(one))):
                item = QTableWidgetItem(text)
                if column:
                    item.setTextAlignment(_NUMBERS)
                self.setItem(row, column, item)
        self.blockSignals(False)
        self._fit()

    def _fit(self) -> None:
        self.resizeRowsToContents()
        rows = sum(self.rowHeight(row) for row in range(self.rowCount()))
        self.setFixedHeight(rows + self.horizontalHeader().sizeHint().height() + space.s)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.rowCount():
            self._fit()
