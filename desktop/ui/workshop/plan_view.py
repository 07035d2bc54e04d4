"""What is about to be trained, step by step: goal, model, data, settings, and what it would take."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.folding_row import FoldingRow
from desktop.ui.models.parts import Card, buttons_row, flowing
from desktop.ui.pieces import choice_box, label, text_button
from desktop.ui.theme import set_kind, space
from desktop.ui.workshop import texts
from desktop.ui.workshop.data_card import DataCard
from desktop.ui.workshop.fields import decimal_field, field, whole_field
from desktop.view_models.workshop.plan import PlanViewModel
from desktop.view_models.workshop.presets import SIZES, size_of
from desktop.words import hint, sentence

LEARNS = ("lora", "last_block", "all", "head")


class Step(Card):
    """A numbered card."""

    def __init__(self, number: int, title: str) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.column.setSpacing(space.s)
        self.column.addWidget(label(f"{number}  {title}", "section"))


class PlanView(QWidget):
    """`begin_wanted` when the person has decided."""

    begin_wanted = Signal()

    def __init__(self, plan: PlanViewModel) -> None:
        super().__init__()
        self._plan = plan
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.m)
        column.addWidget(self._goal_step())
        column.addWidget(self._model_step())
        self.data = DataCard(3, plan)
        column.addWidget(self.data)
        column.addWidget(self._settings_step())
        column.addWidget(self._end())
        column.addStretch(1)
        plan.changed.connect(self.refresh)
        plan.bases_changed.connect(self.refresh)
        plan.estimate_changed.connect(self._show_estimate)
        plan.data_changed.connect(self._show_estimate)
        self.refresh()
        self._show_estimate()

    # ── the steps ──

    def _goal_step(self) -> QWidget:
        step = Step(1, _("Goal"))
        self._what = flowing("", "")
        step.column.addWidget(self._what)
        self.name = QLineEdit()
        self.name.setMaximumWidth(360)
        self.name.editingFinished.connect(lambda: self._plan.edit(name=self.name.text().strip()))
        step.column.addLayout(field(_("Name"), self.name))
        return step

    def _model_step(self) -> QWidget:
        step = Step(2, _("Model"))
        self.sizes = choice_box()
        for key, words in (
            ("small", _("Small: learns in a minute or two")),
            ("medium", _("Medium: the usual choice")),
            ("large", _("Large: slower, writes better")),
        ):
            self.sizes.addItem(words, key)
        self.sizes.addItem(_("As set below"), "own")
        self.sizes.activated.connect(self._sized)
        self._size_row = QWidget()
        self._size_row.setLayout(field(_("Size"), self.sizes))
        step.column.addWidget(self._size_row)
        self.base = choice_box()
        self.base.activated.connect(lambda: self._plan.edit(base=self.base.currentData()))
        self.learn = choice_box()
        for key, words in (
            ("lora", _("A thin layer over it (LoRA)")),
            ("last_block", _("Its last block")),
            ("all", _("All of it")),
            ("head", _("Only a new output")),
        ):
            self.learn.addItem(words, key)
        self.learn.activated.connect(lambda: self._plan.edit(learn=self.learn.currentData()))
        self._tuned_rows = QWidget()
        tuned = QVBoxLayout(self._tuned_rows)
        tuned.setContentsMargins(0, 0, 0, 0)
        tuned.setSpacing(space.s)
        tuned.addLayout(field(_("Builds on"), self.base))
        tuned.addLayout(field(_("What learns"), self.learn))
        self._no_base = flowing(
            _("There is no model here that could learn this. Bring in SmolLM2 on the page “Models” first."),
            "amber",
        )
        tuned.addWidget(self._no_base)
        step.column.addWidget(self._tuned_rows)
        return step

    def _settings_step(self) -> QWidget:
        step = Step(4, _("Settings"))
        edit = self._plan.edit
        self.steps = whole_field(1, 1_000_000, lambda value: edit(steps=value))
        self.batch = whole_field(1, 512, lambda value: edit(batch=value))
        self.rate = decimal_field(0.00001, 1.0, 5, lambda value: edit(rate=value))
        row = FoldingRow()
        row.setSpacing(space.l)
        for words, widget in (
            (_("Steps"), self.steps),
            (_("Rows in a step"), self.batch),
            (_("Learning rate"), self.rate),
        ):
            row.addLayout(field(words, widget))
        row.addStretch(1)
        step.column.addLayout(row)
        self.more = text_button(_("More settings"), "link", self._show_more)
        step.column.addWidget(self.more, 0)
        self._more = QWidget()
        inner = QVBoxLayout(self._more)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(space.s)
        self.layers = whole_field(1, 48, lambda value: edit(layers=value))
        self.heads = whole_field(1, 32, lambda value: edit(heads=value))
        self.width_ = whole_field(8, 2048, lambda value: edit(width=value))
        self.context = whole_field(16, 2048, lambda value: edit(context=value))
        self.vocab = whole_field(259, 32_000, lambda value: edit(vocab=value))
        self.rank = whole_field(1, 256, lambda value: edit(rank=value))
        self.warmup = whole_field(0, 100_000, lambda value: edit(warmup=value))
        self._shape = FoldingRow()
        self._shape_box = QWidget()
        self._shape_box.setLayout(self._shape)
        self._shape.setContentsMargins(0, 0, 0, 0)
        self._shape.setSpacing(space.l)
        for words, widget in (
            (_("Layers"), self.layers),
            (_("Heads"), self.heads),
            (_("Width"), self.width_),
            (_("Context"), self.context),
            (_("Vocabulary"), self.vocab),
        ):
            self._shape.addLayout(field(words, widget))
        self._shape.addStretch(1)
        inner.addWidget(self._shape_box)
        rest = FoldingRow()
        rest.setSpacing(space.l)
        rest.addLayout(field(_("Warm-up steps"), self.warmup))
        self._rank_box = QWidget()
        self._rank_box.setLayout(field(_("Rank of the adapter"), self.rank))
        rest.addWidget(self._rank_box)
        rest.addStretch(1)
        inner.addLayout(rest)
        self._more.hide()
        step.column.addWidget(self._more)
        return step

    def _end(self) -> QWidget:
        card = Card()
        card.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.takes = flowing("", "muted")
        card.column.addWidget(self.takes)
        self.begin = text_button(_("Begin"), "primary", self.begin_wanted.emit)
        card.column.addLayout(buttons_row(self.begin))
        return card

    def _show_more(self) -> None:
        self._more.setVisible(not self._more.isVisibleTo(self))
        self.more.setText(_("Fewer settings") if self._more.isVisibleTo(self) else _("More settings"))

    def _sized(self) -> None:
        sizes = SIZES.get(self.sizes.currentData())
        if sizes is not None:
            self._plan.edit(layers=sizes[0], heads=sizes[1], width=sizes[2])

    # ── what is shown ──

    def refresh(self) -> None:
        plan = self._plan.plan
        key = self._plan.key
        self._what.setText(
            texts.preset_words(key).what
            if key
            else _("Here comes {goal}.").format(goal=texts.goal_words(plan.goal))
        )
        if not self.name.hasFocus():
            self.name.setText(plan.name)
        self._size_row.setVisible(plan.grown)
        self._tuned_rows.setVisible(not plan.grown)
        self._shape_box.setVisible(plan.grown)
        self._rank_box.setVisible(not plan.grown and plan.learn == "lora")
        self.sizes.setCurrentIndex(max(0, self.sizes.findData(size_of(plan) or "own")))
        self._fill_bases()
        self.learn.setCurrentIndex(max(0, self.learn.findData(plan.learn)))
        whole = (
            (self.steps, plan.settings.steps),
            (self.batch, plan.settings.batch),
            (self.warmup, plan.settings.warmup),
            (self.layers, plan.layers),
            (self.heads, plan.heads),
            (self.width_, plan.width),
            (self.context, plan.context),
            (self.vocab, plan.vocab),
            (self.rank, plan.rank),
        )
        for widget, value in whole:
            if not widget.hasFocus():
                with QSignalBlocker(widget):
                    widget.setValue(value)
        if not self.rate.hasFocus():
            with QSignalBlocker(self.rate):
                self.rate.setValue(plan.settings.rate)

    def _fill_bases(self) -> None:
        bases = self._plan.bases
        with QSignalBlocker(self.base):
            self.base.clear()
            for model in bases:
                self.base.addItem(model.label or model.name, model.path)
            base = self._plan.plan.base
            if base and self.base.findData(base) < 0:
                self.base.addItem(base.rsplit("/", 1)[-1], base)
            self.base.setCurrentIndex(self.base.findData(base))
        self._no_base.setVisible(not bases and not base)

    def _show_estimate(self) -> None:
        plan, estimate = self._plan, self._plan.estimate
        kind = "muted"
        if plan.data_problem is not None:
            words, kind = f"{sentence(plan.data_problem)} {hint(plan.data_problem)}", "danger"
        elif plan.problem is not None:
            words, kind = f"{sentence(plan.problem)} {hint(plan.problem)}", "danger"
        elif estimate is None:
            words = _("Measuring how fast this machine is…") if plan.reckoning else ""
        else:
            words = texts.estimate_words(estimate, plan.plan)
            if not estimate.fits:
                words += " " + _("Choose a smaller model, or fewer rows in a step.")
                kind = "danger"
        set_kind(self.takes, kind)
        self.takes.setText(words)
        self.begin.setEnabled(plan.ready and (estimate is None or estimate.fits))
