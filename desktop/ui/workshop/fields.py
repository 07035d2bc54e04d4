"""Small fields with a name above them. They know no view model."""

from collections.abc import Callable

from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLabel, QSpinBox, QVBoxLayout, QWidget

from desktop.ui.pieces import align_number, label, leave_the_wheel
from desktop.ui.theme import space


def field(name: str, widget: QWidget) -> QVBoxLayout:
    """A widget under its name, which is its name for those who cannot see it too."""
    column = QVBoxLayout()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(space.xs)
    shown: QLabel = label(name, "caption")
    shown.setBuddy(widget)
    widget.setAccessibleName(name)
    if isinstance(widget, QComboBox):
        leave_the_wheel(widget)
    column.addWidget(shown)
    column.addWidget(widget)
    return column


def whole_field(low: int, high: int, changed: Callable[[int], object]) -> QSpinBox:
    made = QSpinBox()
    made.setRange(low, high)
    align_number(made)
    made.setKeyboardTracking(False)
    made.setGroupSeparatorShown(True)
    made.valueChanged.connect(changed)
    leave_the_wheel(made)
    return made


def decimal_field(
    low: float, high: float, decimals: int, changed: Callable[[float], object]
) -> QDoubleSpinBox:
    made = QDoubleSpinBox()
    made.setRange(low, high)
    made.setDecimals(decimals)
    made.setSingleStep(10.0 ** (1 - decimals))
    align_number(made)
    made.setKeyboardTracking(False)
    made.valueChanged.connect(changed)
    leave_the_wheel(made)
    return made
