"""How likely a token was, as a ground behind it: none where it was certain, amber, then red."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from desktop.ui.theme import Theme, Token, mixed

# (at least so likely, colour, how much of it, line below): the line tells the steps apart without colour
_STEPS: Final[tuple[tuple[float, Token, float, Qt.PenStyle], ...]] = (
    (0.9, "ground", 0.0, Qt.PenStyle.NoPen),
    (0.5, "amber", 0.12, Qt.PenStyle.DotLine),
    (0.2, "amber", 0.3, Qt.PenStyle.DashLine),
    (0.05, "danger", 0.26, Qt.PenStyle.SolidLine),
    (0.0, "danger", 0.45, Qt.PenStyle.SolidLine),
)


def step(p: float) -> int:
    """Which of the steps a probability is on; 0: as good as certain."""
    return next(n for n, (least, *_) in enumerate(_STEPS) if p >= least)


def ground(at: int, theme: Theme, under: str) -> QColor | None:
    """The colour of a step; None for the first."""
    _least, token, share, _line = _STEPS[at]
    return QColor(mixed(theme.color(token), under, share)) if share else None


def looks(theme: Theme, under: str) -> list[tuple[QColor, QPen]]:
    """The ground and the line below it, for each step."""
    return [
        (ground(at, theme, under) or QColor(under), QPen(QColor(theme.color(token)), 1.5, line))
        for at, (_least, token, _share, line) in enumerate(_STEPS)
    ]
