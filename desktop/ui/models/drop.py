"""Model files dragged over the window: where they would go, in words, before they are let go."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from desktop.i18n import _
from desktop.ui.theme import current_theme, mixed, radius, space
from desktop.view_models.model_imports import looks_like_model


def parted(paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """Models, and everything else."""
    models = [path for path in paths if looks_like_model(path)]
    return models, [path for path in paths if not looks_like_model(path)]


class ModelDropOverlay(QWidget):
    """A veil over the window while model files are dragged over it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(theme.ground)
        veil.setAlphaF(0.92)
        painter.fillRect(self.rect(), veil)
        frame = QRectF(self.rect()).adjusted(space.xl, space.xl, -space.xl, -space.xl)
        painter.setPen(QPen(QColor(theme.accent), 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(QColor(mixed(theme.accent, theme.ground, 0.06)))
        painter.drawRoundedRect(frame, radius.card, radius.card)
        painter.setPen(QColor(theme.text))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        inner = frame.adjusted(space.l, 0, -space.l, 0)
        painter.drawText(inner, flags, _("Drop to see whether it runs here"))
        painter.end()
