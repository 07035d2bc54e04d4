"""What took long and has ended: documents, a download, a smaller file of a model, a reply. No words."""

import time
from collections.abc import Callable
from typing import Final, Literal

import msgspec
from PySide6.QtCore import QObject, Signal

from desktop.view_models.conversation import ConversationViewModel
from desktop.view_models.documents import DocumentsViewModel
from desktop.view_models.downloads import DownloadsViewModel, Key
from desktop.view_models.quantizing import QuantizingViewModel

Kind = Literal["documents", "download", "quantize", "reply"]

# shorter ones end while the person who asked for them still looks
LONG_S: Final = {"documents": 5.0, "download": 5.0, "quantize": 5.0, "reply": 10.0}


class Ended(msgspec.Struct, frozen=True):
    """`name`: of a model's file; nothing that a person wrote."""

    kind: Kind
    failed: bool = False
    name: str = ""
    count: int = 0  # documents
    elsewhere: bool = False  # a reply in a chat that is not in front


class LongJobs(QObject):
    """One for the window. What a person stopped themselves is not told."""

    ended = Signal(object)  # an Ended

    def __init__(
        self,
        documents: DocumentsViewModel,
        downloads: DownloadsViewModel,
        quantizing: QuantizingViewModel,
        conversation: ConversationViewModel,
        parent: QObject | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._documents, self._downloads = documents, downloads
        self._quantizing, self._conversation = quantizing, conversation
        self._clock = clock
        self._since: dict[object, float] = {}  # what runs, and since when
        documents.progress_changed.connect(self._look_at_documents)
        downloads.downloads_changed.connect(self._look_at_downloads)
        quantizing.changed.connect(self._look_at_quantizing)
        conversation.running_changed.connect(self._look_at_reply)
        conversation.ended_elsewhere.connect(self._ended_elsewhere)

    def _runs(self, what: object) -> None:
        self._since.setdefault(what, self._clock())

    def _stops(self, what: object, kind: Kind) -> bool:
        """Whether it ran, and long enough to be told of."""
        since = self._since.pop(what, None)
        return since is not None and self._clock() - since >= LONG_S[kind]

    def _look_at_documents(self) -> None:
        if self._documents.progress is not None:
            self._runs("documents")
        elif self._stops("documents", "documents"):
            outcome = self._documents.outcome
            if outcome is not None and not outcome.cancelled:
                failed = outcome.failed > 0 and not outcome.added
                self.ended.emit(Ended("documents", failed, count=outcome.added))

    def _look_at_downloads(self) -> None:
        there: set[Key] = set()
        for one in self._downloads.downloads:
            there.add(one.key)
            if one.state in ("running", "pausing"):
                self._runs(one.key)
            elif self._stops(one.key, "download") and one.state in ("done", "failed"):
                self.ended.emit(Ended("download", one.state == "failed", one.file))
        for key in [key for key in self._since if isinstance(key, tuple) and key not in there]:
            del self._since[key]

    def _look_at_quantizing(self) -> None:
        job = self._quantizing.job
        if job is not None and job.state in ("running", "stopping"):
            self._runs("quantize")
        elif self._stops("quantize", "quantize") and job is not None:
            name = job.model.path.replace("\\", "/").split("/")[-1]
            self.ended.emit(Ended("quantize", job.state == "failed", name))

    def _look_at_reply(self, running: bool) -> None:
        chat = self._conversation.chat
        what = ("chat", chat.id if chat is not None else 0)
        if running:
            self._runs(what)
        elif self._stops(what, "reply"):
            turns = self._conversation.turns
            last = turns[-1].state if turns else ""
            if last in ("complete", "failed"):
                self.ended.emit(Ended("reply", last == "failed"))

    def _ended_elsewhere(self, chat: int, state: str) -> None:
        """However long it took: nobody saw it end."""
        self._since.pop(("chat", chat), None)
        if state in ("complete", "failed"):
            self.ended.emit(Ended("reply", state == "failed", elsewhere=True))
