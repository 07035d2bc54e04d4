"""A small field for each variable that a prompt asks for. Stores nothing."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from desktop.ui.pieces import ElidedLabel, clear_layout
from desktop.ui.theme import space


class VariableFields(QWidget):
    """`changed` with a name and its value after a person wrote; never from `show_values`."""

    changed = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, QLineEdit] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(space.s)
        self._grid.setVerticalSpacing(space.xs)
        self._grid.setColumnStretch(1, 1)

    def show_values(
        self,
        names: tuple[str, ...],
        values: Mapping[str, str],
        placeholders: Mapping[str, str],
        missing: str,
        *,
        editable: bool = True,
    ) -> None:
        """`missing`: what an empty field without a placeholder of its own says."""
        if tuple(self.fields) != names:
            clear_layout(self)
            self.fields = {name: self._row(row, name) for row, name in enumerate(names)}
        for name, field in self.fields.items():
            if field.text() != values.get(name, "") and not field.hasFocus():
                field.setText(values.get(name, ""))
            field.setPlaceholderText(placeholders.get(name, "") or missing)
            field.setReadOnly(not editable)

    def _row(self, row: int, name: str) -> QLineEdit:
        shown = ElidedLabel(name, "muted")
        shown.setMaximumWidth(130)
        field = QLineEdit()
        field.setAccessibleName(name)
        field.textEdited.connect(lambda text: self.changed.emit(name, text))
        shown.setBuddy(field)
        self._grid.addWidget(shown, row, 0, Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(field, row, 1)
        return field
