"""Fold and unfold what a model thought, without anything else moving; go to a footnote. Draws nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.ui.conversation.links import links_of
from desktop.ui.conversation.stack import Anchor

if TYPE_CHECKING:
    from desktop.ui.conversation.view import ConversationView


def unfold_thoughts(view: ConversationView, index: int, *, unfolded: bool) -> None:
    """The line that was chosen stays where it is, and keeps the keyboard if it had it."""
    entry = view.stack.entries[index]
    y = view.stack.height_at(Anchor(index, 0)) - view.verticalScrollBar().value()
    entry.pieces.unfold(unfolded)
    view.stack.update(index, entry.turn)
    view.selection.clear()
    view.hold(index, 0, y)
    widget = view.widget_at(index)
    if widget is not None and widget.focused_link is not None:  # its link is another one now
        widget.focus_link(next(iter(links_of(entry)), None))


def show_note(view: ConversationView, index: int, label: str) -> None:
    """Bring a footnote into sight, if the message has it."""
    for number, piece in enumerate(view.stack.entries[index].pieces.all):
        if piece.block.label == label:
            view.show_message(index, number)
            return
