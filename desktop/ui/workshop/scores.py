"""Measures as a table: a row for each, a column for each number that any of them has. Decides nothing."""

from collections.abc import Callable, Sequence
from pathlib import PurePath

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from desktop.core.types import Problem
from desktop.core.types.training import RunMeasure
from desktop.i18n import _, number, percent
from desktop.ui.models.parts import flowing
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import space
from desktop.words import sentence
from engine.train.results import TextScore

Score = RunMeasure | Problem | None  # None: on its way
Column = tuple[str, Callable[[RunMeasure], str]]


def measured_on(path: str) -> str:
    return PurePath(path).name if path else _("what it held out")


class ScoreTable(QWidget):
    """`chosen`: the row of that number is to be opened. Where it is narrow, each row becomes a sentence."""

    chosen = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._wide, self._narrow = QWidget(), QWidget()
        column.addWidget(self._wide)
        column.addWidget(self._narrow)
        self._grid = QGridLayout(self._wide)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(space.l)
        self._grid.setVerticalSpacing(space.xs)
        self._rows = QVBoxLayout(self._narrow)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(space.xs)
        self._wide.installEventFilter(self)
        self.lines: list[str] = []  # as they are read aloud

    def show_scores(self, heading: str, scores: Sequence[tuple[str, Score]], opened: int = -1) -> None:
        """Names with what was measured. `opened`: the row that is open; those with texts or answers behind
        them can be."""
        for layout in (self._grid, self._rows):
            while layout.count():
                item = layout.takeAt(0)
                widget = item.widget() if item is not None else None
                if widget is not None:
                    widget.setParent(None)
                    widget.deleteLater()
        self.lines = []
        self.setVisible(bool(scores))
        found = [one for _name, one in scores if isinstance(one, RunMeasure)]
        columns = [one for one in _columns() if any(one[1](score) for score in found)]
        for at, (title, _words) in enumerate(((heading, str), *columns)):
            self._grid.addWidget(label(title, "caption"), 0, at)
        for row, (name, score) in enumerate(scores, 1):
            self._show_row(row, name, score, columns, opened == row - 1)
        for at in range(max(self._grid.columnCount(), len(columns) + 2)):
            self._grid.setColumnStretch(at, int(at == len(columns) + 1))
        self._fold()

    # ── as wide as there is room ──

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # rows have come into view
            self._fold()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def minimumSizeHint(self) -> QSize:
        return QSize(1, super().minimumSizeHint().height())  # it folds: no width is too little

    def _fold(self) -> None:
        narrow = self._grid.minimumSize().width() > self.width()
        self._wide.setVisible(not narrow)
        self._narrow.setVisible(narrow)

    # ── a row ──

    def _show_row(self, row: int, name: str, score: Score, columns: list[Column], opened: bool) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter
        first, again = (self._made_name(row, name, score, opened) for _ in range(2))
        self._grid.addWidget(first, row, 0, middle | Qt.AlignmentFlag.AlignLeft)
        self._rows.addWidget(again, 0, Qt.AlignmentFlag.AlignLeft)
        if not isinstance(score, RunMeasure):
            words = _("One moment…") if score is None else sentence(score)
            kind = "muted" if score is None else "danger"
            self._grid.addWidget(flowing(words, kind), row, 1, 1, max(1, len(columns)), middle)
            self._rows.addWidget(flowing(words, kind))
            self.lines.append(f"{name}: {words}")
            return
        said = []
        for at, (title, value) in enumerate(columns, 1):
            words = value(score)
            if words:
                said.append(f"{title} {words}")
            self._grid.addWidget(label(words or "—"), row, at, middle | Qt.AlignmentFlag.AlignLeft)
        self._rows.addWidget(flowing(" · ".join(said)))
        for one in (first, again):
            one.setAccessibleName(f"{name}: {', '.join(said)}")
        self.lines.append(first.accessibleName())

    def _made_name(self, row: int, name: str, score: Score, opened: bool) -> QWidget:
        if not isinstance(score, RunMeasure) or not score.guesses:
            return label(name)
        made = text_button(name, "link", lambda: self.chosen.emit(row - 1))
        if opened:
            font = made.font()
            font.setBold(True)
            made.setFont(font)
        made.ensurePolished()
        made.setMinimumSize(made.sizeHint())
        return made


def _columns() -> tuple[Column, ...]:
    return (
        (_("After steps"), lambda one: number(one.step) if one.step else ""),
        (_("Right"), _right),
        (_("Macro F1"), lambda one: number(one.labels.macro_f1, 3) if one.labels is not None else ""),
        (_("Of"), lambda one: number(len(one.guesses)) if one.guesses else ""),
        (_("Loss"), lambda one: number(one.loss, 3) if one.loss is not None else ""),
        (_("Perplexity"), lambda one: _of_text(one, lambda score: number(score.perplexity, 2))),
        (_("Bits per byte"), _bits),
        (_("Tokens"), lambda one: _of_text(one, lambda score: number(score.tokens))),
    )


def _right(one: RunMeasure) -> str:
    share = one.labels.accuracy if one.labels is not None else one.answered
    return percent(share, 1) if share is not None else ""


def _bits(one: RunMeasure) -> str:
    return _of_text(one, lambda score: number(score.bits_per_byte, 2) if score.bits_per_byte else "")


def _of_text(one: RunMeasure, words: Callable[[TextScore], str]) -> str:
    return words(next(iter(one.texts.values()))) if one.texts else ""
