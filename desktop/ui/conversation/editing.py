"""Editing a message where it stands: a card in its place, as high as its text. Decides nothing."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.core.types import FilePart
from desktop.i18n import _
from desktop.ui.attachments.chip import Chip
from desktop.ui.attachments.strip import Chips
from desktop.ui.attachments.texts import length
from desktop.ui.theme import set_kind, space
from desktop.view_models.conversation import ConversationViewModel
from desktop.view_models.edits import Edit
from desktop.view_models.turns import Turn

if TYPE_CHECKING:
    from desktop.ui.conversation.view import ConversationView

MIN_LINES: Final = 2
MAX_SHARE: Final = 0.6  # of the window's height


class EditCard(QFrame):
    """The text of a message, and what can be done with it. Ctrl+Enter does what the first button does."""

    file_dropped = Signal(int)  # the place of a file that the question is to go without
    file_opened = Signal(object)  # a FilePart
    send_wanted = Signal()
    save_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        set_kind(self, "card")
        self.field = QPlainTextEdit(self)
        set_kind(self.field, "composer")
        self.field.setFrameShape(QFrame.Shape.NoFrame)
        self.field.setTabChangesFocus(True)
        self.field.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.field.setAccessibleName(_("Edit this message"))
        self.files = Chips(self)
        self.files.hide()
        self.warning = QLabel(_("Esc again lets go of your changes"), self)
        set_kind(self.warning, "muted")
        self.cancel = self._button(_("Cancel"), "quiet", self._cancelled)
        self.save = self._button(_("Save only"), "quiet", self.save_wanted.emit)
        self.send = self._button(_("Send"), "primary", self.send_wanted.emit)
        self._is_reply = False
        self._before = ""
        self._files: tuple[FilePart, ...] = ()
        self._files_before: tuple[FilePart, ...] = ()
        self._lay_out()
        for child in (self.field, self.cancel, self.save, self.send):
            child.installEventFilter(self)
        self.field.textChanged.connect(self._typed)
        self.hide()

    def _button(self, words: str, kind: str, clicked: object) -> QPushButton:
        button = QPushButton(words, self)
        set_kind(button, kind)
        button.clicked.connect(clicked)
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(space.s)
        row.addWidget(self.warning)
        row.addStretch(1)
        for button in (self.cancel, self.save, self.send):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.s, space.s, space.s, space.s)
        column.setSpacing(space.s)
        column.addWidget(self.field)
        column.addWidget(self.files)
        column.addLayout(row)

    def take(self, turn: Turn, edit: Edit) -> None:
        """Hold this message's text and its files."""
        text = edit.text
        self._is_reply, self._before, self._files_before = turn.is_reply, edit.before, edit.files_before
        self.send.setVisible(not turn.is_reply)
        self.save.setText(_("Save") if turn.is_reply else _("Save only"))
        set_kind(self.save, "primary" if turn.is_reply else "quiet")
        self.field.setPlainText(text)
        self.field.moveCursor(self.field.textCursor().MoveOperation.End)
        self.show_files(edit.files)
        self.warning.hide()
        self.save.setToolTip(
            "" if turn.is_reply else _("The replies below stay; the old text is kept as a version")
        )
        self.send.setToolTip(_("Ask this instead; the old question and its replies are kept as a version"))

    def show_files(self, files: tuple[FilePart, ...]) -> None:
        """The files that the question goes with."""
        self._files = files
        names = [f"{place}:{file.name}" for place, file in enumerate(files)]
        self.files.show_chips(names, self._chip)
        self.files.setVisible(bool(files))
        self._typed()

    def _chip(self, key: Hashable, parent: QWidget) -> Chip:
        place = int(str(key).partition(":")[0])
        chip = Chip(self._files[place].name, parent)
        chip.say(length(self._files[place]), trouble=False)
        chip.open_wanted.connect(lambda: self.file_opened.emit(self._files[place]))
        chip.remove_wanted.connect(lambda: self.file_dropped.emit(place))
        for stop in (chip.body, chip.close_button):
            stop.installEventFilter(self)
        return chip

    def height_for(self, width: int, window_px: int) -> int:
        """How high the card is with all of its text, or with as much as the window lets it have."""
        self.setFixedWidth(width)
        self.layout().activate()  # type: ignore[union-attr]
        document = self.field.document()
        lines = max(MIN_LINES, int(document.size().height()))
        wanted = lines * self.field.fontMetrics().lineSpacing() + 2 * document.documentMargin() + 4
        self.field.setFixedHeight(round(min(wanted, max(80.0, MAX_SHARE * window_px))))
        return self.sizeHint().height()

    def _typed(self) -> None:
        ready = bool(self.field.toPlainText().strip()) or bool(self._files)
        self.save.setEnabled(ready)
        self.send.setEnabled(ready)
        self.warning.hide()

    def _cancelled(self) -> None:
        self.cancel_wanted.emit()

    def escape(self) -> None:
        """Let go of the text; where it was changed, only when asked twice."""
        other_text = self.field.toPlainText().strip() != self._before.strip()
        if (other_text or self._files != self._files_before) and self.warning.isHidden():
            self.warning.show()
        else:
            self.cancel_wanted.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self.escape()
                return True
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                (self.save if self._is_reply else self.send).click()
                return True
        elif watched is self.field and isinstance(event, QFocusEvent):
            set_kind(self, "card_focused" if event.gotFocus() else "card")
        return super().eventFilter(watched, event)

    def _chip_stops(self) -> list[QWidget]:
        chips = self.files.chips.values()
        return [stop for chip in chips for stop in (chip.body, chip.close_button)]

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Round within the card: whoever edits leaves it by a button or by Esc."""
        stops = [
            w
            for w in (self.field, *self._chip_stops(), self.cancel, self.save, self.send)
            if w.isVisible() and w.isEnabled()
        ]
        if not stops:
            return False
        at = next((i for i, stop in enumerate(stops) if stop.hasFocus()), -1)
        reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        stops[(at + (1 if forward else -1)) % len(stops)].setFocus(reason)
        return True


class Editing:
    """Puts the card into the place of the message that the view model says is edited."""

    def __init__(self, view: ConversationView, view_model: ConversationViewModel) -> None:
        self._view = view
        self._commands = view_model.messages
        self._vm = view_model
        self._key: int | None = None
        self.card = EditCard(view.viewport())
        self.card.field.textChanged.connect(self._typed)
        self.card.cancel_wanted.connect(self._commands.cancel_edit)
        self.card.save_wanted.connect(self._commands.save_edit)
        self.card.send_wanted.connect(self._commands.send_edit)
        self.card.file_dropped.connect(self._commands.drop_file)
        self.card.file_opened.connect(view.file_opened)
        self._commands.editing_changed.connect(self._changed)
        self._commands.edit_files_changed.connect(self._files_changed)

    def _changed(self) -> None:
        edit = self._commands.editing
        turn = self._vm.turn(edit.key) if edit is not None else None
        # when another chat is shown the view may not have its messages yet: it calls `begin` then
        if edit is None or turn is None or self._place(edit.key) is None:
            self._end()
        elif edit.key != self._key:
            self._key = edit.key
            self.card.take(turn, edit)
            self._view.arrange()
            self.card.show()
            self._view.show_message(self._place(edit.key) or 0)
            self.card.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def begin(self) -> None:
        """Show what is being edited, once its message is there: in another chat, language or run."""
        self._changed()

    def _files_changed(self) -> None:
        edit = self._commands.editing
        if edit is not None and edit.key == self._key:
            self.card.show_files(edit.files)
            self._view.arrange()
            self.card.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _end(self) -> None:
        key, self._key = self._key, None
        if key is None:
            return
        focus = QApplication.focusWidget()
        had_keyboard = focus is not None and self.card.isAncestorOf(focus)
        if had_keyboard:  # before the card goes: Qt would look for the next widget in it
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)
        self.card.hide()
        self._view.arrange()
        index = self._place(key)
        widget = self._view.widget_at(index) if index is not None else None
        if had_keyboard and widget is not None:
            widget.focus_link(None)

    def _typed(self) -> None:
        if self._key is not None:
            self._commands.set_edit(self.card.field.toPlainText())
            self._view.arrange()

    def _index(self) -> int | None:
        return self._place(self._key)

    def _place(self, key: int | None) -> int | None:
        return self._view.stack.entries.index_of(key) if key is not None else None

    def measure(self) -> None:
        """Give the message the height of the card, and every other its own."""
        stack, edited = self._view.stack, self._index()
        if edited is not None:
            _ = stack.entries[edited]  # it is there from now on
        for index, entry in stack.entries.made:
            if edited is None and not entry.edit_px:
                continue
            wanted = 0
            if index == edited:
                wanted = self.card.height_for(stack.width, self._view.viewport().height())
            if entry.edit_px != wanted:
                entry.edit_px = wanted
                stack.update(index, entry.turn)

    def place(self, left: int, top: int) -> None:
        """Put the card where its message stands; `top` is the view's upper edge in the stack."""
        index = self._index() if self._key is not None else None
        if index is None:
            return
        entry = self._view.stack.entries[index]
        y = self._view.stack.top(index) - top + round(entry.label_px)
        self.card.setGeometry(left, y, self._view.stack.width, entry.edit_px)
        self.card.raise_()
