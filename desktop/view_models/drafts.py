"""What was written and not sent, per chat: in memory at once, on disk half a second later. No widgets."""

from typing import Final

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.contract import Core
from desktop.core.types import FilePart
from desktop.core.types.composing import Draft
from desktop.view_models.bridge import follow

SAVE_MS: Final = 500  # at most a second may be lost to a kill, and saving takes its time too
NOTHING: Final = Draft("")


class Drafts(QObject):
    """By the chat's number; None is the chat that is not stored yet."""

    read = Signal()  # those of the last run are there

    def __init__(self, core: Core, parent: QObject) -> None:
        super().__init__(parent)
        self._core = core
        self._drafts: dict[int | None, Draft] = {}
        self._unsaved: set[int | None] = set()
        # not started again by every key: whoever types on for long is saved all the same
        self._timer = QTimer(self, interval=SAVE_MS, singleShot=True)
        self._timer.timeout.connect(self.save)
        follow(core.list_drafts(), self, on_result=self._take_in, on_error=lambda _: None)

    def _take_in(self, kept: dict[int, Draft]) -> None:
        for chat, draft in kept.items():
            self._drafts.setdefault(chat or None, draft)
        self.read.emit()

    def get(self, chat: int | None) -> str:
        return self._drafts.get(chat, NOTHING).text

    def files(self, chat: int | None) -> tuple[FilePart, ...]:
        return self._drafts.get(chat, NOTHING).files

    def set(self, chat: int | None, text: str) -> None:
        if self.get(chat) == text:
            return
        self._drafts[chat] = replace(self._drafts.get(chat, NOTHING), text=text)
        self._unsaved.add(chat)
        if not self._timer.isActive():
            self._timer.start()

    def set_files(self, chat: int | None, files: tuple[FilePart, ...]) -> None:
        """Saved at once: they come one by one, and may be longer than what a pause in typing can save."""
        if self.files(chat) != files:
            self._drafts[chat] = replace(self._drafts.get(chat, NOTHING), files=files)
            follow(self._core.save_draft_files(chat or 0, files), self, on_error=lambda _: None)

    def move(self, old: int | None, chat: int) -> None:
        """What stood for one chat stands for this one now."""
        text, files = self.get(old), self.files(old)
        self.set(old, "")
        self.set_files(old, ())
        self.set(chat, text)
        self.set_files(chat, files)

    def save(self) -> None:
        """What changed, now. A disk that refuses is told of where replies are saved."""
        for chat in self._unsaved:
            follow(self._core.save_draft(chat or 0, self.get(chat)), self, on_error=lambda _: None)
        self._unsaved.clear()
