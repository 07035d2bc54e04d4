"""What was written and not sent, per chat: in memory at once, on disk half a second later. No widgets."""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.contract import Core
from desktop.view_models.bridge import follow

SAVE_MS: Final = 500  # at most a second may be lost to a kill, and saving takes its time too


class Drafts(QObject):
    """By the chat's number; None is the chat that is not stored yet."""

    read = Signal()  # those of the last run are there

    def __init__(self, core: Core, parent: QObject) -> None:
        super().__init__(parent)
        self._core = core
        self._texts: dict[int | None, str] = {}
        self._unsaved: set[int | None] = set()
        # not started again by every key: whoever types on for long is saved all the same
        self._timer = QTimer(self, interval=SAVE_MS, singleShot=True)
        self._timer.timeout.connect(self.save)
        follow(core.list_drafts(), self, on_result=self._take_in, on_error=lambda _: None)

    def _take_in(self, kept: dict[int, str]) -> None:
        for chat, text in kept.items():
            self._texts.setdefault(chat or None, text)
        self.read.emit()

    def get(self, chat: int | None) -> str:
        return self._texts.get(chat, "")

    def set(self, chat: int | None, text: str) -> None:
        if self._texts.get(chat, "") == text:
            return
        self._texts[chat] = text
        self._unsaved.add(chat)
        if not self._timer.isActive():
            self._timer.start()

    def move(self, chat: int) -> None:
        """The chat that was not stored yet is this one now."""
        text = self.get(None)
        self.set(None, "")
        self.set(chat, text)

    def save(self) -> None:
        """What changed, now. A disk that refuses is told of where replies are saved."""
        for chat in self._unsaved:
            follow(self._core.save_draft(chat or 0, self.get(chat)), self, on_error=lambda _: None)
        self._unsaved.clear()
