"""The system prompt of the chat in front, saved as it is typed. Knows no widget."""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.contract import Core
from desktop.core.types import Chat
from desktop.view_models.bridge import follow

SAVE_PAUSE_MS: Final = 400


class SystemPromptViewModel(QObject):
    """`edit` as often as one likes: saving waits for a pause, and for nothing when the chat changes."""

    changed = Signal()  # another chat, hence another text
    default_changed = Signal()  # `is_default`
    saved = Signal()
    failed = Signal(object)  # a Problem

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._chat: int | None = None
        self._unsaved = False
        self.text = ""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(SAVE_PAUSE_MS)
        self._pause.timeout.connect(self.save)

    @property
    def has_chat(self) -> bool:
        return self._chat is not None

    @property
    def is_default(self) -> bool:
        """Whether new chats begin with this text too."""
        return self.text == str(self._core.setting("system_prompt"))

    def set_chat(self, chat: Chat | None) -> None:
        """Another chat is in front; None: one that is not stored yet, which begins with the default."""
        self.save()
        self._chat = chat.info.id if chat is not None else None
        self.text = chat.system_prompt if chat is not None else str(self._core.setting("system_prompt"))
        self.changed.emit()
        self.default_changed.emit()

    def edit(self, text: str) -> None:
        if text == self.text or self._chat is None:
            return
        self.text = text
        self._unsaved = True
        self._pause.start()
        self.default_changed.emit()

    def save(self) -> None:
        """Save now what is not saved yet."""
        self._pause.stop()
        if not self._unsaved or self._chat is None:
            return
        self._unsaved = False
        operation = self._core.set_system_prompt(self._chat, self.text)
        follow(operation, self, on_result=lambda _: self.saved.emit(), on_error=self.failed.emit)

    def use_as_default(self) -> None:
        """Begin new chats with this text."""
        operation = self._core.set_setting("system_prompt", self.text)
        follow(operation, self, on_result=lambda _: self.default_changed.emit(), on_error=self.failed.emit)
