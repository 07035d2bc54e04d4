"""The rows of the list of chats: headings, folders, chats, each where it stands. Asks for nothing."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from desktop.core.types import ChatInfo
from desktop.core.types.chats import Folder

GroupName = Literal[
    "temporary", "pinned", "folders", "today", "yesterday", "week", "month", "earlier", "archived", "trash"
]
Place = Literal["", "archived", "trash"]  # "": the chats that are at hand

_BY_DATE: tuple[GroupName, ...] = ("today", "yesterday", "week", "month", "earlier")


class Group(msgspec.Struct, frozen=True):
    """A heading and its chats, latest first."""

    name: GroupName
    chats: tuple[ChatInfo, ...]


class FolderRow(msgspec.Struct, frozen=True):
    """A folder in the list. `chats`: how many it shows when it is open, with those of folders in it."""

    folder: Folder
    open: bool
    chats: int


Row = GroupName | FolderRow | ChatInfo


class Listed(msgspec.Struct, frozen=True):
    """A row and how deep it stands in folders."""

    row: Row
    depth: int = 0


def grouped(chats: Iterable[ChatInfo], today: date) -> tuple[Group, ...]:
    """Chats by the local day of their last change; groups without a chat are left out."""
    begins = [_midnight(today - timedelta(days=days)) for days in (0, 1, 7, 30)]
    groups: dict[GroupName, list[ChatInfo]] = {name: [] for name in ("temporary", "pinned", *_BY_DATE)}
    for chat in sorted(chats, key=lambda chat: (-chat.updated_at, -chat.id)):
        if chat.temporary:
            groups["temporary"].append(chat)
        elif chat.pinned:
            groups["pinned"].append(chat)
        else:
            days = sum(chat.updated_at < begin for begin in begins)
            groups[_BY_DATE[days]].append(chat)
    return tuple(Group(name, tuple(held)) for name, held in groups.items() if held)


def listing(
    chats: Iterable[ChatInfo], folders: tuple[Folder, ...], opened: frozenset[int], today: date
) -> tuple[Listed, ...]:
    """The rows of the chats at hand: what is pinned, then the folders, then the rest by date."""
    known = {folder.id for folder in folders}
    held: dict[int, list[ChatInfo]] = {}
    loose: list[ChatInfo] = []
    for chat in chats:
        if chat.archived:
            continue
        if chat.folder in known and not chat.pinned:
            held.setdefault(chat.folder, []).append(chat)
        else:
            loose.append(chat)
    groups = grouped(loose, today)
    first = [group for group in groups if group.name in ("temporary", "pinned")]
    rows = _rows(first)
    if folders:
        rows.append(Listed("folders"))
        rows += _folder_rows(folders, held, opened)
    return (*rows, *_rows(group for group in groups if group not in first))


def archived_listing(chats: Iterable[ChatInfo], today: date) -> tuple[Listed, ...]:
    """The rows of the archive, by date."""
    kept = [msgspec.structs.replace(chat, pinned=False) for chat in chats if chat.archived]
    return tuple(_rows(grouped(kept, today)))


def _rows(groups: Iterable[Group]) -> list[Listed]:
    return [Listed(row) for group in groups for row in (group.name, *group.chats)]


def _folder_rows(
    folders: tuple[Folder, ...], held: Mapping[int, list[ChatInfo]], opened: frozenset[int]
) -> list[Listed]:
    known = {folder.id for folder in folders}
    inside: dict[int, list[Folder]] = {}
    for folder in folders:
        inside.setdefault(folder.parent if folder.parent in known else 0, []).append(folder)

    def count(folder: int) -> int:
        return len(held.get(folder, ())) + sum(count(inner.id) for inner in inside.get(folder, ()))

    def below(parent: int, depth: int) -> Iterable[Listed]:
        for folder in inside.get(parent, ()):
            is_open = folder.id in opened
            yield Listed(FolderRow(folder, is_open, count(folder.id)), depth)
            if is_open:
                yield from below(folder.id, depth + 1)
                for chat in sorted(held.get(folder.id, ()), key=lambda chat: (-chat.updated_at, -chat.id)):
                    yield Listed(chat, depth + 1)

    return list(below(0, 0))


def _midnight(day: date) -> float:
    """When a local day begins, in seconds since the epoch."""
    return datetime.combine(day, datetime.min.time()).timestamp()
