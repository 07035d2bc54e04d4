"""The list of chats: groups by date, the one in front, search, rename, pin, delete and undo.

Holds what is chosen and what was deleted last. Chooses no words: a group is a name for the widget to say.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final, Literal

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.contract import Core
from desktop.core.events import ChatsChanged, CoreEvent
from desktop.core.operations import Operation
from desktop.core.types import ChatInfo
from desktop.view_models.bridge import follow, listen

GroupName = Literal["temporary", "pinned", "today", "yesterday", "earlier", "found"]

SEARCH_PAUSE_MS: Final = 150  # a pause in typing
UNDO_MS: Final = 12_000


class Group(msgspec.Struct, frozen=True):
    """A heading and its chats, latest first. "found": the answer to a search, in its order."""

    name: GroupName
    chats: tuple[ChatInfo, ...]


def grouped(chats: tuple[ChatInfo, ...], today: date) -> tuple[Group, ...]:
    """Chats by the local day of their last change; groups without a chat are left out."""

    def name(chat: ChatInfo) -> GroupName:
        day = datetime.fromtimestamp(chat.updated_at).date()
        if chat.temporary:
            return "temporary"
        if chat.pinned:
            return "pinned"
        if day >= today:
            return "today"
        return "yesterday" if day == today - timedelta(days=1) else "earlier"

    latest = sorted(chats, key=lambda chat: (-chat.updated_at, -chat.id))
    order: tuple[GroupName, ...] = ("temporary", "pinned", "today", "yesterday", "earlier")
    groups = (Group(wanted, tuple(c for c in latest if name(c) == wanted)) for wanted in order)
    return tuple(group for group in groups if group.chats)


class ChatsViewModel(QObject):
    """One for the window. Which chat is in front it only mirrors: it asks, and is told by `set_current`."""

    changed = Signal()  # `groups`, `query`, `current`
    open_requested = Signal(int)
    new_requested = Signal()
    deleted_changed = Signal()  # `deleted`
    failed = Signal(object)  # a Problem

    def __init__(
        self, core: Core, parent: QObject | None = None, clock: Callable[[], datetime] = datetime.now
    ) -> None:
        super().__init__(parent)
        self._core = core
        self._clock = clock
        self._all: tuple[ChatInfo, ...] = ()
        self._found: tuple[ChatInfo, ...] | None = None
        self.listed = False
        self.query = ""
        self.current: int | None = None
        self.deleted: ChatInfo | None = None
        self._search_pause = _single_shot(self, SEARCH_PAUSE_MS, self._search)
        self._undo_time = _single_shot(self, UNDO_MS, self.forget_deleted)
        self._midnight = _single_shot(self, 0, self._new_day)
        listen(core, self, self._on_core_event)
        self._new_day()

    # ── the list ──

    @property
    def groups(self) -> tuple[Group, ...]:
        if self._found is not None:
            return (Group("found", self._found),) if self._found else ()
        return grouped(self._all, self._clock().date())

    @property
    def searching(self) -> bool:
        """Whether the list is the answer to a search."""
        return self._found is not None

    @property
    def all(self) -> tuple[ChatInfo, ...]:
        """Every chat, searched for or not."""
        return self._all

    def info(self, chat: int | None) -> ChatInfo | None:
        return next((info for info in self._all if info.id == chat), None)

    def search(self, query: str) -> None:
        """List the chats that hold these words, after a pause in typing; "" lists all again."""
        self.query = query
        if query.strip():
            self._search_pause.start()
        else:
            self._search_pause.stop()
            self._found = None
            self.changed.emit()

    def _search(self) -> None:
        asked = self.query

        def found(chats: tuple[ChatInfo, ...]) -> None:
            if asked == self.query:
                self._found = chats
                self.changed.emit()

        follow(self._core.search_chats(asked), self, on_result=found, on_error=self.failed.emit)

    # ── the chat in front ──

    def set_current(self, chat: int | None) -> None:
        """This chat is in front now; None: a new one that is not stored yet."""
        if chat != self.current:
            self.current = chat
            self.changed.emit()

    def open(self, chat: int) -> None:
        """Bring a chat to the front."""
        if chat != self.current:
            self.open_requested.emit(chat)

    def new_chat(self) -> None:
        """Bring an empty chat to the front: one that is stored already, where there is one."""
        info = self.info(self.current)
        if self.current is None or (info is not None and not info.title and not info.temporary):
            return
        empty = next((info for info in self._all if not info.title and not info.temporary), None)
        if empty is not None:
            self.open_requested.emit(empty.id)
        else:
            self.new_requested.emit()

    # ── changes ──

    def rename(self, chat: int, title: str) -> None:
        """Give a chat a title of the person's own; an empty one changes nothing."""
        title = " ".join(title.split())
        info = self.info(chat)
        if title and info is not None and title != info.title:
            self._change(self._core.rename_chat(chat, title))

    def pin(self, chat: int, pinned: bool) -> None:
        self._change(self._core.pin_chat(chat, pinned))

    def delete(self, chat: int) -> None:
        """Delete a chat; for some seconds `undo_delete` brings it back."""
        info = self.info(chat)
        if info is None:
            return

        def deleted(_: None) -> None:
            self.deleted = info
            self._undo_time.start()
            self.deleted_changed.emit()
            self._search_again()

        follow(self._core.delete_chat(chat), self, on_result=deleted, on_error=self.failed.emit)

    def undo_delete(self) -> None:
        deleted, self.deleted = self.deleted, None
        self._undo_time.stop()
        self.deleted_changed.emit()
        if deleted is not None:

            def restored(_: None) -> None:
                self._search_again()
                self.open(deleted.id)

            operation = self._core.restore_chat(deleted.id)
            follow(operation, self, on_result=restored, on_error=self.failed.emit)

    def forget_deleted(self) -> None:
        """The offer to undo is over."""
        self._undo_time.stop()
        if self.deleted is not None:
            self.deleted = None
            self.deleted_changed.emit()

    def _change(self, operation: Operation[None]) -> None:
        follow(operation, self, on_result=lambda _: self._search_again(), on_error=self.failed.emit)

    def _search_again(self) -> None:
        if self._found is not None:
            self._search()

    # ── the core and the clock ──

    def _on_core_event(self, event: CoreEvent) -> None:
        if isinstance(event, ChatsChanged):
            self._all = event.chats
            self.listed = True
            self.changed.emit()

    def _new_day(self) -> None:
        """Today's chats become yesterday's while the window stays open."""
        now = self._clock()
        midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time())
        self._midnight.start(max(1000, int((midnight - now).total_seconds() * 1000) + 1000))
        self.changed.emit()


def _single_shot(parent: QObject, interval_ms: int, slot: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    timer.timeout.connect(slot)
    return timer
