"""Where both sides are asked: the field, send and stop, and the line that says how they answer."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from desktop.core.types import Problem
from desktop.i18n import _
from desktop.ui.comparing import texts
from desktop.ui.conversation import wording
from desktop.ui.conversation.composer import Field
from desktop.ui.conversation.style import Style
from desktop.ui.pieces import label
from desktop.ui.theme import current_theme, grow, icon, set_kind, space, text_scale
from desktop.view_models.comparing import ComparisonViewModel


class Asking(QWidget):
    """`left`: Escape while nothing is written and nothing answers."""

    left = Signal()
    about_to_send = Signal()

    def __init__(self, comparison: ComparisonViewModel) -> None:
        super().__init__()
        self._vm = comparison
        self.card = QFrame()
        set_kind(self.card, "card")
        self.field = Field(self.card)
        self.field.setPlaceholderText(_("Ask both"))
        self.field.setAccessibleName(_("Your message to both sides"))
        self.send = QToolButton()
        grow(self.send, side=32, icon=20)
        set_kind(self.send, "primary")
        self.notice = label("", "danger", wrap=True)
        self.way = label("", "caption", wrap=True)
        self.way.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout(self.card)
        row.setContentsMargins(space.m, space.s, space.s, space.s)
        row.setSpacing(space.s)
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
        self.send.clicked.connect(self._clicked)
        comparison.changed.connect(self._refresh)
        comparison.draft_changed.connect(self._put)
        comparison.problem_changed.connect(self._tell)
        self._put(comparison.draft)
        self._tell(comparison.problem)
        self._refresh()

    def _refresh(self) -> None:
        running = self._vm.running
        ready = running or bool(self.field.toPlainText().strip())
        self.send.setIcon(icon("stop" if running else "send", "on_accent" if ready else "muted"))
        self.send.setEnabled(ready)
        name = _("Stop both") if running else _("Send to both")
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
        elif not self.field.toPlainText().strip():
            self.left.emit()

    def _show_focus(self) -> None:
        set_kind(self.card, "card_focused" if self.field.hasFocus() else "card")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        column = Style(current_theme(), text_scale()).column_px(self.width())
        side = (self.width() - column) // 2
        self._column.setContentsMargins(side, space.xs, self.width() - column - side, space.m)
