"""What a model writes after so many steps: a slider from noise to language."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QSlider

from desktop.core.types.training import RunInfo
from desktop.i18n import _, number
from desktop.ui.models.parts import Card, flowing
from desktop.ui.pieces import label
from desktop.ui.theme import grow, space
from engine.train.events import Sampled

TEXT_PX = 150


class SamplesCard(Card):
    """Follows the newest until the person looks back."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.column.setSpacing(space.s)
        self.column.addWidget(label(_("What it writes"), "section"))
        self._hint = flowing("", "caption")
        self.column.addWidget(self._hint)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(_("Sample after how many steps"))
        self.slider.valueChanged.connect(lambda _at: self._show())
        self.slider.sliderMoved.connect(lambda at: self._follow(at))
        self.slider.actionTriggered.connect(lambda _action: self._follow(self.slider.sliderPosition()))
        row = QHBoxLayout()
        row.setSpacing(space.m)
        row.addWidget(self.slider, 1)
        self.step = label("", "caption")
        row.addWidget(self.step)
        self.column.addLayout(row)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(_("What it writes"))
        grow(self.text, height=TEXT_PX)
        self.column.addWidget(self.text)
        self._by_step: list[tuple[int, list[Sampled]]] = []
        self._following = True
        self._run = ""

    def show_samples(self, run: RunInfo, samples: Sequence[Sampled]) -> None:
        self.setVisible(run.plan.goal != "label")
        if run.id != self._run:
            self._run, self._following = run.id, True
            self._by_step = []
        by_step: dict[int, list[Sampled]] = {}
        for one in samples:
            by_step.setdefault(one.step, []).append(one)
        found = sorted(by_step.items())
        if found == self._by_step and found:
            return
        self._by_step = found
        words = _("After the first {count} steps something will stand here.")
        if not run.running and not run.can_resume:
            words = _("It wrote nothing while it learnt.")
        self._hint.setText(
            _("Drag to see how the text changed as it learnt.")
            if found
            else words.format(count=number(run.plan.settings.sample_every or run.plan.settings.steps))
        )
        self.slider.setVisible(len(found) > 1)
        self.text.setVisible(bool(found))
        last = max(0, len(found) - 1)
        self.slider.setRange(0, last)
        if self._following:
            self.slider.setValue(last)
        self._show()

    def _follow(self, at: int) -> None:
        self._following = at >= len(self._by_step) - 1

    def _show(self) -> None:
        if not self._by_step:
            self.step.setText("")
            return
        step, some = self._by_step[min(self.slider.value(), len(self._by_step) - 1)]
        self.step.setText(_("after {step} steps").format(step=number(step)))
        parts = []
        for one in some:
            asked = one.prompt.strip()
            parts.append(f"{asked}\n→ {one.text.strip()}" if asked else one.text.strip())
        words = "\n\n".join(parts)
        if words != self.text.toPlainText():
            self.text.setPlainText(words)
