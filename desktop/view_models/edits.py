"""Messages that are being edited: in memory at once, on disk half a second later. No widgets."""

from typing import Final

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.contract import Core
from desktop.core.types import FilePart
from desktop.core.types.composing import EditDraft
from desktop.view_models.bridge import follow
from desktop.view_models.turn_list import TurnList

SAVE_MS: Final = 500


class Edit(msgspec.Struct, frozen=True):
    """A message that is being edited, and what it is to say."""

    key: int
    text: str
    before: str
    files: tuple[FilePart, ...] = ()
    files_before: tuple[FilePart, ...] = ()

    @property
    def changed(self) -> bool:
        return self.text.strip() != self.before.strip() or self.files != self.files_before

    @property
    def says_something(self) -> bool:
        return bool(self.text.strip()) or bool(self.files)


class Edits(QObject):
    """By the message's key. Those of the last run are there after `read`."""

    read = Signal()

    def __init__(self, core: Core, parent: QObject) -> None:
        super().__init__(parent)
        self._core = core
        self._edits: dict[int, Edit] = {}  # the one begun last at the end
        self._kept: dict[int, EditDraft] = {}  # of the last run, until their message is seen
        self._unsaved: set[int] = set()
        # not started again by every key: whoever types on for long is saved all the same
        self._timer = QTimer(self, interval=SAVE_MS, singleShot=True)
        self._timer.timeout.connect(self.save)
        self.load()

    def load(self) -> None:
        """Look what is kept on the disk; what is in memory wins."""
        follow(self._core.list_edits(), self, on_result=self._take_in, on_error=lambda _: None)

    def _take_in(self, kept: tuple[EditDraft, ...]) -> None:
        self._kept = {edit.message: edit for edit in kept if edit.message not in self._edits}
        self.read.emit()

    def among(self, turns: TurnList) -> Edit | None:
        """Of these messages the one that is being edited."""
        for at in range(len(turns) - 1, -1, -1) if self._kept else ():
            key = turns.keys[at]
            kept = self._kept.pop(key, None)
            if kept is not None and key not in self._edits:
                edit = Edit(key, kept.text, turns[at].text, kept.files, turns[at].files)
                self._edits = {key: edit, **self._edits}
        there = (edit for key, edit in reversed(self._edits.items()) if turns.index_of(key) is not None)
        return next(there, None)

    def put(self, edit: Edit) -> None:
        """This is what it is to say now. One that was only opened is not worth keeping."""
        self._edits[edit.key] = edit
        self._unsaved.add(edit.key)
        if not self._timer.isActive():
            self._timer.start()

    def drop(self, key: int) -> bool:
        """It is not edited any more; False where it was not."""
        if self._edits.pop(key, None) is None:
            return False
        self._unsaved.discard(key)
        self._save(key, None)
        return True

    def save(self) -> None:
        """What changed, now. A disk that refuses is told of where replies are saved."""
        for key in self._unsaved:
            edit = self._edits.get(key)
            self._save(key, edit if edit is not None and edit.changed else None)
        self._unsaved.clear()

    def _save(self, key: int, edit: Edit | None) -> None:
        text, files = (edit.text, edit.files) if edit is not None else (None, ())
        follow(self._core.save_edit(key, text, files), self, on_error=lambda _: None)
