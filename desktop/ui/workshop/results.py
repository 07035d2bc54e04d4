"""How good a run has become: a table of measures, or a confusion matrix that opens its examples; a field
to try it in."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.core.types.training import RunInfo
from desktop.i18n import _, ngettext, number, percent
from desktop.ui.folding_row import FoldingRow
from desktop.ui.models.parts import Card, flowing
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import current_theme, mixed, radius, space
from desktop.ui.workshop.fields import field
from desktop.view_models.workshop.shop import WorkshopViewModel
from desktop.words import hint, sentence
from engine.train.results import LabelScore

EXAMPLES = 20


class ResultsCard(Card):
    """Shown once there is something to measure."""

    def __init__(self, shop: WorkshopViewModel) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._shop = shop
        self._run: RunInfo | None = None
        self._cell: tuple[str, str] | None = None
        self.column.setSpacing(space.s)
        self.column.addWidget(label(_("How good it is"), "section"))
        self.said = flowing("", "")
        self.column.addWidget(self.said)
        self.matrix = QWidget()
        self._grid = QGridLayout(self.matrix)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(space.xs)
        self.column.addWidget(self.matrix)
        self.cells: dict[tuple[str, str], QPushButton] = {}
        self.examples = QWidget()
        self._examples = QVBoxLayout(self.examples)
        self._examples.setContentsMargins(0, 0, 0, 0)
        self._examples.setSpacing(space.xs)
        self.column.addWidget(self.examples)
        self.measure = text_button(_("Measure on what was held out"), "", lambda: shop.runs.measure_now())
        row = FoldingRow()
        row.addWidget(self.measure)
        row.addStretch(1)
        self.column.addLayout(row)
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
        shop.runs.measured.connect(self._measured)
        shop.answers_changed.connect(self._answered)

    def show_run(self, run: RunInfo) -> None:
        fresh = self._run is None or self._run.id != run.id or self._run.labels != run.labels
        self._run = run
        over = run.step > 0 and not run.running
        self.setVisible(over)
        self.measure.setVisible(over)
        self.measure.setEnabled(not self._shop.runs.busy)
        self._try_box.setVisible(over and run.plan.goal in ("label", "fill"))
        self.prompt.setPlaceholderText(
            _("A message, and it says which kind it is")
            if run.plan.goal == "label"
            else _("A sentence with _ where a word is missing")
        )
        if fresh:
            self._cell = None
            self._show_labels(run.labels)
            self._show_examples()
            self.answer.setText("")
        if run.labels is None and (fresh or self._shop.runs.measure is None):
            loss = run.loss
            self.said.setText(
                _("Held-out loss {loss} nats a token.").format(loss=number(loss, 3))
                if loss is not None
                else ""
            )

    # ── what was measured ──

    def _measured(self) -> None:
        measure = self._shop.runs.measure
        if measure is None:
            return
        if measure.labels is not None:
            self._show_labels(measure.labels)
            self._show_examples()
            return
        lines = []
        for score in measure.texts.values():
            words = _(
                "Loss {loss} nats a token, perplexity {perplexity}, {bits} bits per byte,"
                " over {tokens} tokens."
            )
            lines.append(
                words.format(
                    loss=number(score.loss, 3),
                    perplexity=number(score.perplexity, 2),
                    bits=number(score.bits_per_byte, 2) if score.bits_per_byte else "—",
                    tokens=number(score.tokens),
                )
            )
        if measure.answered is not None:
            lines.append(
                _("{share} of the answers say what they should.").format(share=percent(measure.answered))
            )
        self.said.setText(" ".join(lines))

    def _show_labels(self, score: LabelScore | None) -> None:
        self.matrix.setVisible(score is not None)
        for cell in self.cells.values():
            cell.deleteLater()
        self.cells = {}
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        if score is None:
            return
        words = _(
            "{accuracy} right of {count} held-out texts, macro F1 {f1}. Choose a field to see its texts."
        )
        count = sum(map(sum, score.confusion))
        self.said.setText(
            words.format(
                accuracy=percent(score.accuracy, 1), count=number(count), f1=number(score.macro_f1, 2)
            )
        )
        most = max(map(max, score.confusion)) or 1
        for at, name in enumerate(score.labels):
            self._grid.addWidget(label(_("said: {label}").format(label=name), "caption"), 0, at + 1)
            self._grid.addWidget(label(_("is: {label}").format(label=name), "caption"), at + 1, 0)
            for other, said in enumerate(score.labels):
                cell = self._made_cell(name, said, score.confusion[at][other], most)
                self.cells[name, said] = cell
                self._grid.addWidget(cell, at + 1, other + 1)
        self._grid.setColumnStretch(len(score.labels) + 1, 1)

    def _made_cell(self, right: str, said: str, count: int, most: int) -> QPushButton:
        theme = current_theme()
        cell = QPushButton(number(count))
        cell.setAutoDefault(False)
        tone = theme.sage if right == said else theme.danger
        ground = mixed(tone, theme.raised, 0.1 + 0.25 * count / most if count else 0.0)
        cell.setStyleSheet(
            f"QPushButton {{ background: {ground}; min-width: 56px; border-radius: {radius.small}px; }}"
        )
        words = ngettext(
            "{count} text that is “{right}” and was called “{said}”",
            "{count} texts that are “{right}” and were called “{said}”",
            count,
        )
        cell.setAccessibleName(words.format(count=number(count), right=right, said=said))
        cell.setToolTip(cell.accessibleName())
        cell.clicked.connect(lambda: self._open(right, said))
        return cell

    def _open(self, right: str, said: str) -> None:
        self._cell = (right, said)
        if self._shop.runs.measure is None:
            self._shop.runs.measure_now()  # its guesses come with it
        self._show_examples()

    def _show_examples(self) -> None:
        while self._examples.count():
            item = self._examples.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        measure = self._shop.runs.measure
        self.examples.setVisible(self._cell is not None)
        if self._cell is None:
            return
        if measure is None:
            self._examples.addWidget(label(_("One moment…"), "muted"))
            return
        right, said = self._cell
        found = [one for one in measure.guesses if (one.right, one.said) == self._cell]
        head = (
            _("Is “{right}”, was called “{said}”:")
            if found
            else _("No text that is “{right}” was called “{said}”.")
        )
        self._examples.addWidget(flowing(head.format(right=right, said=said), "caption"))
        for one in found[:EXAMPLES]:
            words = _("{text}  ({sure} sure)").format(text=one.text, sure=percent(one.sure))
            self._examples.addWidget(flowing(words, ""))

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
