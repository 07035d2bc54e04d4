"""What the list of chats and the search in a chat can do, as commands of the window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence

from desktop.i18n import _
from desktop.ui.commands import Command

if TYPE_CHECKING:
    from desktop.ui.workspace import Workspace
    from desktop.view_models.chat_rows import Place

_KEY = QKeySequence.StandardKey


def chat_commands(workspace: Workspace) -> tuple[Command, ...]:
    """In the language in use."""
    chats, find = workspace.session.chats, workspace.session.find

    def current() -> int | None:
        """The chat in front, where it is stored and not on its way out."""
        info = chats.info(chats.current)
        return info.id if info is not None and not info.temporary else None

    def there() -> bool:
        return current() is not None

    def archive() -> None:
        info = chats.info(current())
        if info is not None:
            chats.archive((info.id,), not info.archived)

    def duplicate() -> None:
        chat = current()
        if chat is not None:
            chats.duplicate(chat)

    def looking() -> bool:
        return bool(find.hits)

    def show(place: Place) -> None:
        workspace.unfold_sidebar()
        chats.go_to(place)

    return (
        Command(
            "find",
            _("Find in this chat"),
            workspace.middle.find_in_chat,
            (_KEY.Find,),
            "chats",
            icon="search",
        ),
        Command(
            "find_next",
            _("Next message that was found"),
            partial(find.step, True),
            (_KEY.FindNext,),
            "chats",
            icon="chevron_down",
            enabled=looking,
        ),
        Command(
            "find_before",
            _("Message found before"),
            partial(find.step, False),
            (_KEY.FindPrevious,),
            "chats",
            icon="chevron_up",
            enabled=looking,
        ),
        Command("duplicate", _("Duplicate this chat"), duplicate, (), "chats", icon="copy", enabled=there),
        Command("archive", _("Archive this chat"), archive, (), "chats", icon="archive", enabled=there),
        Command(
            "new_folder", _("New folder"), workspace.sidebar.begin_folder, (), "chats", icon="new_folder"
        ),
        Command("archived", _("Archived"), partial(show, "archived"), (), "chats", icon="archive"),
        Command("trash", _("Trash"), partial(show, "trash"), (), "chats", icon="delete"),
    )
