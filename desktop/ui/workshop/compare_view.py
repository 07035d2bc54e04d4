"""The same prompts to a base, to what was taught, and to any other run, side by side."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.core.types.training import RunInfo
from desktop.i18n import _
from desktop.ui.file_dialogs import Mode, ask_for_files
from desktop.ui.flowing_buttons import FlowingCheck
from desktop.ui.folding_row import FoldingRow
from desktop.ui.models.parts import Card, buttons_row, flowing, strong
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import grow, grown, space
from desktop.ui.workshop import texts
from desktop.ui.workshop.fields import field
from desktop.ui.workshop.results import measured_kinds
from desktop.ui.workshop.scores import ScoreTable, measured_on
from desktop.view_models.workshop.shop import WorkshopViewModel
from desktop.words import hint, sentence

PROMPTS_PX = 84
COLUMN_PX = 260


class CompareView(QWidget):
    """The run in front and the model that it builds on are chosen at first."""

    def __init__(self, shop: WorkshopViewModel) -> None:
        super().__init__()
        self._shop = shop
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.m)
        asking = Card()
        asking.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        asking.column.setSpacing(space.s)
        asking.column.addWidget(label(_("Which models"), "section"))
        self._choices = QVBoxLayout()
        self._choices.setSpacing(space.xs)
        asking.column.addLayout(self._choices)
        self.prompts = QPlainTextEdit()
        self.prompts.setTabChangesFocus(True)
        grow(self.prompts, height=PROMPTS_PX)
        asking.column.addLayout(field(_("What to ask, a line each"), self.prompts))
        self.ask = text_button(_("Ask them all"), "primary", self._ask)
        asking.column.addLayout(buttons_row(self.ask))
        column.addWidget(asking)
        self._answers = QWidget()
        self._grid = QGridLayout(self._answers)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(space.m)
        column.addWidget(self._answers)
        column.addWidget(self._score_card())
        column.addStretch(1)
        self.boxes: dict[str, FlowingCheck] = {}
        self._names: dict[str, str] = {}
        self._file = ""  # that all were measured on
        self._asked: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        shop.answers_changed.connect(self.refresh)
        shop.scores_changed.connect(self._show_scores)
        shop.runs.listed.connect(self._fill)
        self.prompts.textChanged.connect(self._enable)

    def _score_card(self) -> QWidget:
        card = Card()
        card.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        card.column.setSpacing(space.s)
        card.column.addWidget(label(_("Measured"), "section"))
        self.measured = flowing("", "muted")
        card.column.addWidget(self.measured)
        self.table = ScoreTable(_("Measured"))
        self.table.chosen.connect(self._open)
        card.column.addWidget(self.table)
        self.measure = text_button(_("Measure them all on a file…"), "", self._ask_file)
        row = FoldingRow()
        row.addWidget(self.measure)
        row.addStretch(1)
        card.column.addLayout(row)
        return card

    def open_for(self, run: RunInfo | None) -> None:
        self._asked = ((), ())
        self._shop.answers = {}
        self._fill()
        chosen = {run.id, run.plan.base} if run is not None else set()
        for name, box in self.boxes.items():
            box.setChecked(name in chosen)
        if run is not None and not self.prompts.toPlainText():
            self.prompts.setPlainText(_first_prompts(run, self._shop))
        self._file = ""
        self._shop.recall(self._chosen)
        self.refresh()

    def focus_first(self) -> None:
        self.prompts.setFocus()

    def _fill(self) -> None:
        checked = {name for name, box in self.boxes.items() if box.isChecked()}
        runs = [run for run in self._shop.runs.runs if run.step and run.state != "damaged"]
        names = {run.plan.base: run.plan.base.rsplit("/", 1)[-1] for run in runs if "/" in run.plan.base}
        self._names = names | {
            run.id: f"{run.plan.name or run.id} ({texts.goal_words(run.plan.goal)})" for run in runs
        }
        for box in self.boxes.values():
            box.setParent(None)
            box.deleteLater()
        self.boxes = {}
        for name, words in self._names.items():
            box = FlowingCheck(words)
            box.setChecked(name in checked)
            box.toggled.connect(self._choose)
            self.boxes[name] = box
            self._choices.addWidget(box)
        self._enable()

    @property
    def _chosen(self) -> tuple[str, ...]:
        return tuple(name for name, box in self.boxes.items() if box.isChecked())

    def _choose(self) -> None:
        self._enable()
        if not self._file:
            self._shop.recall(self._chosen)

    def _enable(self) -> None:
        some = bool(self._chosen)
        self.ask.setEnabled(some and bool(self.prompts.toPlainText().strip()) and not self._shop.asking)
        self.measure.setEnabled(some and not self._shop.scoring)

    # ── measured ──

    def _ask_file(self) -> None:
        ask_for_files(
            self, _("Measure on"), self._take_file, Mode.ExistingFile, measured_kinds(self._shop.runs.current)
        )

    def _take_file(self, paths: list[str]) -> None:
        if paths:
            self._file = paths[0]
            self._shop.score(self._chosen, paths[0])

    def _open(self, at: int) -> None:
        """The run whose texts or answers are to be read."""
        model = list(self._shop.scores)[at]
        if self._shop.runs.run(model) is not None:
            self._shop.open_run(model)

    def _short(self, model: str) -> str:
        run = self._shop.runs.run(model)
        return (run.plan.name or run.id) if run is not None else self._names.get(model, model)

    def _show_scores(self) -> None:
        scores, busy = self._shop.scores, self._shop.scoring
        rows = [(self._short(name), scores.get(name)) for name in [*scores, busy] if name]
        self.table.show_scores(_("Model"), rows)
        if self._file:
            self.measured.setText(
                _("All on “{file}”. Bits per byte compare models whose tokens differ.").format(
                    file=measured_on(self._file)
                )
            )
        else:
            self.measured.setText(
                _("Each run on what it held out itself. To measure all by the same, choose a file.")
            )
        self._enable()

    def _ask(self) -> None:
        models = self._chosen
        prompts = tuple(line.strip() for line in self.prompts.toPlainText().splitlines() if line.strip())
        self._asked = (models, prompts)
        self._shop.ask(models, prompts)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self.refresh()

    def refresh(self) -> None:
        """A column for each model."""
        self._enable()
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        models, prompts = self._asked
        across = max(1, min(len(models), self.width() // grown(COLUMN_PX)))
        for at, model in enumerate(models):
            self._grid.addWidget(self._column(model, prompts), at // across, at % across)
            self._grid.setColumnStretch(at % across, 1)

    def _column(self, model: str, prompts: tuple[str, ...]) -> QWidget:
        card = Card()
        card.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        card.column.setSpacing(space.s)
        card.column.addWidget(strong(self._names.get(model, model)))
        answered = self._shop.answers.get(model)
        if answered is None:
            card.column.addWidget(label(_("One moment…"), "muted"))
        elif answered.problem is not None:
            words = f"{sentence(answered.problem)} {hint(answered.problem)}"
            card.column.addWidget(flowing(words, "danger"))
        else:
            for prompt in prompts:
                card.column.addWidget(flowing(prompt, "caption"))
                card.column.addWidget(flowing(answered.answers.get(prompt, "") or "—"))
        card.column.addStretch(1)
        return card


def _first_prompts(run: RunInfo, shop: WorkshopViewModel) -> str:
    """Questions that the run was asked on its way: they were held out."""
    track = shop.runs.tracks.get(run.id)
    asked = [one.prompt.strip() for one in track.samples] if track is not None else []
    return "\n".join(dict.fromkeys(one for one in asked[-4:] if one and "\n" not in one))
