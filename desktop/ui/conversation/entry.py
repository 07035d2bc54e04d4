"""One message with everything around its text: author, card, state, problem, footer. Geometry, no widget."""

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QTextCursor, QTextDocument

from desktop.core.types import Problem
from desktop.ui.conversation import wording
from desktop.ui.conversation.pieces import Pieces
from desktop.ui.conversation.quiet_document import QuietDocument
from desktop.ui.conversation.style import GAP_PX, INSET_PX, Style
from desktop.ui.theme import grown, space
from desktop.view_models.turns import Turn

TOP_PX: Final = 6  # room for the focus ring above the author
LABEL_GAP_PX: Final = 6
CARD_PX: Final = space.m  # above the text of a card
CARD_BELOW_PX: Final = space.s  # the last line's height adds the rest
SIGN_PX: Final = 28  # the warning sign before a problem's words, at 100 %
BETWEEN_PX: Final = space.xl  # an answer and the next question


def plain_heights(texts_px: Iterable[float], replies: Iterable[bool], style: Style) -> list[int]:
    """The heights of messages that have no more than their texts, as `Entry.height` gives them."""
    around = TOP_PX + style.label_px + LABEL_GAP_PX + space.xs + style.footer_px
    card = around + CARD_PX + CARD_BELOW_PX
    return [
        round(text_px + around) + BETWEEN_PX if is_reply else round(text_px + card)
        for text_px, is_reply in zip(texts_px, replies, strict=True)
    ]


class Entry:
    """A turn, its pieces, and where each part of it stands. All in pixels from the entry's top left."""

    # an open chat has many
    __slots__ = ("_problem", "edit_px", "is_last", "pieces", "style", "turn", "width")

    def __init__(self, turn: Turn, style: Style, width: int) -> None:
        self.turn = turn
        self.style = style
        self.width = width
        self.is_last = False  # only the last reply can be tried again
        self.pieces = Pieces(turn, style, width - 2 * INSET_PX)
        self.edit_px = 0  # above 0: a card of this height stands in the place of the text
        self._problem: tuple[Problem, QTextDocument] | None = None

    def update(self, turn: Turn) -> None:
        """Show another state of the same turn."""
        self.turn = turn
        self.pieces.update(turn)

    def restyle(self, style: Style, width: int) -> None:
        if style == self.style and width == self.width:
            return
        self.style, self.width = style, width
        self.pieces.restyle(style, width - 2 * INSET_PX)
        self._problem = None

    @property
    def idle(self) -> bool:
        """It can be made again from its turn and the heights of its blocks, and nobody would see it."""
        return not self.edit_px and self.pieces.idle

    def continues(self, turn: Turn) -> bool:
        """Whether `turn` can be the same message a little later."""
        return turn.role == self.turn.role and (
            turn.key == self.turn.key or (not self.turn.stored and turn.text.startswith(self.turn.text))
        )

    # ── from top to bottom ──

    @property
    def label_px(self) -> float:
        return TOP_PX + self.style.label_px + LABEL_GAP_PX

    @property
    def text_top(self) -> float:
        """Where the pieces begin."""
        return self.label_px + (0 if self.turn.is_reply else CARD_PX)

    @property
    def text_rect(self) -> QRectF:
        return QRectF(INSET_PX, self.text_top, self.width - 2 * INSET_PX, self.pieces.height)

    @property
    def card_rect(self) -> QRectF:
        """The soft card around a person's text."""
        return QRectF(
            0.5, self.label_px + 0.5, self.width - 1, self.pieces.height + CARD_PX + CARD_BELOW_PX - 1
        )

    @property
    def text_bottom(self) -> float:
        if self.edit_px:
            return self.label_px + self.edit_px
        return self.text_top + self.pieces.height + (0 if self.turn.is_reply else CARD_BELOW_PX)

    @property
    def status(self) -> str:
        """What the reply is busy with, while it has not begun to write."""
        busy = self.turn.activity
        return wording.activity(busy) if busy is not None and self.turn.state == "streaming" else ""

    @property
    def status_rect(self) -> QRectF:
        height = self.style.caption_px + space.m if self.status else 0
        return QRectF(INSET_PX, self.text_bottom, self.width - 2 * INSET_PX, height)

    @property
    def problem_rect(self) -> QRectF:
        """The card that says what went wrong; empty where nothing did."""
        document = self.problem_document()
        if document is None:
            return QRectF(0, self.status_rect.bottom(), self.width, 0)
        above = GAP_PX if self.pieces.height else 0
        button = self.style.button_px + space.m if self.is_last else 0
        height = document.size().height() + 2 * space.m + button
        return QRectF(0.5, self.status_rect.bottom() + above + 0.5, self.width - 1, height)

    def problem_document(self) -> QTextDocument | None:
        problem = self.turn.problem if self.turn.state == "failed" else None
        if problem is None:
            return None
        if self._problem is None or self._problem[0] != problem:
            self._problem = (
                problem,
                _problem_document(problem, self.style, self.width - 2 * INSET_PX - grown(SIGN_PX)),
            )
        return self._problem[1]

    @property
    def footer_top(self) -> float:
        return self.problem_rect.bottom() + space.xs

    @property
    def ring_rect(self) -> QRectF:
        """The message without the distance to the next one."""
        return QRectF(1, 1, self.width - 2, self.footer_top + self.style.footer_px - 2)

    @property
    def height(self) -> int:
        """With the distance to the next message; a question stands nearer to its answer."""
        return round(self.footer_top + self.style.footer_px) + (BETWEEN_PX if self.turn.is_reply else 0)

    def ensure(self, top: float, bottom: float) -> bool:
        """Lay out the pieces between two heights; True when the entry's height changed."""
        return self.pieces.ensure(top - self.text_top, bottom - self.text_top)


def _problem_document(problem: Problem, style: Style, width: float) -> QTextDocument:
    document = QuietDocument()
    font = style.body_font()
    font.setPointSizeF(style.label_font().pointSizeF() * 1.1)
    document.setDefaultFont(font)
    cursor = QTextCursor(document)
    cursor.setBlockFormat(style.block_format(font, 1.4))
    sentence, hint = wording.problem(problem)
    cursor.insertText(sentence, style.text_format(font))
    if hint:
        cursor.insertBlock()
        cursor.insertText(hint, style.text_format(font, "muted"))
    document.setTextWidth(width)
    return document
