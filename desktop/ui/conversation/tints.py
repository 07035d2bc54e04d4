"""Grounds behind words of a reply: how likely they were, and which token is looked at. Asks for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QTextCharFormat

from desktop.ui.conversation.grounds import NONE, Grounds, Marks, Run, drawn_run
from desktop.ui.conversation.piece import Piece
from desktop.ui.conversation.selection import Spot
from desktop.ui.conversation.style import Style
from desktop.ui.conversation.word_spots import Places, character_at
from desktop.ui.insight import heat
from desktop.view_models.probabilities import ProbabilitiesViewModel

if TYPE_CHECKING:
    from desktop.ui.conversation.view import ConversationView

_KEPT: Final = 200


class Tints(QObject):
    """Of one conversation. Until it follows a view model, nothing is tinted and clicks mean nothing."""

    def __init__(self, view: ConversationView) -> None:
        super().__init__(view)
        self._view = view
        self._vm: ProbabilitiesViewModel | None = None
        self._known: dict[int, tuple[object, Places, Grounds]] = {}

    def follow(self, probabilities: ProbabilitiesViewModel) -> None:
        self._vm = probabilities
        for signal in (probabilities.changed, probabilities.token_changed, probabilities.heat_changed):
            signal.connect(self._view.repaint_selection)

    def clicked(self, spot: Spot | None) -> None:
        """A place in the text was clicked that is no link and no selection."""
        if self._vm is None or spot is None:
            return
        entry = self._view.stack.entries[spot.entry]
        character = character_at(entry.pieces.all[spot.piece], spot.position)
        if character is None or not entry.turn.is_reply:
            return
        if self._vm.looking:
            self._vm.show(entry.turn.key, character)
        else:
            self._vm.pick(entry.turn.key, character)

    def of(self, key: int, piece: Piece, style: Style) -> Marks:
        """What to lay behind the words of a piece of the message `key`."""
        vm, document = self._vm, piece.document
        if vm is None or key != vm.key or document is None or not (vm.heat or vm.looking):
            return NONE
        state = (document, vm.details, vm.heat, style.theme)
        kept = self._known.get(id(piece))
        if kept is None or kept[0] != state:
            if len(self._known) > _KEPT:
                self._known.clear()
            places = Places(piece, document)
            made = Grounds(document, _runs(vm, places, piece, style) if vm.heat else ())
            kept = self._known[id(piece)] = (state, places, made)
        _state, places, grounds = kept
        marks = Marks((grounds,)) if grounds.runs else NONE
        span = vm.spans[vm.token] if vm.looking and 0 <= vm.token < len(vm.spans) else None
        if span is None or not _meets(span, piece):
            return marks
        form = QTextCharFormat()
        form.setBackground(style.color("select"))
        form.setFontUnderline(True)
        return marks.with_selections([drawn_run(document, *run, form) for run in places.ranges(*span)])


def _runs(vm: ProbabilitiesViewModel, places: Places, piece: Piece, style: Style) -> Iterator[Run]:
    """Each token that was not certain, in the colour of its step."""
    for detail, span in zip(vm.details, vm.spans, strict=False):
        ground = heat.ground(heat.step(detail.p_before), style.theme, style.theme.ground)
        if ground is not None and span is not None and _meets(span, piece):
            for first, last in places.ranges(*span):
                yield first, last, ground


def _meets(span: tuple[int, int], piece: Piece) -> bool:
    begin = piece.block.start
    return span[0] < begin + len(piece.block.source) and span[1] > begin
