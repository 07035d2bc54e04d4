"""A run that goes on with other settings, as a run of its own: what is asked before."""

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal

from desktop.core.types.training import RunInfo
from desktop.i18n import _
from desktop.ui.folding_row import FoldingRow
from desktop.ui.models.parts import Card, buttons_row, flowing
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import space
from desktop.ui.workshop.fields import decimal_field, field, whole_field
from desktop.view_models.workshop.runs import RunsViewModel


class BranchForm(Card):
    """Hidden until it is asked for. `anew_wanted`: a new run by the same plan, which may be changed first."""

    anew_wanted = Signal()

    def __init__(self, runs: RunsViewModel) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._runs = runs
        self._run: RunInfo | None = None
        self.column.setSpacing(space.s)
        self.column.addWidget(label(_("Go on with other settings"), "section"))
        self.column.addWidget(
            flowing(_("A copy goes on from the last checkpoint; this run stays as it is."), "muted")
        )
        self.column.addWidget(
            flowing(
                _(
                    "Layers, heads and width are what the learnt numbers stand in: another shape has to begin"
                    " anew."
                ),
                "muted",
            )
        )
        anew = text_button(_("Begin anew with another shape…"), "link", self.anew_wanted.emit)
        self.column.addWidget(anew, 0, Qt.AlignmentFlag.AlignLeft)
        self.steps = whole_field(1, 1_000_000, lambda _value: None)
        self.batch = whole_field(1, 512, lambda _value: None)
        self.rate = decimal_field(0.00001, 1.0, 5, lambda _value: None)
        row = FoldingRow()
        row.setSpacing(space.l)
        row.addLayout(field(_("Steps in all"), self.steps))
        row.addLayout(field(_("Rows in a step"), self.batch))
        row.addLayout(field(_("Learning rate"), self.rate))
        row.addStretch(1)
        self.column.addLayout(row)
        self.go = text_button(_("Begin"), "primary", self._begin)
        self.column.addLayout(buttons_row(text_button(_("Cancel"), "", self.hide), self.go))
        self.hide()

    def open_for(self, run: RunInfo | None) -> None:
        if run is None or self.isVisible():
            self.hide()
            return
        self._run = run
        settings = run.plan.settings
        self.steps.setValue(max(settings.steps, run.step) * 2)
        self.batch.setValue(settings.batch)
        self.rate.setValue(settings.rate)
        self.show()
        self.steps.setFocus()

    def _begin(self) -> None:
        if self._run is None:
            return
        values = {"steps": self.steps.value(), "batch": self.batch.value(), "rate": self.rate.value()}
        self.hide()
        self._runs.branch(replace(self._run.plan.settings, **values))
