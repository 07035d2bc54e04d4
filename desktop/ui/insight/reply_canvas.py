"""The tokens of one reply, each tinted by how likely it was. One walks through them with the arrow keys."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSignalBlocker, QSize
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from desktop.i18n import _
from desktop.ui.aloud import tell
from desktop.ui.insight import heat, wording
from desktop.ui.prompt_view import glyphs
from desktop.ui.prompt_view.canvas import TokenCanvas
from desktop.ui.theme import Theme, radius
from engine.protocol import TokenDetail


class ReplyCanvas(TokenCanvas):
    """Shows the details it was given last."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._details: Sequence[TokenDetail] = ()
        self._steps: list[int] = []
        self._worn: Theme | None = None
        self._looks: list[tuple[QColor, QPen]] = []
        self.setAccessibleName(_("The reply, token by token"))
        self.moved.connect(self._tell)

    def show_details(self, details: Sequence[TokenDetail]) -> None:
        if details is self._details:
            return
        self._details = details
        self._steps = [heat.step(detail.p_before) for detail in details]
        self.here = -1
        texts = [glyphs.shown(detail.text, detail.id, blanks=False) for detail in details]
        self.set_tokens(texts, ["\n" in detail.text for detail in details], {})

    def show_token(self, token: int) -> None:
        """Mark a token without telling that it was chosen here."""
        if token != self.here and token >= 0:
            blocker = QSignalBlocker(self)
            self.go_to(token)
            blocker.unblock()

    def paint_token(self, painter: QPainter, token: int, box: QRectF) -> None:
        if self.theme is not self._worn:
            self._worn, self._looks = self.theme, heat.looks(self.theme, self.theme.raised)
        ground, line = self._looks[self._steps[token]]
        painter.fillRect(box, ground)
        painter.setPen(line)
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        if token == self.here:
            painter.fillRect(box, QColor(self.theme.select))

    def tip(self, token: int) -> str:
        return wording.token(self._details[token], token, len(self._details))

    def _tell(self, token: int) -> None:
        self.setAccessibleDescription(self.tip(token))
        tell(self, self.tip(token))

    def sizeHint(self) -> QSize:
        return QSize(280, 5 * self.row_px + radius.card)
