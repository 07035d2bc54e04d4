"""What keys do in the conversation: scrolling, selecting, links, and the message that has the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from desktop.ui.conversation import deeds
from desktop.ui.conversation.forms import quote
from desktop.ui.conversation.selection import LAST, Spot
from desktop.view_models.conversation import ConversationViewModel

if TYPE_CHECKING:
    from desktop.ui.conversation.view import ConversationView
    from desktop.ui.conversation.walk import Walk

STEP_PX = 48  # an arrow key, and a third of a wheel's notch


def pressed(event: QKeyEvent, view: ConversationView, vm: ConversationViewModel, walk: Walk) -> bool:
    """Whether the key meant something here."""
    key, control = event.key(), event.modifiers() & Qt.KeyboardModifier.ControlModifier
    shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
    bar = view.verticalScrollBar()
    steps = {
        Qt.Key.Key_Up: -STEP_PX,
        Qt.Key.Key_Down: STEP_PX,
        Qt.Key.Key_PageUp: -view.viewport().height() + STEP_PX,
        Qt.Key.Key_PageDown: view.viewport().height() - STEP_PX,
        Qt.Key.Key_Home: -bar.maximum(),
    }
    if shift and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
        _select_message(view, walk, -1 if key == Qt.Key.Key_Up else 1)
    elif key in steps:
        bar.setValue(bar.value() + steps[Qt.Key(key)])
    elif key == Qt.Key.Key_End:
        view.jump_to_end()
    elif control and key == Qt.Key.Key_A:
        view.select_all()
    elif control and shift and key == Qt.Key.Key_Q:
        return quote(view, vm)
    elif event.matches(QKeySequence.StandardKey.Undo) and vm.messages.can_undo:
        vm.messages.undo_delete()
    elif control and key == Qt.Key.Key_C:
        view.copy()
    elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and walk.link is not None:
        view.follow_link(walk.index, walk.link)
    elif key == Qt.Key.Key_Escape:
        _escape(view, vm)
    else:
        return deeds.pressed(event, view, vm, walk.index)
    return True


def _select_message(view: ConversationView, walk: Walk, step: int) -> None:
    """Select the message that has the keyboard, and then one more or one less with each key."""
    last, chosen = len(view.stack.entries) - 1, view.selection
    if last < 0:
        return
    if chosen.span is None or chosen.anchor is None or chosen.head is None:
        anchor = head = walk.index if walk.index >= 0 else last
    else:
        anchor, head = chosen.anchor.entry, min(last, max(0, chosen.head.entry + step))
    if head >= anchor:
        chosen.between(Spot(anchor, 0, 0), Spot(head, LAST, LAST))
    else:
        chosen.between(Spot(anchor, LAST, LAST), Spot(head, 0, 0))
    view.show_message(head)
    view.repaint_selection()


def _escape(view: ConversationView, vm: ConversationViewModel) -> None:
    if vm.running:
        vm.stop()
    elif view.selection.span is not None:
        view.selection.clear()
        view.repaint_selection()
    else:
        view.composer_wanted.emit()
