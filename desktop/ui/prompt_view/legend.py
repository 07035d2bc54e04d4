"""The parts of a plan as a list: colour and pattern, name, tokens, and in one line what each part is."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from desktop.core.types import ContextPlan
from desktop.i18n import number
from desktop.ui.pieces import clear_layout, label
from desktop.ui.prompt_view import origins
from desktop.ui.prompt_view.parts_bar import Swatch
from desktop.ui.theme import space


def counts(plan: ContextPlan) -> list[tuple[str, int]]:
    """(part, tokens, or messages of what is left out), in the order of the prompt."""
    found: list[tuple[str, int]] = [(part.origin, part.tokens) for part in plan.parts]
    if plan.dropped_messages:
        found.append((origins.LEFT_OUT, plan.dropped_messages))
    return [*found, (origins.ROOM, max(0, plan.limit_tokens - plan.prompt_tokens))]


class Legend(QScrollArea):
    """As tall as it needs to be, and at most a part of its panel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.explains = True
        self._shown: list[tuple[str, int]] | None = None
        self._numbers: list[QLabel] = []
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._inside = QWidget()
        self._grid = QGridLayout(self._inside)
        self._grid.setContentsMargins(0, 0, space.s, 0)
        self._grid.setHorizontalSpacing(space.s)
        self._grid.setVerticalSpacing(space.xs)
        self._grid.setColumnStretch(1, 1)
        self.viewport().setAutoFillBackground(False)
        self.setWidget(self._inside)
        self._inside.setAutoFillBackground(False)  # taking it, the area has turned this on
        self.most_px = 240

    def show_plan(self, plan: ContextPlan) -> None:
        parts = counts(plan)
        if parts == self._shown:
            return
        if self._shown is not None and [part for part, _ in parts] == [part for part, _ in self._shown]:
            for row, (_part, count) in enumerate(parts):
                self._numbers[row].setText(number(count))
            self._shown = parts
            return
        self._shown = parts
        self._build()

    def explain(self, explains: bool) -> None:
        """Show what each part is, or only its name."""
        self.explains = explains
        if self._shown is not None:
            self._build()

    def _build(self) -> None:
        clear_layout(self._inside)
        self._numbers = []
        for row, (part, count) in enumerate(self._shown or ()):
            words = QWidget()
            column = QVBoxLayout(words)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
            column.addWidget(label(origins.name(part), "small"))
            if self.explains:
                column.addWidget(label(origins.about(part), "caption", wrap=True))
            words.setToolTip(origins.about(part))
            shown = label(number(count), "small")
            self._numbers.append(shown)
            swatch = Swatch(part)
            self._grid.addWidget(swatch, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(words, row, 1)
            self._grid.addWidget(shown, row, 2, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
            words.setAccessibleName(f"{origins.name(part)}: {number(count)}")
        self.fit()
        QTimer.singleShot(0, self, self.fit)  # what is new counts for its layout only then

    def fit(self) -> None:
        """Take the height that the lines need at this width, up to `most_px`."""
        layout = self._inside.layout()
        width = max(120, self.width())
        if layout is None:
            return
        layout.activate()
        needed = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else 0
        self.setFixedHeight(min(self.most_px, max(layout.totalSizeHint().height(), needed)))
