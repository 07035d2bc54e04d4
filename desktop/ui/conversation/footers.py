"""The line under a reply as something to click: it leads to all of what the reply cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF

if TYPE_CHECKING:
    from desktop.ui.conversation.view import ConversationView


def reply_at(view: ConversationView, at: QPoint) -> int | None:
    """The key of the reply whose line a point of the viewport lies on; None beside all of them."""
    stack = view.stack
    if not stack.entries:
        return None
    widget = view.widget_at(stack.index_at(at.y() + view.verticalScrollBar().value()))
    if widget is None or widget.entry is None or widget.entry.turn.stats is None:
        return None
    inside = widget.footer_rect().contains(QPointF(at) - QPointF(widget.pos()))
    return widget.entry.turn.key if inside else None
