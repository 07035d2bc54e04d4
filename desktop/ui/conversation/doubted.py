"""Words of a reply to look at twice: a wavy line under them, a tip, and what stands under the reply.

Looks only at finished replies in sight, and never on the window's thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QTextCharFormat

from desktop.core.answers.grounding import Doubt
from desktop.ui.conversation.grounds import Behind, Marks, Selection, drawn_run
from desktop.ui.conversation.piece import Piece
from desktop.ui.conversation.selection import Spot
from desktop.ui.conversation.style import Style
from desktop.ui.conversation.word_spots import Places, character_at
from desktop.view_models.doubts import DoubtsViewModel

if TYPE_CHECKING:
    from desktop.ui.conversation.view import ConversationView

_KEPT: Final = 200


class Doubted(QObject):
    """Of one conversation. `look` is called whenever something was laid out."""

    def __init__(self, view: ConversationView) -> None:
        super().__init__(view)
        self._view = view
        self._vm = DoubtsViewModel(self)
        self._vm.found.connect(self.look)
        self._by_key: dict[int, tuple[Doubt, ...]] = {}
        self._made: dict[int, tuple[object, list[Selection]]] = {}

    def look(self) -> None:
        """Show what is known of the replies in sight, and have the others looked at."""
        view = self._view
        changed = False
        for widget in view.widgets():
            entry = widget.entry
            if entry is None or not (entry.turn.excerpts or entry.pieces.doubts):
                continue
            known = self._vm.of(entry.turn) or ()
            self._by_key[entry.turn.key] = known
            if entry.pieces.doubt(known):
                view.stack.measure(widget.index)
                changed = True
        if changed:
            view.arrange()
            view.repaint_selection()

    def beside(self, others: Behind) -> Behind:
        """What `others` paints of a piece, and a wavy line under what is doubtful."""

        def behind(key: int, piece: Piece, style: Style) -> Marks:
            return others(key, piece, style).with_selections(self._of(key, piece, style))

        return behind

    def at(self, spot: Spot | None, at: QPoint) -> Doubt | None:
        """What is doubtful at a point of the viewport, which lies at `spot` of the text."""
        if spot is None:
            return None
        entry = self._view.stack.entries[spot.entry]
        if not entry.pieces.doubts:
            return None
        piece = entry.pieces.all[spot.piece]
        widget = self._view.widget_at(spot.entry)
        if piece.document is None or widget is None:
            return None
        inside = QPointF(at) - QPointF(widget.pos()) - widget.text_origin(piece)
        exact = piece.document.documentLayout().hitTest(inside, Qt.HitTestAccuracy.ExactHit)
        character = character_at(piece, exact) if exact >= 0 else None
        if character is None:
            return None
        return next((one for one in entry.pieces.doubts if one.start <= character < one.end), None)

    def _of(self, key: int, piece: Piece, style: Style) -> list[Selection]:
        every = self._by_key.get(key, ())
        begin, end = piece.block.start, piece.block.start + len(piece.block.source)
        here = [one for one in every if one.start < end and one.end > begin]
        if not here or piece.document is None:
            return []
        state = (piece.document, every, style.theme)
        kept = self._made.get(id(piece))
        if kept is None or kept[0] != state:
            if len(self._made) > _KEPT:
                self._made.clear()
            kept = self._made[id(piece)] = (state, _selections(here, piece, style))
        return kept[1]


def _selections(doubts: list[Doubt], piece: Piece, style: Style) -> list[Selection]:
    document = piece.document
    if document is None:
        return []
    form = QTextCharFormat()
    form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
    form.setUnderlineColor(style.color("amber"))
    places = Places(piece, document)
    runs = [run for doubt in doubts for run in places.ranges(doubt.start, doubt.end)]
    return [drawn_run(document, *run, form) for run in runs]
