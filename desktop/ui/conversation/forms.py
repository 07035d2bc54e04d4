"""A message or a selection for the clipboard and the composer: rich, Markdown, plain, quoted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QTextDocumentFragment

from desktop.ui.conversation.entry import Entry
from desktop.ui.conversation.selection import copied, whole
from desktop.view_models.conversation import ConversationViewModel

if TYPE_CHECKING:
    from desktop.ui.conversation.view import ConversationView

Form = Literal["rich", "markdown", "text"]


def in_form(entry: Entry, form: Form) -> QMimeData:
    """A message as formatted text (with its Markdown beside it), as Markdown alone, or without any marks."""
    rich = whole(entry)
    if form == "rich":
        return rich
    plain = QMimeData()
    fragment = QTextDocumentFragment.fromHtml(rich.html()) if rich.hasHtml() else None
    unmarked = fragment.toPlainText().strip() if form == "text" and fragment is not None else ""
    plain.setText(unmarked or entry.turn.text)
    return plain


def quote(view: ConversationView, vm: ConversationViewModel) -> bool:
    """Put the selection into the composer as a quotation, and the keyboard after it; False without one."""
    mime = copied(view.selection, view.stack.entries)
    if mime is None or not mime.text().strip():
        return False
    vm.quote(mime.text())
    view.composer_wanted.emit()
    return True
