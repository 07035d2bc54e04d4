"""Choosing what a smaller file of a model is to be: the type, with its size and a sentence, and measuring."""

from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QCheckBox,
    QGridLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from desktop.core.types import Problem
from desktop.core.types.models import ModelFile
from desktop.i18n import _, size
from desktop.ui.models.parts import buttons_row, flowing
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import space
from desktop.view_models.bridge import follow
from desktop.view_models.quantizing import USUAL, Choice, choices, foresee
from desktop.words.quantization import type_sentence


class QuantizeForm(QWidget):
    """Stands in the model's card. `chosen(type, measure)`."""

    chosen = Signal(str, bool)
    declined = Signal()

    def __init__(self, model: ModelFile, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Quantize"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, space.s, 0, 0)
        column.setSpacing(space.s)
        column.addWidget(flowing(_("Writes a smaller file of this model. The model itself stays as it is.")))
        self._group = QButtonGroup(self)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(space.m)
        self._grid.setVerticalSpacing(space.xs)
        self._grid.setColumnStretch(2, 1)
        self.types: dict[str, QRadioButton] = {}
        self._sizes: dict[str, QLabel] = {}
        self._words: dict[str, QLabel] = {}
        column.addLayout(self._grid)
        self.all_types = text_button(_("All types"), "link", self._show_all)
        column.addWidget(self.all_types, 0, Qt.AlignmentFlag.AlignLeft)
        self.nothing = flowing(_("It is as small as the smallest type already."))
        column.addWidget(self.nothing)
        self.measure = QCheckBox(_("Measure how well both predict a text"))
        self.measure.setChecked(True)
        column.addWidget(self.measure)
        note = _("The perplexity of both then stands beside their sizes. It takes a few minutes more.")
        column.addWidget(flowing(note, "caption"))
        self.decline = text_button(_("Cancel"), "", self.declined.emit)
        self.begin = text_button(_("Quantize"), "primary", self._begin)
        column.addLayout(buttons_row(self.decline, self.begin))
        for widget in (self.all_types, self.begin):
            widget.setEnabled(False)
        self.all_types.hide()
        self.nothing.setText(_("Looking into the file"))
        # its header tells the sizes; they are too far off to be shown without it
        found = self._show_choices
        follow(foresee(model), self, on_result=lambda sizes: found(choices(model, sizes)), on_error=_none)

    def _show_choices(self, offered: tuple[Choice, ...]) -> None:
        """A row for each; those that few people take wait behind a button."""
        common = [choice.name for choice in offered if choice.common]
        for choice in offered:
            self._add_row(choice)
            self._show_row(choice.name, visible=choice.common or not common)
        self._order()
        self.all_types.setVisible(0 < len(common) < len(offered))
        if offered:
            shown = common or [choice.name for choice in offered]
            self.types[USUAL if USUAL in shown else shown[0]].setChecked(True)
        self.nothing.setText(_("It is as small as the smallest type already."))
        self.nothing.setVisible(not offered)
        for button in (self.all_types, self.begin):
            button.setEnabled(bool(offered))
        if self.isAncestorOf(QApplication.focusWidget() or self):
            self.take_focus()

    def _order(self) -> None:
        """Tab goes down the form, though the types came last."""
        before = self.all_types.previousInFocusChain()
        while before is not None and before.focusPolicy() == Qt.FocusPolicy.NoFocus:
            before = before.previousInFocusChain()  # Qt orders only what takes the keys
        stops = (*self.types.values(), self.all_types)
        for first, then in pairwise(stops if before is None else (before, *stops)):
            QWidget.setTabOrder(first, then)

    def _add_row(self, choice: Choice) -> None:
        button, words = QRadioButton(choice.name), flowing(type_sentence(choice.name), "muted")
        about = label(_("about {size}").format(size=size(choice.size_bytes)))
        button.setAccessibleName(f"{choice.name}, {about.text()}. {words.text()}")
        self._group.addButton(button)
        self.types[choice.name], self._sizes[choice.name] = button, about
        self._words[choice.name] = words
        row = len(self.types)
        self._grid.addWidget(button, row, 0)
        self._grid.addWidget(about, row, 1, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        self._grid.addWidget(words, row, 2)

    def _show_row(self, name: str, *, visible: bool) -> None:
        for widget in (self.types[name], self._sizes[name], self._words[name]):
            widget.setVisible(visible)

    def _show_all(self) -> None:
        self.all_types.hide()
        for name in self.types:
            self._show_row(name, visible=True)
        self.take_focus()

    @property
    def chosen_type(self) -> str:
        """The type that is marked; "" where there is none to choose."""
        button = self._group.checkedButton()
        return next((name for name, one in self.types.items() if one is button), "")

    def take_focus(self) -> None:
        """The keys go to the type that is chosen."""
        button = self._group.checkedButton() or self.decline
        button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _begin(self) -> None:
        if self.chosen_type:
            self.chosen.emit(self.chosen_type, self.measure.isChecked())


def _none(_: Problem) -> None:
    """Foreseeing has no errors of its own."""
