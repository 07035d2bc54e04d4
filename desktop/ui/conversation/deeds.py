"""What the buttons, the menu and the keys of a message do, by name. Knows no layout.

"good", "bad", "edit", "regenerate", "continue", "copy", "rich",
"markdown", "text", "more", "back", "forward", "pin", "branch", "branches", "delete",
"probabilities", "cost", "why".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QApplication, QMenu

from desktop.i18n import _
from desktop.ui.conversation.forms import Form, in_form
from desktop.ui.theme import icon
from desktop.view_models.conversation import ConversationViewModel
from desktop.view_models.turns import Turn

if TYPE_CHECKING:
    from desktop.ui.conversation.view import ConversationView

KEYS = {
    Qt.Key.Key_Left: "back",
    Qt.Key.Key_Right: "forward",
    Qt.Key.Key_F2: "edit",
    Qt.Key.Key_Delete: "delete",
}


def do(deed: str, view: ConversationView, vm: ConversationViewModel, index: int) -> None:
    """Carry out what a person wants of the message at `index`."""
    turn = view.stack.entries[index].turn
    commands = vm.messages
    match deed:
        case "back" | "forward":
            commands.switch(turn.key, 1 if deed == "forward" else -1)
        case "good" | "bad":
            commands.rate(turn.key, 1 if deed == "good" else -1)
        case "edit":
            commands.begin_edit(turn.key)
        case "regenerate":
            vm.regenerate(turn.key)
        case "continue":
            commands.go_on(turn.key)
        case "copy" | "rich" | "markdown" | "text":
            form: Form = "rich" if deed == "copy" else deed
            QApplication.clipboard().setMimeData(in_form(view.stack.entries[index], form))
        case "pin":
            commands.pin(turn.key, pinned=not turn.pinned)
        case "branch" | "branches":
            view.branches_wanted.emit() if deed == "branches" else commands.branch(turn.key)
        case "delete":
            commands.delete(turn.key)
        case "probabilities" | "cost" | "why":
            view.insight_wanted.emit(deed, turn.key)
        case "more":
            _open_menu(view, vm, index)


def _open_menu(view: ConversationView, vm: ConversationViewModel, index: int) -> None:
    widget = view.widget_at(index)
    if widget is not None:
        menu(view, vm, index).popup(widget.action_row.menu_at)


def pressed(event: QKeyEvent, view: ConversationView, vm: ConversationViewModel, index: int) -> bool:
    """Whether the key meant the message at `index`, which has the keyboard (-1: none has)."""
    deed = KEYS.get(Qt.Key(event.key()))
    if deed is None or index < 0 or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
        return False
    do(deed, view, vm, index)
    return True


def menu(view: ConversationView, vm: ConversationViewModel, index: int) -> QMenu:
    """All that can be done with a message beside its buttons."""
    turn = view.stack.entries[index].turn
    made = QMenu(view)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for deed, words, picture, possible in _offers(turn, vm):
        action = QAction(icon(picture), words, made)
        action.setEnabled(possible)
        action.triggered.connect(lambda _checked=False, deed=deed: do(deed, view, vm, index))
        made.addAction(action)
    return made


def _offers(turn: Turn, vm: ConversationViewModel) -> list[tuple[str, str, str, bool]]:
    """(deed, words, icon, whether it is possible now)."""
    copies = [
        ("rich", _("Copy as rich text"), "copy", bool(turn.text)),
        ("markdown", _("Copy as Markdown"), "copy", bool(turn.text)),
        ("text", _("Copy as text"), "copy", bool(turn.text)),
    ]
    if vm.fixed:
        return copies
    change = vm.messages.can_change(turn.key)
    pin = _("Let it leave the context") if turn.pinned else _("Keep in the context")
    more = []
    if turn.is_reply:
        more = [
            ("continue", _("Continue"), "continue", change and bool(turn.text)),
            ("probabilities", _("What else it might have said"), "chances", bool(turn.text)),
            ("cost", _("What it cost"), "info", turn.stats is not None),
            *([("why", _("Why these passages?"), "search", True)] if turn.searched else []),
        ]
    return [
        *more,
        *copies,
        ("pin", pin, "pin", True),
        ("branch", _("Go on from here in a new chat"), "new_chat", True),
        ("branches", _("Show the branches of this chat"), "branches", True),
        ("delete", _("Delete with what follows"), "delete", change),
    ]
