"""A confusion matrix whose fields are buttons. Counts nothing itself."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from desktop.i18n import _, ngettext, number
from desktop.ui.pieces import label
from desktop.ui.theme import current_theme, mixed, radius, space
from engine.train.results import LabelScore


class Confusion(QWidget):
    """`chosen`: the field of texts that are the first label and were called the second."""

    chosen = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(space.xs)
        self._grid.setHorizontalSpacing(space.m)  # what stands above the fields is words
        self.cells: dict[tuple[str, str], QPushButton] = {}
        self._score: LabelScore | None = None

    def show_score(self, score: LabelScore | None) -> None:
        self.setVisible(score is not None)
        if score == self._score and self.cells:
            return
        self._score = score
        self.cells = {}
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        if score is None:
            return
        most = max(map(max, score.confusion)) or 1
        for at, name in enumerate(score.labels):
            self._grid.addWidget(label(_("said: {label}").format(label=name), "caption"), 0, at + 1)
            self._grid.addWidget(label(_("is: {label}").format(label=name), "caption"), at + 1, 0)
            for other, said in enumerate(score.labels):
                cell = self._made_cell(name, said, score.confusion[at][other], most)
                self.cells[name, said] = cell
                self._grid.addWidget(cell, at + 1, other + 1)
        self._grid.setColumnStretch(len(score.labels) + 1, 1)

    def _made_cell(self, right: str, said: str, count: int, most: int) -> QPushButton:
        theme = current_theme()
        cell = QPushButton(number(count))
        cell.setAutoDefault(False)
        tone = theme.sage if right == said else theme.danger
        ground = mixed(tone, theme.raised, 0.1 + 0.25 * count / most if count else 0.0)
        cell.setStyleSheet(
            f"QPushButton {{ background: {ground}; min-width: 56px; border-radius: {radius.small}px; }}"
        )
        words = ngettext(
            "{count} text that is “{right}” and was called “{said}”",
            "{count} texts that are “{right}” and were called “{said}”",
            count,
        )
        cell.setAccessibleName(words.format(count=number(count), right=right, said=said))
        cell.setToolTip(cell.accessibleName())
        cell.clicked.connect(lambda: self.chosen.emit(right, said))
        return cell
