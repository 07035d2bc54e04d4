"""What a conversation draws with that comes from elsewhere, when it is there: formulas and lexers.

Lays out nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop.ui.conversation.blocks import Block
from desktop.ui.conversation.formula_marks import may_hold_formula
from desktop.ui.conversation.formulas import Formulas
from desktop.ui.conversation.languages import Languages
from desktop.ui.conversation.style import Style
from desktop.ui.theme import current_theme, text_scale

if TYPE_CHECKING:
    from desktop.ui.conversation.view import ConversationView


class Arrivals(QObject):
    """Of one conversation, whose messages in sight are drawn again when something came that they hold."""

    def __init__(self, view: ConversationView) -> None:
        super().__init__(view)
        self._view = view
        self.formulas = Formulas(view)
        self.formulas.came.connect(lambda: self._redraw(lambda block: may_hold_formula(block.source)))
        self.languages = Languages(view)
        self.languages.came.connect(lambda: self._redraw(lambda block: bool(block.language)))

    @property
    def busy(self) -> bool:
        """Something is on its way."""
        return self.formulas.busy or self.languages.busy

    def style(self) -> Style:
        """How things are drawn at present."""
        return Style(current_theme(), text_scale(), formulas=self.formulas, languages=self.languages)

    def _redraw(self, holds: Callable[[Block], bool]) -> None:
        for entry in self._view.entries_in_sight():
            entry.pieces.redraw(holds)
        self._view.arrange()
