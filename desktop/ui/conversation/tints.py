"""Grounds behind words of a reply: how likely they were, and which token is looked at. Asks for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAbstractTextDocumentLayout, QTextCharFormat, QTextCursor

from desktop.ui.conversation.piece import Piece
from desktop.ui.conversation.selection import Spot
from desktop.ui.conversation.style import Style
from desktop.ui.conversation.word_spots import Places, character_at
from desktop.ui.insight import heat
from desktop.view_models.probabilities import ProbabilitiesViewModel

if TYPE_CHECKING:
    from desktop.ui.conversation.view import ConversationView

Selection = QAbstractTextDocumentLayout.Selection
_KEPT: Final = 200


class Tints(QObject):
    """Of one conversation. Until it follows a view model, nothing is tinted and clicks mean nothing."""

    def __init__(self, view: ConversationView) -> None:
        super().__init__(view)
        self._view = view
        self._vm: ProbabilitiesViewModel | None = None
        self._known: dict[int, tuple[object, list[Selection]]] = {}

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

    def of(self, key: int, piece: Piece, style: Style) -> list[Selection]:
        """What to lay behind the text of a piece of the message `key`."""
        vm = self._vm
        if vm is None or key != vm.key or piece.document is None or not (vm.heat or vm.looking):
            return []
        state = (piece.document, vm.details, vm.token, vm.heat, vm.looking, style.theme)
        kept = self._known.get(id(piece))
        if kept is None or kept[0] != state:
            if len(self._known) > _KEPT:
                self._known.clear()
            kept = self._known[id(piece)] = (state, self._made(vm, piece, style))
        return kept[1]

    def _made(self, vm: ProbabilitiesViewModel, piece: Piece, style: Style) -> list[Selection]:
        document = piece.document
        if document is None:
            return []
        places = Places(piece, document)
        begin, end = piece.block.start, piece.block.start + len(piece.block.source)
        found: list[Selection] = []
        for token, span in enumerate(vm.spans):
            form = self._form(vm, token, style) if span and span[0] < end and span[1] > begin else None
            if form is None or span is None:
                continue
            for first, last in places.ranges(*span):
                one = Selection()
                one.cursor = QTextCursor(document)
                one.cursor.setPosition(first)
                one.cursor.setPosition(last, QTextCursor.MoveMode.KeepAnchor)
                one.format = form
                found.append(one)
        return found

    def _form(self, vm: ProbabilitiesViewModel, token: int, style: Style) -> QTextCharFormat | None:
        form = QTextCharFormat()
        if token == vm.token and vm.looking:
            form.setBackground(style.color("select"))
            form.setFontUnderline(True)
            return form
        at = heat.step(vm.details[token].p_before) if vm.heat else 0
        ground = heat.ground(at, style.theme, style.theme.ground)
        if ground is None:
            return None
        form.setBackground(ground)
        return form
