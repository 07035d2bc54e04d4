"""The list of chats: folders and groups by date, archive and trash, search, and the one in front.

Holds what is chosen; what is done to chats stands in desktop.view_models.chat_deeds. Chooses no words.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.contract import Core
from desktop.core.events import ChatsChanged, CoreEvent
from desktop.core.types import ChatInfo
from desktop.core.types.chats import Folder, Found
from desktop.view_models.bridge import follow, listen
from desktop.view_models.chat_deeds import UNDO_MS, ChatDeeds
from desktop.view_models.chat_rows import Group, Listed, Place, archived_listing, grouped, listing

SEARCH_PAUSE_MS: Final = 150  # a pause in typing


class ChatsViewModel(ChatDeeds):
    """One for the window. Which chat is in front it only mirrors: it asks, and is told by `set_current`."""

    changed = Signal()  # `listing`, `found`, `place`, `current`
    new_requested = Signal()
    hit_requested = Signal(int, int, str)  # a chat, a message of it, and what was looked for
    export_requested = Signal(tuple, str)  # numbers of chats, a format

    def __init__(
        self, core: Core, parent: QObject | None = None, clock: Callable[[], datetime] = datetime.now
    ) -> None:
        super().__init__(parent)
        self._core = core
        self._clock = clock
        self._all: tuple[ChatInfo, ...] = ()
        self._by_number: dict[int, ChatInfo] = {}
        self._trash: tuple[ChatInfo, ...] = ()
        self.folders: tuple[Folder, ...] = ()
        self.opened: frozenset[int] = frozenset()  # the folders that show what they hold
        self.trashed = 0
        self.found: Found | None = None  # None: nothing is searched for
        self.listed = False
        self.place: Place = ""
        self.query = ""
        self.current: int | None = None
        self.unseen: frozenset[int] = frozenset()  # chats whose reply came while another was in front
        self._search_pause = _single_shot(self, SEARCH_PAUSE_MS, self._search)
        self._undo_time = _single_shot(self, UNDO_MS, self.forget_done)
        self._midnight = _single_shot(self, 0, self._new_day)
        listen(core, self, self._on_core_event)
        self._new_day()

    # ── the list ──

    @property
    def groups(self) -> tuple[Group, ...]:
        """The chats at hand that are in no folder, by date."""
        return grouped(self.at_hand, self._clock().date())

    @property
    def listing(self) -> tuple[Listed, ...]:
        """The rows of the list, of what stands open."""
        today = self._clock().date()
        match self.place:
            case "archived":
                return archived_listing(self._all, today)
            case "trash":
                return tuple(Listed(chat) for chat in self._trash)
            case _:
                return listing(self._all, self.folders, self.opened, today)

    @property
    def searching(self) -> bool:
        """Whether what was found stands in the list's place."""
        return self.found is not None

    @property
    def all(self) -> tuple[ChatInfo, ...]:
        """Every chat, searched for or not, in the archive too."""
        return self._all

    @property
    def at_hand(self) -> Iterator[ChatInfo]:
        """The chats that are neither in the archive nor in a folder."""
        return (chat for chat in self._all if not chat.archived and not chat.folder)

    @property
    def archived(self) -> int:
        """How many chats the archive holds."""
        return sum(chat.archived for chat in self._all)

    def info(self, chat: int | None) -> ChatInfo | None:
        """Of a chat that is listed or in the trash that stands open."""
        if chat is None:
            return None
        return self._by_number.get(chat) or next((info for info in self._trash if info.id == chat), None)

    def go_to(self, place: Place) -> None:
        """Show the archive, the trash, or with "" the chats at hand."""
        if place != self.place:
            self.place = place
            self.decline()
            if place == "trash":
                self._read_trash()
            self.changed.emit()

    def fold(self, folder: int, opened: bool) -> None:
        """Show what a folder holds, or no longer."""
        changed = self.opened | {folder} if opened else self.opened - {folder}
        if changed != self.opened:
            self.opened = changed
            self.changed.emit()

    def mark_unseen(self, chat: int) -> None:
        """A reply came that nobody saw come; until the chat is opened."""
        if chat != self.current:
            self.unseen |= {chat}
            self.changed.emit()

    def open_folders(self, folders: Iterable[int]) -> None:
        self.opened = frozenset(folders)
        self.changed.emit()

    def reveal(self, chat: int) -> None:
        """Open the folders that a chat lies in."""
        info = self._by_number.get(chat)
        above = {folder.id: folder.parent for folder in self.folders}
        folder, opened = info.folder if info is not None else 0, set(self.opened)
        while folder in above and folder not in opened:
            opened.add(folder)
            folder = above[folder]
        if opened != self.opened:
            self.open_folders(opened)

    # ── search ──

    def search(self, query: str) -> None:
        """Look for these words in all chats, after a pause in typing; "" shows the list again."""
        self.query = query
        if query.strip():
            self._search_pause.start()
        else:
            self._search_pause.stop()
            self.found = None
            self.changed.emit()

    def _search(self) -> None:
        asked = self.query

        def found(result: Found) -> None:
            if asked == self.query:
                self.found = result
                self.changed.emit()

        follow(self._core.find_in_chats(asked), self, on_result=found, on_error=self.failed.emit)

    def open_hit(self, chat: int, message: int) -> None:
        """Bring a chat to the front, on the branch of a message that was found, and show the words in it."""
        self.hit_requested.emit(chat, message, self.query)

    # ── the chat in front ──

    def set_current(self, chat: int | None) -> None:
        """This chat is in front now; None: a new one that is not stored yet."""
        if chat != self.current:
            self.current = chat
            self.unseen -= {chat}
            self.changed.emit()

    def open(self, chat: int) -> None:
        """Bring a chat to the front; the one in front too, for another may be on its way there."""
        self.open_requested.emit(chat)

    def new_chat(self) -> None:
        """Bring an empty chat to the front: one that is stored already, where there is one."""
        if self.current is None:
            self.new_requested.emit()
            return
        empty = self.info(self.current)
        if empty is None or empty.title or empty.temporary:
            empty = next((chat for chat in self.at_hand if not chat.title and not chat.temporary), None)
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
            self._do(self._core.rename_chat(chat, title), None)

    def pin(self, chat: int, pinned: bool) -> None:
        self._do(self._core.pin_chat(chat, pinned), None)

    def refresh(self) -> None:
        """Look again for what the core does not tell by itself."""
        if self.found is not None:
            self._search()
        if self.place == "trash":
            self._read_trash()

    def _read_trash(self) -> None:
        def read(trash: tuple[ChatInfo, ...]) -> None:
            self._trash = trash
            if self.place == "trash":
                self.changed.emit()

        follow(self._core.list_trash(), self, on_result=read, on_error=self.failed.emit)

    # ── the core and the clock ──

    def _on_core_event(self, event: CoreEvent) -> None:
        if isinstance(event, ChatsChanged):
            self._all, self.folders = event.chats, event.folders
            self._by_number = {chat.id: chat for chat in event.chats}
            if event.trashed != self.trashed and self.place == "trash":
                self._read_trash()
            self.trashed = event.trashed
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
