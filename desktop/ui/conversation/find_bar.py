"""The bar above the conversation in which a person looks for words in the chat that is shown."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from desktop.core.found_words import holds
from desktop.i18n import _, number
from desktop.ui.conversation.view import ConversationView
from desktop.ui.line_signs import lead_with_icon
from desktop.ui.pieces import icon_button, label
from desktop.ui.theme import set_kind, space
from desktop.view_models.find_in_chat import FindViewModel

FIELD_PX = 360


class FindBar(QWidget):
    """Enter goes to the next message that holds the words, Shift+Enter to the one before, Esc closes."""

    closed = Signal()  # the keys shall go back to the conversation

    def __init__(self, find: FindViewModel, conversation: ConversationView) -> None:
        super().__init__()
        self._find = find
        self._conversation = conversation
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        set_kind(self, "panel")
        row = QHBoxLayout(self)
        row.setContentsMargins(space.m, space.xs, space.s, space.xs)
        row.setSpacing(space.xs)
        self.field = _Field(self)
        self.field.textEdited.connect(find.search)
        row.addWidget(self.field)
        self.count = label("", "muted")
        row.addSpacing(space.xs)
        row.addWidget(self.count)
        row.addStretch(1)
        self.before = icon_button("chevron_up", _("Previous message"), lambda: find.step(False))
        self.next = icon_button("chevron_down", _("Next message"), lambda: find.step(True))
        for button in (self.before, self.next):
            row.addWidget(button)
        row.addWidget(icon_button("close", _("Close the search"), self.leave))
        find.changed.connect(self._refresh)
        find.wanted.connect(self._show)
        self._refresh()

    def begin(self) -> None:
        """Show the bar with the keys in it."""
        self._find.begin()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def step(self, forward: bool) -> None:
        self._find.step(forward)

    def leave(self) -> None:
        self._find.end()
        self.closed.emit()

    def _refresh(self) -> None:
        find = self._find
        if self.field.text() != find.query:
            self.field.setText(find.query)
        self.setVisible(find.active)
        for button in (self.before, self.next):
            button.setEnabled(bool(find.hits))
        self.count.setText(self._said())
        self.field.setAccessibleDescription(self._said())
        if self._conversation.selection.found.look_for(find.terms):
            self._conversation.repaint_selection()

    def _said(self) -> str:
        find = self._find
        if not find.query.strip():
            return ""
        if not find.hits:
            return _("No message holds it")
        return _("{at} of {count}").format(at=number(find.at + 1), count=number(len(find.hits)))

    def _show(self, index: int) -> None:
        # after the conversation itself has taken a chat that has just come to the front
        QTimer.singleShot(0, self, lambda: self._scroll_to(index))

    def _scroll_to(self, index: int) -> None:
        entries, terms = self._conversation.stack.entries, self._find.terms
        if index < len(entries):
            pieces = entries[index].pieces.all
            held = (
                at
                for at, piece in enumerate(pieces)
                if any(holds(piece.block.source, (term,)) for term in terms)
            )
            self._conversation.show_message(index, next(held, -1))


class _Field(QLineEdit):
    """The words that are looked for."""

    def __init__(self, bar: FindBar) -> None:
        super().__init__()
        self._bar = bar
        self.setPlaceholderText(_("Find in this chat"))
        self.setAccessibleName(_("Find in this chat"))
        self.setMaximumWidth(FIELD_PX)
        self.setMinimumWidth(FIELD_PX * 2 // 3)
        lead_with_icon(self, "search")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape:
                self._bar.leave()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._bar.step(not event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            case _:
                super().keyPressEvent(event)
