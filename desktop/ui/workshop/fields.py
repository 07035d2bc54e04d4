"""Small fields with a name above them. They know no view model."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLabel, QSpinBox, QVBoxLayout, QWidget

from desktop.ui.pieces import align_number, label
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
        _leave_the_wheel(widget)
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
    _leave_the_wheel(made)
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
    _leave_the_wheel(made)
    return made


def _leave_the_wheel(widget: QWidget) -> None:
    """Scrolling the page over a field changes nothing in it, and does not give it the keys either."""
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(_NoWheel(widget))


class _NoWheel(QObject):
    """Lets the wheel turn the page, unless a person has gone into the field."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)
