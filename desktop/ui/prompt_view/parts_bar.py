"""The context window as one bar: each part as wide as the tokens it takes. Paints; counts nothing."""

from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.core.types import ContextPlan
from desktop.ui.prompt_view import origins
from desktop.ui.theme import current_theme, interface_font, text_scale

LEAST_PX: Final = 2.0  # of a part that has a token
SIDE_PX: Final = 12


class PartsBar(QWidget):
    """Shows the plan it was given last; None: an empty window."""

    def __init__(self, height_px: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plan: ContextPlan | None = None
        self.setFixedHeight(height_px)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_plan(self, plan: ContextPlan | None) -> None:
        if plan != self.plan:
            self.plan = plan
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        rounded = QPainterPath()
        corner = min(4.0, whole.height() / 2)
        rounded.addRoundedRect(whole, corner, corner)
        painter.setClipPath(rounded)
        painter.fillRect(whole, origins.color(origins.ROOM, theme))
        for part, box in self.boxes():
            origins.fill(painter, box, part, theme, theme.ground)

    def boxes(self) -> Iterator[tuple[str, QRectF]]:
        """Each part with where it stands, from the left."""
        if self.plan is None or self.plan.limit_tokens <= 0:
            return
        left, width, height = 0.0, float(self.width()), float(self.height())
        for part in self.plan.parts:
            share = max(LEAST_PX, width * part.tokens / self.plan.limit_tokens)
            yield part.origin, QRectF(left, 0, min(share, width - left), height)
            left = min(width, left + share + 0.5)


class Swatch(QWidget):
    """A square in the colour and pattern of a part, before its name."""

    def __init__(self, part: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._part = part
        # as high as the line of words that it stands before
        self.setFixedSize(round(SIDE_PX * text_scale()), QFontMetrics(interface_font()).height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = current_theme()
        painter = QPainter(self)
        side = float(self.width())
        square = QRectF(0, round((self.height() - side) / 2), side, side)
        origins.fill(painter, square, self._part, theme, theme.panel)
