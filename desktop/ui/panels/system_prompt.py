"""The editor of the system prompt of the chat in front. Saved while one types."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import space
from desktop.view_models.system_prompt import SystemPromptViewModel

SAVED_MS = 2000


class SystemPromptPanel(QWidget):
    """What the model is told before the first turn of this chat."""

    template_wanted = Signal()

    def __init__(self, prompt: SystemPromptViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prompt = prompt
        column = QVBoxLayout(self)
        column.setContentsMargins(space.l, 0, space.l, space.l)
        column.setSpacing(space.m)
        about = _("What the model is told before this chat: who it is and how it should answer.")
        column.addWidget(label(about, "muted", wrap=True))
        self.editor = QPlainTextEdit()
        self.editor.setPlaceholderText(_("For example: Answer briefly, and say when you are not sure."))
        self.editor.setAccessibleName(_("System prompt"))
        self.editor.setTabChangesFocus(True)
        column.addWidget(self.editor, 1)
        self.state = label("", "caption")
        column.addWidget(self.state)
        self.as_default = text_button(_("Use for new chats too"), "", prompt.use_as_default)
        column.addWidget(self.as_default)
        self.template = text_button(_("Template and arguments…"), "quiet", self.template_wanted.emit)
        column.addWidget(self.template)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(SAVED_MS)
        self._quiet.timeout.connect(self.state.clear)
        self.editor.textChanged.connect(self._edited)
        prompt.changed.connect(self.refresh)
        prompt.default_changed.connect(self._show_default)
        prompt.saved.connect(self._show_saved)
        self.refresh()

    def refresh(self) -> None:
        """Another chat, another text."""
        if self.editor.toPlainText() != self._prompt.text:
            self.editor.setPlainText(self._prompt.text)
        self.editor.setReadOnly(not self._prompt.has_chat)
        self.state.clear()
        self._show_default()

    def _edited(self) -> None:
        self._prompt.edit(self.editor.toPlainText())

    def _show_default(self) -> None:
        default = self._prompt.is_default
        self.as_default.setEnabled(not default)
        self.as_default.setText(_("New chats begin with this") if default else _("Use for new chats too"))

    def _show_saved(self) -> None:
        self.state.setText(_("Saved"))
        self._quiet.start()
