"""Four sliders that show at once what temperature, top-k, top-p and min-p would do. Change nothing kept."""

from typing import Final

from msgspec.structs import replace
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QSlider, QWidget

from desktop.i18n import number
from desktop.ui.pieces import label
from desktop.ui.theme import space
from desktop.view_models.chances import Knobs
from desktop.words.settings import setting_help, setting_label

# name: (steps, what one step is)
_SLIDERS: Final = {"temperature": (40, 0.05), "top_k": (100, 1.0), "top_p": (50, 0.02), "min_p": (50, 0.01)}


class KnobSliders(QWidget):
    """`changed` only when a person moves one."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._knobs = Knobs()
        self.sliders: dict[str, QSlider] = {}
        self._numbers: dict[str, QLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(space.s)
        grid.setVerticalSpacing(space.xs)
        grid.setColumnStretch(1, 1)
        for row, (name, (steps, _step)) in enumerate(_SLIDERS.items()):
            slider = QSlider(Qt.Orientation.Horizontal)
            slider.setRange(0, steps)
            slider.setAccessibleName(setting_label(name))
            slider.setAccessibleDescription(setting_help(name))
            slider.setToolTip(setting_help(name))
            slider.valueChanged.connect(lambda value, name=name: self._moved(name, value))
            self.sliders[name] = slider
            self._numbers[name] = label("", "caption")
            self._numbers[name].setMinimumWidth(32)
            self._numbers[name].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(label(setting_label(name), "caption"), row, 0)
            grid.addWidget(slider, row, 1)
            grid.addWidget(self._numbers[name], row, 2)
        self.show_knobs(Knobs())

    @property
    def knobs(self) -> Knobs:
        return self._knobs

    def show_knobs(self, knobs: Knobs) -> None:
        """Stand as these say; between two steps at the nearer one, which changes no value."""
        self._knobs = knobs
        for name, slider in self.sliders.items():
            blocker = QSignalBlocker(slider)
            slider.setValue(round(float(getattr(knobs, name)) / _SLIDERS[name][1]))
            blocker.unblock()
            self._show_number(name)

    def _moved(self, name: str, value: int) -> None:
        exact = round(value * _SLIDERS[name][1], 2)
        self._knobs = replace(self._knobs, **{name: int(exact) if name == "top_k" else exact})
        self._show_number(name)
        self.changed.emit()

    def _show_number(self, name: str) -> None:
        value = getattr(self._knobs, name)
        self._numbers[name].setText(number(value) if name == "top_k" else number(value, 2))
