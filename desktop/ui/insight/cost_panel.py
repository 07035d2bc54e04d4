"""The panel of what a reply cost: all that the line under it has no room for, and the way to repeat it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.insight import cost_wording as wording
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import space
from desktop.view_models.costs import CostsViewModel


class CostPanel(QWidget):
    """Shows the reply that its view model has in front."""

    def __init__(self, costs: CostsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._costs = costs
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setAccessibleName(_("What it cost"))
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(space.l, 0, space.l, space.l)
        self._column.setSpacing(space.m)
        self.say = label("", "muted", wrap=True)
        self._lines = QWidget()
        self._lines_column = QVBoxLayout(self._lines)
        self._lines_column.setContentsMargins(0, 0, 0, 0)
        self._lines_column.setSpacing(space.s)
        self.expect = label("", "caption", wrap=True)
        self.repeat = text_button(_("Repeat exactly"), "", costs.repeat)
        self.result = label("", "text", wrap=True)
        for part in (self.say, self._lines, self.result, self.repeat, self.expect):
            self._column.addWidget(part)
        self._column.addStretch(1)
        scroll.viewport().setAutoFillBackground(False)
        scroll.setWidget(self._inside)
        self._inside.setAutoFillBackground(False)  # taking it, the area has turned this on
        outer.addWidget(scroll)
        about = _("The same model, settings and seed; nothing from the cache, nothing guessed ahead.")
        self.repeat.setToolTip(about)
        self.repeat.setAccessibleDescription(about)
        self._told: object = None
        costs.changed.connect(self.refresh)
        self.refresh()

    @property
    def lines(self) -> list[wording.Line]:
        """All that is told, in its order."""
        turn = self._costs.turn
        if turn is None or turn.stats is None:
            return []
        return [
            *wording.work(turn, turn.stats),
            *wording.making(turn, self._costs.record, turn.stats),
        ]

    def refresh(self) -> None:
        """Another reply, or it has come to its end."""
        turn = self._costs.turn
        stats = turn.stats if turn is not None else None
        known = turn is not None and stats is not None
        self.say.setVisible(not known)
        self.say.setText(
            _("There is no reply yet.") if turn is None else _("What this reply cost was not kept.")
        )
        for part in (self._lines, self.repeat, self.expect):
            part.setVisible(known)
        repetition = self._costs.repetition
        self.result.setVisible(repetition is not None)
        self.result.setText(wording.repeated(repetition) if repetition is not None else "")
        if turn is None or stats is None:
            return
        self.repeat.setEnabled(self._costs.can_repeat)
        self.expect.setText(wording.can_be_repeated(stats))
        if (turn.key, stats) != self._told:
            self._told = (turn.key, stats)
            self._build(wording.work(turn, stats), wording.making(turn, self._costs.record, stats))

    def _build(self, work: list[wording.Line], making: list[wording.Line]) -> None:
        while self._lines_column.count():
            item = self._lines_column.takeAt(0)
            old = item.widget() if item is not None else None
            if old is not None:
                old.hide()
                old.deleteLater()
        for title, lines in ((_("Cost"), work), (_("How it was made"), making)):
            head = label(title, "section")
            head.setContentsMargins(0, space.xs, 0, 0)
            self._lines_column.addWidget(head)
            self._lines_column.addWidget(_form(lines))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._costs.turn is None:
            self._costs.show_last()


def _form(lines: list[wording.Line]) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(space.m)
    grid.setVerticalSpacing(space.xs)
    for column in (0, 1):
        grid.setColumnStretch(column, 1)
    for row, (name, value) in enumerate(lines):
        shown = label(value, "text" if name else "caption", wrap=True)
        shown.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        shown.setAccessibleName(f"{name}: {value}" if name else value)
        top = Qt.AlignmentFlag.AlignTop
        if name:
            grid.addWidget(label(name, "muted", wrap=True), row, 0, top)
            grid.addWidget(shown, row, 1, top)
        else:
            grid.addWidget(shown, row, 0, 1, 2)
    return made
