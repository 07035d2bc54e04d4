"""How good a run has become: all that was measured of it, a confusion matrix or answers that can be read, and
a field to try it in."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from desktop.core.types.training import RunInfo, RunMeasure
from desktop.i18n import _, number, percent
from desktop.ui.file_dialogs import Mode, ask_for_files
from desktop.ui.folding_row import FoldingRow
from desktop.ui.models.parts import Card, flowing
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import space
from desktop.ui.workshop.confusion import Confusion
from desktop.ui.workshop.fields import field
from desktop.ui.workshop.guesses import Guesses
from desktop.ui.workshop.scores import ScoreTable, measured_on
from desktop.view_models.workshop.shop import WorkshopViewModel
from desktop.words import hint, sentence


class ResultsCard(Card):
    """Shown once there is something to measure."""

    def __init__(self, shop: WorkshopViewModel) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._shop = shop
        self._run: RunInfo | None = None
        self._opened = 0  # which of the measures
        self._cell: tuple[str, str] | None = None
        self.column.setSpacing(space.s)
        self.column.addWidget(label(_("How good it is"), "section"))
        self.said = flowing("", "")
        self.column.addWidget(self.said)
        self.matrix = Confusion()
        self.matrix.chosen.connect(self._choose_cell)
        self.column.addWidget(self.matrix)
        self.table = ScoreTable(_("All that was measured"))
        self.table.chosen.connect(self._open)
        self.column.addWidget(self.table)
        self._add_buttons()
        self.guesses = Guesses()
        self.column.addWidget(self.guesses)
        self._add_field()
        shop.runs.measured.connect(self._measured)
        shop.answers_changed.connect(self._answered)

    def _add_buttons(self) -> None:
        self.answers = text_button(_("Read the answers"), "", self._toggle_answers)
        self.measure = text_button(
            _("Measure on what was held out"), "", lambda: self._shop.runs.measure_now()
        )
        self.measure_file = text_button(_("Measure on a file…"), "", self._ask_file)
        row = FoldingRow()
        row.setSpacing(space.s)
        for button in (self.answers, self.measure, self.measure_file):
            row.addWidget(button)
        row.addStretch(1)
        self.column.addLayout(row)

    def _add_field(self) -> None:
        self.prompt = QLineEdit()
        self.prompt.returnPressed.connect(self._try)
        self._try_box = QWidget()
        column = QVBoxLayout(self._try_box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.xs)
        line = FoldingRow()
        line.setSpacing(space.s)
        line.addLayout(field(_("Try it"), self.prompt), 1)
        self.ask = text_button(_("Ask"), "", self._try)
        line.addWidget(self.ask, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(line)
        self.answer = flowing("", "")
        column.addWidget(self.answer)
        self.column.addWidget(self._try_box)

    @property
    def opened(self) -> RunMeasure | None:
        """The measure whose texts and answers can be read."""
        measures = self._shop.runs.measures
        return measures[self._opened] if self._opened < len(measures) else None

    def show_run(self, run: RunInfo) -> None:
        fresh = self._run is None or self._run.id != run.id
        self._run = run
        over = run.step > 0 and not run.running
        self.setVisible(over)
        for button in (self.measure, self.measure_file):
            button.setVisible(over)
            button.setEnabled(not self._shop.runs.busy)
        busy = self._shop.runs.busy == "measure"
        self.measure.setText(_("One moment…") if busy else _("Measure on what was held out"))
        self._try_box.setVisible(over and run.plan.goal in ("label", "fill"))
        self.prompt.setPlaceholderText(
            _("A message, and it says which kind it is")
            if run.plan.goal == "label"
            else _("A sentence with _ where a word is missing")
        )
        if fresh:
            self.answer.setText("")
            self._measured()

    # ── what was measured ──

    def _measured(self) -> None:
        self._opened, self._cell = 0, None
        self._refresh()

    def _open(self, at: int) -> None:
        self._opened, self._cell = at, None
        self._refresh()

    def _refresh(self) -> None:
        measures, opened = self._shop.runs.measures, self.opened
        self.table.show_scores(
            _("Measured on"), [(measured_on(one.path), one) for one in measures], self._opened
        )
        self.matrix.show_score(opened.labels if opened is not None else None)
        self.said.setText(self._sentence(opened))
        self.said.setVisible(bool(self.said.text()))
        self.guesses.forget()
        answers = opened is not None and opened.labels is None and bool(opened.guesses)
        self.answers.setVisible(answers)
        self.answers.setText(_("Read the answers"))

    def _sentence(self, opened: RunMeasure | None) -> str:
        if opened is None:
            loss = self._run.loss if self._run is not None else None
            return _("Held-out loss {loss} nats a token.").format(loss=number(loss, 3)) if loss else ""
        if opened.labels is not None:
            words = _("{accuracy} right of {count} texts, macro F1 {f1}. Choose a field to see its texts.")
            return words.format(
                accuracy=percent(opened.labels.accuracy, 1),
                count=number(sum(map(sum, opened.labels.confusion))),
                f1=number(opened.labels.macro_f1, 2),
            )
        if opened.answered is not None:
            words = _("{share} of {count} answers say what they should.")
            return words.format(share=percent(opened.answered), count=number(len(opened.guesses)))
        score = next(iter(opened.texts.values()), None)
        if score is None:
            return ""
        words = _("At each token the model is as unsure as if {count} were equally likely (its perplexity).")
        return words.format(count=number(score.perplexity, 1))

    def _choose_cell(self, right: str, said: str) -> None:
        opened = self.opened
        if opened is None or (right, said) == self._cell:
            self._cell = None
            self.guesses.forget()
            return
        self._cell = (right, said)
        self.guesses.show_texts(right, said, opened.guesses)

    def _toggle_answers(self) -> None:
        if self.guesses.isVisibleTo(self):
            self.guesses.forget()
            self.answers.setText(_("Read the answers"))
        elif self.opened is not None:
            self.guesses.show_answers(self.opened.guesses)
            self.answers.setText(_("Hide the answers"))

    def _ask_file(self) -> None:
        ask_for_files(self, _("Measure on"), self._take_file, Mode.ExistingFile, measured_kinds(self._run))

    def _take_file(self, paths: list[str]) -> None:
        if paths:
            self._shop.runs.measure_now(paths[0])

    # ── trying it ──

    def _try(self) -> None:
        words = self.prompt.text().strip()
        if words and self._run is not None and not self._shop.asking:
            self.answer.setText(_("One moment…"))
            self._shop.ask((self._run.id,), (words,))

    def _answered(self) -> None:
        run = self._run
        answered = self._shop.answers.get(run.id) if run is not None else None
        if answered is None:
            return
        if answered.problem is not None:
            self.answer.setText(f"{sentence(answered.problem)} {hint(answered.problem)}")
        else:
            self.answer.setText("\n".join(answered.answers.values()))


def measured_kinds(run: RunInfo | None) -> list[str]:
    """The kinds of files that a run can be measured on, as a dialog names them."""
    texts = _("Texts") + " (*.txt *.md)"
    rows = _("Examples") + " (*.csv *.tsv *.json *.jsonl)"
    everything = _("All files (*)")
    if run is None:
        return [everything]
    return {
        "label": [rows, everything],
        "answer": [rows, texts, everything],
    }.get(run.plan.goal, [texts, everything])
