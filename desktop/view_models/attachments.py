"""The files that are to go with a question: on their way from the disk, ready, or refused. No widgets.

Kept per chat, in the order in which they were chosen. What they weigh is asked of the core, in tokens.
"""

from __future__ import annotations

import itertools
import os
from pathlib import PurePath
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.errors import FileAttachedAlready
from desktop.core.operations import Operation
from desktop.core.types import FilePart, Problem
from desktop.core.types.composing import FilesSize, ReadingFile
from desktop.view_models.bridge import follow
from desktop.view_models.drafts import Drafts

if TYPE_CHECKING:
    from desktop.view_models.conversation import ConversationViewModel


class Attachment(msgspec.Struct, frozen=True):
    """One of them. Without `file` it is being read (`done` of `pages`), or `problem` says why it is not.

    `tokens`: what it weighs; None while nobody knows.
    """

    key: int
    name: str
    path: str = ""
    file: FilePart | None = None
    done: int = 0
    pages: int = 0
    problem: Problem | None = None
    tokens: int | None = None

    @property
    def reading(self) -> bool:
        return self.file is None and self.problem is None


class AttachmentsViewModel(QObject):
    """Part of the conversation's view model: always of the chat that it shows."""

    changed = Signal()  # `attachments`, `size`, `told`

    def __init__(self, conversation: ConversationViewModel, core: Core, drafts: Drafts) -> None:
        super().__init__(conversation)
        self._vm = conversation
        self._core = core
        self._drafts = drafts
        self._numbers = itertools.count(1)
        self._lists: dict[int | None, list[Attachment]] = {}
        self._readings: dict[int, Operation[FilePart]] = {}
        self._size: FilesSize | None = None
        self._measured: tuple[FilePart, ...] = ()
        self._measuring = False
        self._again = False
        self.told: Problem | None = None  # of a file that was not taken, until something else is done
        drafts.read.connect(self._drafts_read)
        conversation.reset.connect(self._shown)
        conversation.engine_changed.connect(lambda _: self._measure())

    # ── what there is ──

    @property
    def _chat(self) -> int | None:
        return self._vm.chat.id if self._vm.chat else None

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return tuple(self._list(self._chat))

    @property
    def files(self) -> tuple[FilePart, ...]:
        """Those that are ready."""
        return _files(self._list(self._chat))

    @property
    def reading(self) -> bool:
        """Whether one is still on its way."""
        return any(attachment.reading for attachment in self._list(self._chat))

    @property
    def size(self) -> FilesSize | None:
        """What the files weigh with all that goes with them; None while nobody knows."""
        return self._size if self.files and self._measured == self.files else None

    def _list(self, chat: int | None) -> list[Attachment]:
        if chat not in self._lists:
            self._lists[chat] = [self._ready(file) for file in self._drafts.files(chat)]
        return self._lists[chat]

    def _ready(self, file: FilePart) -> Attachment:
        return Attachment(next(self._numbers), file.name, file.path, file)

    def _drafts_read(self) -> None:
        for chat in [chat for chat, kept in self._lists.items() if not kept]:
            del self._lists[chat]
        self._shown()

    def _shown(self) -> None:
        self._size = self.told = None
        self.changed.emit()
        self._measure()

    # ── what a person does ──

    def add_paths(self, paths: list[str]) -> None:
        """Read these files, one after the other."""
        self.told = None
        for path in paths:
            here = self._list(self._chat)
            path = os.path.abspath(path)  # noqa: PTH100  looks at nothing on the disk
            if any(path == attachment.path for attachment in here if attachment.problem is None):
                self.told = FileAttachedAlready(file=path).problem()
                continue
            # the same once more: what was wrong with it may be right now
            here[:] = [attachment for attachment in here if attachment.path != path]
            self._read(path, here)
        self.changed.emit()

    def _read(self, path: str, here: list[Attachment]) -> None:
        key = next(self._numbers)
        here.append(Attachment(key, PurePath(path).name or path, path))
        operation = self._core.read_file(path)
        self._readings[key] = operation
        follow(
            operation,
            self,
            on_event=lambda event: self._progress(key, event),
            on_result=lambda file: self._came(key, file),
            on_error=lambda problem: self._failed(key, problem),
        )

    def add_text(self, text: str, name: str) -> None:
        """Take a text that was pasted; `name` gets a number where there is one of that name."""
        here = self._list(self._chat)
        if any(attachment.file is not None and attachment.file.text == text for attachment in here):
            self.told = FileAttachedAlready(file=name).problem()
            self.changed.emit()
            return
        self.told = None
        taken = {attachment.name for attachment in here}
        names = (name if number == 1 else f"{name} {number}" for number in itertools.count(1))
        here.append(self._ready(FilePart(next(n for n in names if n not in taken), text)))
        self._keep(self._chat)

    def remove(self, key: int) -> FilePart | None:
        """Let go of one, also while it is read. Gives what it was."""
        chat, at = self._find(key)
        if at is None:
            return None
        self.told = None
        gone = self._list(chat).pop(at)
        operation = self._readings.pop(key, None)
        if operation is not None:
            operation.cancel()
        self._keep(chat)
        return gone.file

    def into_text(self, key: int) -> None:
        """Put its text where the person writes, behind what stands there, in place of the file."""
        file = self.remove(key)
        if file is not None:
            before = self._vm.draft
            self._vm.put_draft(f"{before.rstrip()}\n\n{file.text}" if before.strip() else file.text)

    # ── for the conversation's view model ──

    def take(self) -> tuple[FilePart, ...]:
        """They go with the question that is sent now."""
        files = self.files
        self.told = None
        self._lists[self._chat] = []
        self._keep(self._chat)
        return files

    def give_back(self, chat: int | None, files: tuple[FilePart, ...]) -> None:
        """A question was not taken up: its files stand before those that came meanwhile."""
        if files:
            self._list(chat)[:0] = [self._ready(file) for file in files]
            self._keep(chat)

    def move(self, old: int | None, chat: int) -> None:
        """What stood for one chat stands for this one now; the draft has moved already."""
        self._lists[chat] = self._lists.pop(old, [])

    # ── a file on its way ──

    def _find(self, key: int) -> tuple[int | None, int | None]:
        """The chat that has it, and its place."""
        for chat, kept in self._lists.items():
            for at, attachment in enumerate(kept):
                if attachment.key == key:
                    return chat, at
        return None, None

    def _put(self, key: int, change: Attachment) -> int | None:
        chat, at = self._find(key)
        if at is not None:
            self._list(chat)[at] = change
        return chat

    def _at(self, key: int) -> Attachment | None:
        chat, at = self._find(key)
        return None if at is None else self._list(chat)[at]

    def _progress(self, key: int, event: ReadingFile) -> None:
        now = self._at(key)
        if now is not None and now.reading:
            self._put(key, replace(now, done=event.done, pages=event.pages))
            self.changed.emit()

    def _came(self, key: int, file: FilePart) -> None:
        self._readings.pop(key, None)
        chat, at = self._find(key)
        if at is None:
            return
        beside = (a.file for a in self._list(chat) if a.file is not None)
        if any((other.name, other.text) == (file.name, file.text) for other in beside):
            self._list(chat).pop(at)
            self.told = FileAttachedAlready(file=file.path).problem()
        else:
            self._put(key, replace(self._list(chat)[at], name=file.name, file=file))
        self._keep(chat)

    def _failed(self, key: int, problem: Problem) -> None:
        self._readings.pop(key, None)
        now = self._at(key)
        if now is not None:
            self._put(key, replace(now, problem=problem))
            self.changed.emit()

    def _keep(self, chat: int | None) -> None:
        self._drafts.set_files(chat, _files(self._list(chat)))
        if chat == self._chat:
            self.changed.emit()
            self._measure()

    # ── what they weigh ──

    def _measure(self) -> None:
        files, chat = self.files, self._chat
        if not files or self._measuring:
            self._again = bool(files)
            return
        self._measuring, self._again = True, False

        def measured(size: FilesSize | None) -> None:
            self._measuring = False
            if chat == self._chat and files == self.files:
                self._size, self._measured = size, files
                if size is not None:
                    self._note(size)
                self.changed.emit()
            elif self._again or self.files:
                self._measure()

        operation = self._core.measure_files(chat or 0, self._vm.draft, files)
        # without a model, or with one that cannot be read, nobody knows: that is told elsewhere
        follow(operation, self, on_result=measured, on_error=lambda _: measured(None))

    def _note(self, size: FilesSize) -> None:
        weights = iter(size.tokens)
        here = self._list(self._chat)
        here[:] = [replace(a, tokens=next(weights)) if a.file is not None else a for a in here]


def _files(attachments: list[Attachment]) -> tuple[FilePart, ...]:
    return tuple(attachment.file for attachment in attachments if attachment.file is not None)
