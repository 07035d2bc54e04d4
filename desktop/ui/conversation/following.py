"""What becomes of a link that a person follows. Knows no geometry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.ui.conversation import wording
from desktop.ui.conversation.attached import file_of
from desktop.ui.conversation.folding import show_note, unfold_thoughts
from desktop.ui.conversation.links import Link, open_outside
from desktop.ui.conversation.wording import COPY

if TYPE_CHECKING:
    from desktop.ui.conversation.view import ConversationView
    from desktop.view_models.conversation import ConversationViewModel


def follow_link(view: ConversationView, vm: ConversationViewModel, index: int, link: Link) -> None:
    """Show an excerpt's source, or open a web address outside."""
    turn = view.stack.entries[index].turn
    file = file_of(link.href, turn.files)
    if file is not None:
        view.file_opened.emit(file)
    elif link.href in (wording.OPEN, wording.CLOSE):
        unfold_thoughts(view, index, unfolded=link.href == wording.OPEN)
    elif link.cites is not None:
        vm.activate_citation(turn.key, link.cites)
    elif link.note is not None:
        show_note(view, index, link.note)
    elif link.href == COPY:
        view.copy_code(index, link)
    else:
        open_outside(link.href)
