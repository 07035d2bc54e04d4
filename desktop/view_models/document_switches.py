"""Which collections chats draw from, and which the next question does. Part of `DocumentsViewModel`."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.types import Problem, Reading
from desktop.view_models.bridge import follow


class Once(NamedTuple):
    """What holds for one question alone. `collections` None: what its chat draws from."""

    collections: tuple[str, ...] | None = None
    reading: Reading = "automatic"


class DocumentSwitches(QObject):
    """`set_chat` tells which chat the switches are for."""

    switches_changed = Signal()  # which collections the present chat uses, or its next question
    _core: Core
    _current: str
    choose: Callable[[str], None]
    _set_problem: Callable[[Problem], None]

    def _begin_switches(self) -> None:
        self._chat: int | None = None
        self._uses: dict[int, tuple[str, ...]] = {}  # chat -> collections it draws from
        self._wishes: dict[str, bool] = {}  # switches set while the chat in front was not stored yet
        self._left_off: set[tuple[int, str]] = set()  # switched off by the person, per chat
        self._once: tuple[str, ...] | None = None  # what the next question is answered from
        self._reading: Reading = "automatic"  # how documents answer it

    @property
    def chat(self) -> int | None:
        return self._chat

    @property
    def used(self) -> tuple[str, ...]:
        """Collections the present chat draws from."""
        if self._chat is None:
            return tuple(name for name, on in self._wishes.items() if on)
        return self._uses.get(self._chat, ())

    def set_chat(self, chat: int | None, collections: Iterable[str] = ()) -> None:
        """Another chat is in front; `collections` are the ones it uses, as it was opened."""
        if chat != self._chat and self._chat is not None:
            self._once, self._reading = None, "automatic"
        self._chat = chat
        if chat is not None:
            self._uses[chat] = tuple(collections)
            wishes, self._wishes = self._wishes, {}
            for name, on in wishes.items():
                self.set_used(name, on)
        self.switches_changed.emit()
        if self.used and self._current not in self.used:
            self.choose(self.used[0])

    def set_used(self, name: str, on: bool) -> None:
        """Switch a collection on or off for the present chat, or for the next one while none is stored."""
        chat = self._chat
        if chat is None:
            self._wishes[name] = on
            self.switches_changed.emit()
            return
        if on:
            self._left_off.discard((chat, name))
        else:
            self._left_off.add((chat, name))
        self._switch(chat, name, on)

    def _switch(self, chat: int, name: str, on: bool) -> None:
        if (name in self._uses.get(chat, ())) == on:
            return
        self._mark(chat, name, on)

        def failed(problem: Problem) -> None:
            self._mark(chat, name, not on)
            self._set_problem(problem)

        follow(self._core.set_collections(chat, self._uses[chat]), self, on_error=failed)

    def _mark(self, chat: int, name: str, on: bool) -> None:
        others = tuple(other for other in self._uses.get(chat, ()) if other != name)
        self._uses[chat] = (*others, name) if on else others
        if chat == self._chat:
            self.switches_changed.emit()

    def _renamed(self, name: str, new_name: str) -> None:
        """What chats draw from is called otherwise now; the core has seen to the stored ones."""
        self._uses = {
            chat: tuple(new_name if one == name else one for one in names)
            for chat, names in self._uses.items()
        }
        self._wishes = {new_name if one == name else one: on for one, on in self._wishes.items()}
        if self._once is not None:
            self._once = tuple(new_name if one == name else one for one in self._once)
        self.switches_changed.emit()

    # ── one question ──

    @property
    def once(self) -> tuple[str, ...] | None:
        """What the next question alone is answered from; None: what its chat draws from."""
        return self._once

    def set_once(self, collections: tuple[str, ...] | None) -> None:
        if collections is not None and set(collections) == set(self.used):
            collections = None
        if collections != self._once:
            self._once = collections
            self.switches_changed.emit()

    @property
    def reading(self) -> Reading:
        """How documents answer the next question alone."""
        return self._reading

    def set_reading(self, reading: Reading) -> None:
        if reading != self._reading:
            self._reading = reading
            self.switches_changed.emit()

    def take_once(self) -> Once:
        """For the question that is being sent; the one after it is answered as its chat is."""
        once = Once(self._once, self._reading)
        if once != Once():
            self._once, self._reading = None, "automatic"
            self.switches_changed.emit()
        return once
