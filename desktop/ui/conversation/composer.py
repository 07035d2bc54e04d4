"""Where a person writes: a card that grows with its text, send and stop, and how full the context is."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.core.types import Problem
from desktop.i18n import _
from desktop.ui.attachments.strip import FileStrip
from desktop.ui.conversation import wording
from desktop.ui.conversation.draws_from import CollectionsButton, OnceBar
from desktop.ui.conversation.drop import files_of
from desktop.ui.conversation.meter import ContextMeter
from desktop.ui.conversation.style import Style
from desktop.ui.conversation.undo import UndoBar
from desktop.ui.theme import current_theme, grow, icon, set_kind, space, text_scale
from desktop.view_models.conversation import ConversationViewModel
from desktop.view_models.documents import DocumentsViewModel

MAX_LINES: Final = 8


class Field(QPlainTextEdit):
    """Plain text that sends on Enter and hands files on instead of pasting their names."""

    send_wanted = Signal()
    stop_wanted = Signal()
    files_pasted = Signal(list)
    text_pasted = Signal(str)  # one that is longer than `longest`
    focus_changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.longest: Callable[[], int] = lambda: 0  # characters of a paste that stays text; 0: any
        set_kind(self, "composer")
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(2)
        self.document().documentLayout().documentSizeChanged.connect(self._grow)
        self._grow()

    def _grow(self) -> None:
        lines = max(1, self._invitation_lines(), min(MAX_LINES, int(self.document().size().height())))
        full = int(self.document().size().height()) > MAX_LINES
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if full else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)
        self.setFixedHeight(
            round(lines * self.fontMetrics().lineSpacing() + 2 * self.document().documentMargin()) + 2
        )

    def _invitation_lines(self) -> int:
        """Of what stands there while nothing is written: large text in a narrow window takes two."""
        room = self.viewport().rect().adjusted(0, 0, -round(2 * self.document().documentMargin()), 10_000)
        if not self.document().isEmpty() or room.width() <= 0:
            return 1
        words = self.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, self.placeholderText())
        return round(words.height() / self.fontMetrics().lineSpacing())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._grow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not shift:
            self.send_wanted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.stop_wanted.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if files_of(event.mimeData()):
            event.ignore()  # whoever lies behind shows where they can be let go
        else:
            super().dragEnterEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return bool(files_of(source)) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        files = files_of(source)
        if files:
            self.files_pasted.emit(files)
        elif 0 < self.longest() < len(source.text()):
            self.text_pasted.emit(source.text())
        else:
            super().insertFromMimeData(source)


class Composer(QWidget):
    """`files_wanted`: a person will choose some for the question; `documents_wanted`: for the library."""

    files_wanted = Signal()
    documents_wanted = Signal()
    file_opened = Signal(object)  # a FilePart that a person wants to see

    def __init__(self, view_model: ConversationViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._vm = view_model
        self._reason = ""
        self.card = QFrame(self)
        set_kind(self.card, "card")
        self.files = FileStrip(view_model.attachments, self.card)
        self.field = Field(self.card)
        self.field.longest = lambda: view_model.longest_paste
        self.attach = self._button("plus", "muted")
        self.collections = CollectionsButton(self.card)
        self.once = OnceBar(self.card)
        self.send = self._button("send", "on_accent")
        set_kind(self.send, "primary")
        self.files.chips.tab_after = self.send
        self.files.refresh()
        self.notice = QLabel(self)
        set_kind(self.notice, "danger")
        self.notice.setWordWrap(True)
        self.undo = UndoBar(view_model.messages, self)
        self.meter = ContextMeter(self)
        self._lay_out()
        self._connect()
        self._words()
        self._put_draft(view_model.draft)
        self._problem_changed(view_model.problem)
        self._refresh()

    def _button(self, name: str, color: str) -> QToolButton:
        button = QToolButton(self.card)
        button.setIcon(icon(name, color))  # type: ignore[arg-type]
        grow(button, side=32, icon=20)
        return button

    def _lay_out(self) -> None:
        inside = QVBoxLayout(self.card)
        inside.setContentsMargins(space.s, space.s, space.s, space.s)
        inside.setSpacing(0)
        inside.addWidget(self.files)
        inside.addWidget(self.once)
        row = QHBoxLayout()
        row.setSpacing(space.s)
        inside.addLayout(row)
        row.addWidget(self.attach, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self.collections, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self.field, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.send, 0, Qt.AlignmentFlag.AlignBottom)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(space.xs)
        self._column.addWidget(self.undo)
        self._column.addWidget(self.notice)
        self._column.addWidget(self.card)
        self._column.addWidget(self.meter)

    def _connect(self) -> None:
        vm = self._vm
        self.field.textChanged.connect(self._typed)
        self.field.send_wanted.connect(self._send)
        self.field.stop_wanted.connect(vm.stop)
        self.field.files_pasted.connect(vm.attachments.add_paths)
        self.field.text_pasted.connect(self._pasted)
        self.files.opened.connect(self.file_opened)
        self.files.left.connect(self.focus_field)
        vm.attachments.changed.connect(self._refresh)
        self.field.focus_changed.connect(self._show_focus)
        self.attach.clicked.connect(self._offer)
        self.send.clicked.connect(self._clicked)
        vm.running_changed.connect(self._refresh)
        vm.draft_changed.connect(self._put_draft)
        vm.problem_changed.connect(self._problem_changed)

    def _words(self) -> None:
        self.field.setPlaceholderText(_("Ask, or drop a file"))
        self.field.setAccessibleName(_("Your message"))
        self.attach.setToolTip(_("Attach files or add documents"))
        self.attach.setAccessibleName(_("Attach files or add documents"))

    def follow_documents(self, documents: DocumentsViewModel) -> None:
        """Let a person choose here what answers are drawn from."""
        self.collections.follow(documents)
        self.once.follow(documents)

    # ── state ──

    def disable(self, reason: str) -> None:
        """Take no text for now, and say why in its place; "" takes text again."""
        self._reason = reason
        self.field.setPlaceholderText(reason or _("Ask, or drop a file"))
        self.field.setEnabled(not reason)
        self.attach.setEnabled(not reason)
        self._refresh()

    def focus_field(self) -> None:
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _refresh(self) -> None:
        running = self._vm.running
        files = self._vm.attachments
        said = bool(self.field.toPlainText().strip()) or bool(files.files)
        ready = running or (said and not files.reading and not self._reason)
        self.send.setIcon(icon("stop" if running else "send", "on_accent" if ready else "muted"))
        name = _("Stop") if running else _("Send")
        if said and files.reading and not running:
            name = _("Wait until the files are read")
        self.send.setToolTip(name)
        self.send.setAccessibleName(name)
        self.send.setEnabled(ready)

    def _show_focus(self) -> None:
        set_kind(self.card, "card_focused" if self.field.hasFocus() else "card")

    def _typed(self) -> None:
        self._vm.set_draft(self.field.toPlainText())
        self._refresh()

    def _put_draft(self, text: str) -> None:
        if text != self.field.toPlainText():
            self.field.setPlainText(text)
            cursor = self.field.textCursor()
            cursor.movePosition(cursor.MoveOperation.End)
            self.field.setTextCursor(cursor)
        self._refresh()

    def _problem_changed(self, problem: Problem | None) -> None:
        self.notice.setText(" ".join(wording.problem(problem)) if problem else "")
        self.notice.setVisible(problem is not None)

    def _pasted(self, text: str) -> None:
        self._vm.attachments.add_text(text, _("Pasted text"))

    def menu(self) -> QMenu:
        """What a file can be taken for."""
        made = QMenu(self)
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        made.addAction(icon("page"), _("Attach files to this question"), self.files_wanted.emit)
        made.addAction(icon("documents"), _("Add to the documents"), self.documents_wanted.emit)
        return made

    def _offer(self) -> None:
        menu = self.menu()
        above = self.attach.mapToGlobal(QPoint(0, -menu.sizeHint().height() - space.xs))
        menu.popup(above)

    def _send(self) -> None:
        if not self._reason:
            self._vm.send(self.field.toPlainText())

    def _clicked(self) -> None:
        if self._vm.running:
            self._vm.stop()
        else:
            self._send()
        self.focus_field()

    # ── as wide as the conversation ──

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        column = Style(current_theme(), text_scale()).column_px(self.width())
        side = (self.width() - column) // 2
        self._column.setContentsMargins(side, space.xs, self.width() - column - side, space.m)
