"""Curves by pyqtgraph, which is brought in on a thread when the first is shown: the window does not wait."""

from importlib import import_module
from types import ModuleType
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.operations import start
from desktop.i18n import number
from desktop.ui.theme import appearance, current_theme, mixed
from desktop.ui.theme.tokens import Theme
from desktop.view_models.bridge import follow
from desktop.view_models.workshop.curves import thinned

_DASHES: Final = (4, 4)  # and gaps, in widths of the line


class CurveView(QWidget):
    """Lines and dots over steps. Curves are given as lists, drawn thinned."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._pg: ModuleType | None = None
        self._plot: Any = None
        self._shown: list[tuple[list[float], list[float], int, bool]] = []
        self._items: list[Any] = []
        self._asked = False
        look = appearance()
        if look is not None:
            look.changed.connect(self._dress)

    @property
    def drawn(self) -> bool:
        return self._plot is not None

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if not self._asked:
            self._asked = True
            bringing = start(lambda _: import_module("pyqtgraph"), "plots")
            follow(bringing, self, on_result=self._build)

    def _build(self, pg: ModuleType) -> None:
        self._pg = pg
        self._plot = pg.PlotWidget(parent=self)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.setMouseEnabled(x=True, y=False)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what it shows stands beside it in words
        self._plot.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plot.setFrameShape(self._plot.Shape.NoFrame)
        self._plot.setAccessibleName(self.accessibleName())
        self._column.addWidget(self._plot)
        self._dress()

    def show_curves(self, curves: "list[tuple[list[float], list[float], int, bool]]") -> None:
        """(steps, values, which of the colours, whether they are dots), drawn in that order: what is in front
        comes last, and is a line without gaps."""
        self._shown = curves
        if self._plot is None:
            return
        while len(self._items) > len(curves):
            self._plot.removeItem(self._items.pop())
        while len(self._items) < len(curves):
            self._items.append(self._plot.plot([], []))
        for item, (xs, ys, colour, dots) in zip(self._items, curves, strict=True):
            self._draw(item, xs, ys, colour, dots=dots)

    def _draw(self, item: Any, xs: list[float], ys: list[float], colour: int, *, dots: bool) -> None:
        pg = self._pg
        if pg is None:
            return
        tint = QColor(curve_colour(colour))
        item.setData(*thinned(xs, ys))
        if dots:
            joined = Qt.PenStyle.NoPen if colour > 0 else Qt.PenStyle.DotLine  # else dashes have no gaps
            item.setPen(pg.mkPen(tint, width=1, style=joined))
            item.setSymbol("o")
            item.setSymbolSize(6)
            item.setSymbolBrush(tint)
            item.setSymbolPen(None)
        else:
            item.setPen(pg.mkPen(tint, width=1.6, **({"dash": _DASHES} if colour > 0 else {})))
            item.setSymbol(None)

    def _dress(self, _theme: Theme | None = None) -> None:
        if self._plot is None or self._pg is None:
            return
        theme = current_theme()
        self._plot.setBackground(QColor(theme.raised))
        self._plot.showGrid(x=False, y=True, alpha=0.18)
        for name in ("left", "bottom"):
            axis = self._plot.getAxis(name)
            axis.setPen(self._pg.mkPen(QColor(theme.line)))
            axis.setTextPen(self._pg.mkPen(QColor(theme.muted)))
            axis.setStyle(tickLength=-4)
            axis.tickStrings = _tick_strings
        self.show_curves(self._shown)


def _tick_strings(values: list[float], scale: float, spacing: float) -> list[str]:
    """Numbers as one writes them here."""
    step = spacing * scale
    decimals = 0 if step >= 1 else min(5, len(f"{step:.6f}".rstrip("0").split(".")[1]))
    return [number(value * scale, decimals) for value in values]


def curve_colour(which: int) -> str:
    """The first is the one in front; the others are runs beside it."""
    theme = current_theme()
    if which < 0:
        return mixed(theme.accent, theme.raised, 0.35)
    return (theme.accent, theme.sage, theme.amber, theme.muted, theme.link)[which % 5]
