"""Where both sides are asked: the field, send and stop, and the line that says how they answer."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from desktop.core.types import Problem
from desktop.i18n import _
from desktop.ui.attachments.strip import FileStrip
from desktop.ui.comparing import texts
from desktop.ui.conversation import wording
from desktop.ui.conversation.composer import Field
from desktop.ui.conversation.style import Style
from desktop.ui.pieces import icon_button, label
from desktop.ui.theme import current_theme, grow, grown, icon, set_kind, space, text_scale
from desktop.view_models.comparing import ComparisonViewModel

LOW_PX = 300


class Asking(QWidget):
    """`left`: Escape while nothing answers. `files_wanted`: a person will choose some for the question."""

    left = Signal()
    files_wanted = Signal()
    file_opened = Signal(object)  # a FilePart that a person wants to see
    about_to_send = Signal()

    def __init__(self, comparison: ComparisonViewModel) -> None:
        super().__init__()
        self._vm = comparison
        self.card = QFrame()
        set_kind(self.card, "card")
        self.field = Field(self.card)
        self.field.setPlaceholderText(_("Ask both"))
        self.field.setAccessibleName(_("Your message to both sides"))
        self.field.longest = lambda: comparison.longest_paste
        self.files = FileStrip(comparison.attachments, self.card)
        self.attach = icon_button("plus", _("Attach files to this question"), self.files_wanted.emit)
        self.send = QToolButton()
        grow(self.send, side=32, icon=20)
        set_kind(self.send, "primary")
        self.notice = label("", "danger", wrap=True)
        self.way = label("", "caption", wrap=True)
        self.way.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.files.chips.tab_after = self.send
        self.files.refresh()
        inside = QVBoxLayout(self.card)
        inside.setContentsMargins(space.s, space.s, space.s, space.s)
        inside.setSpacing(0)
        inside.addWidget(self.files)
        row = QHBoxLayout()
        row.setSpacing(space.s)
        inside.addLayout(row)
        row.addWidget(self.attach, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self.field, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.send, 0, Qt.AlignmentFlag.AlignBottom)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(space.xs)
        self._column.addWidget(self.notice)
        self._column.addWidget(self.card)
        self._column.addWidget(self.way)
        self.field.textChanged.connect(self._typed)
        self.field.send_wanted.connect(self._send)
        self.field.stop_wanted.connect(self._escape)
        self.field.focus_changed.connect(self._show_focus)
        self.field.files_pasted.connect(comparison.attachments.add_paths)
        self.field.text_pasted.connect(self._pasted)
        self.files.opened.connect(self.file_opened)
        self.files.left.connect(self.field.setFocus)
        comparison.attachments.changed.connect(self._refresh)
        self.send.clicked.connect(self._clicked)
        comparison.changed.connect(self._refresh)
        comparison.draft_changed.connect(self._put)
        comparison.problem_changed.connect(self._tell)
        self._put(comparison.draft)
        self._tell(comparison.problem)
        self._refresh()

    def _refresh(self) -> None:
        running = self._vm.running
        files = self._vm.attachments
        said = bool(self.field.toPlainText().strip()) or bool(files.files)
        ready = running or (said and not files.reading)
        self.send.setIcon(icon("stop" if running else "send", "on_accent" if ready else "muted"))
        self.send.setEnabled(ready)
        name = _("Stop both") if running else _("Send to both")
        if said and files.reading and not running:
            name = _("Wait until the files are read")
        self.send.setToolTip(name)
        self.send.setAccessibleName(name)
        self.way.setText(texts.way(self._vm.way))

    def _typed(self) -> None:
        self._vm.type(self.field.toPlainText())
        self._refresh()

    def _put(self, text: str) -> None:
        if text != self.field.toPlainText():
            self.field.setPlainText(text)
            self.field.moveCursor(self.field.textCursor().MoveOperation.End)

    def _pasted(self, text: str) -> None:
        self._vm.attachments.add_text(text, _("Pasted text"))

    def _tell(self, problem: Problem | None) -> None:
        self.notice.setText(" ".join(wording.problem(problem)) if problem else "")
        self.notice.setVisible(problem is not None)

    def _send(self) -> None:
        self.about_to_send.emit()
        self._vm.send()

    def _clicked(self) -> None:
        if self._vm.running:
            self._vm.stop()
        else:
            self._send()
        self.field.setFocus()

    def _escape(self) -> None:
        if self._vm.running:
            self._vm.stop()
        else:
            self.left.emit()  # what is written stays the draft of the chat

    def _show_focus(self) -> None:
        set_kind(self.card, "card_focused" if self.field.hasFocus() else "card")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        column = Style(current_theme(), text_scale()).column_px(self.width())
        side = (self.width() - column) // 2
        self._column.setContentsMargins(side, space.xs, self.width() - column - side, space.m)
        page = self.parentWidget()
        self.way.setVisible(page is None or page.height() >= grown(LOW_PX))  # else the answers need the room
