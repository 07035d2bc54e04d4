"""What can be done with chats and folders, as menus. Does nothing by itself."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from desktop.core.types import ChatInfo
from desktop.core.types.chats import Folder
from desktop.i18n import _
from desktop.ui.commands import with_keys
from desktop.ui.sidebar.export_entry import add_export
from desktop.ui.theme import icon
from desktop.view_models.chats import ChatsViewModel

DELETE_KEYS = "Del"
ERASE_KEYS = "Shift+Del"


def chats_menu(
    parent: QWidget, vm: ChatsViewModel, chats: Sequence[ChatInfo], rename: Callable[[int], None]
) -> QMenu:
    """For the chats that are chosen: one, or several."""
    menu = _menu(parent)
    numbers = tuple(chat.id for chat in chats)
    if vm.place == "trash":
        menu.addAction(icon("restore"), _("Restore"), lambda: vm.restore(numbers))
        menu.addSeparator()
        _for_good(menu, vm, numbers)
        return menu
    one = chats[0] if len(chats) == 1 else None
    if one is not None:
        menu.addAction(icon("edit"), with_keys(_("Rename"), "F2"), lambda: rename(one.id))
        pin = _("Unpin") if one.pinned else _("Pin")
        menu.addAction(icon("pin"), pin, lambda: vm.pin(one.id, not one.pinned))
    if not any(chat.temporary for chat in chats):
        if one is not None:
            menu.addAction(icon("copy"), _("Duplicate"), lambda: vm.duplicate(one.id))
        menu.addMenu(_move_menu(menu, vm, chats))
        archived = all(chat.archived for chat in chats)
        words = _("Take out of the archive") if archived else _("Archive")
        menu.addAction(icon("archive"), words, lambda: vm.archive(numbers, not archived))
    add_export(menu, vm, numbers)
    menu.addSeparator()
    menu.addAction(icon("delete", "danger"), with_keys(_("Delete"), DELETE_KEYS), lambda: vm.delete(*numbers))
    _for_good(menu, vm, numbers)
    return menu


def folder_menu(parent: QWidget, vm: ChatsViewModel, folder: Folder, rename: Callable[[int], None]) -> QMenu:
    menu = _menu(parent)
    menu.addAction(icon("edit"), with_keys(_("Rename"), "F2"), lambda: rename(folder.id))
    new = menu.addAction(icon("new_folder"), _("New folder in it"))
    new.triggered.connect(lambda: make_folder(vm, folder.id))
    inside = {folder.id, *(inner.id for inner, _depth in _tree(vm.folders, folder.id))}
    move = QMenu(_("Move to"), menu)
    move.setIcon(icon("folder"))
    if folder.parent:
        move.addAction(_("Out of the folder"), lambda: vm.move_folder(folder.id, 0))
    for other, depth in _tree(vm.folders):
        if other.id not in inside and other.id != folder.parent:
            move.addAction(_indented(other, depth), partial(vm.move_folder, folder.id, other.id))
    if move.actions():
        menu.addMenu(move)
    menu.addSeparator()
    words = with_keys(_("Delete folder, keep chats"), DELETE_KEYS)
    menu.addAction(icon("delete", "danger"), words, lambda: vm.delete_folder(folder.id))
    return menu


def make_folder(vm: ChatsViewModel, parent: int = 0, chats: Sequence[int] = ()) -> None:
    """A folder that is named where it stands."""
    vm.new_folder(_("New folder"), parent, chats)


def _move_menu(parent: QMenu, vm: ChatsViewModel, chats: Sequence[ChatInfo]) -> QMenu:
    numbers = tuple(chat.id for chat in chats)
    menu = QMenu(_("Move to"), parent)
    menu.setIcon(icon("folder"))
    if any(chat.folder for chat in chats):
        menu.addAction(_("Out of the folder"), lambda: vm.move(numbers, 0))
    for folder, depth in _tree(vm.folders):
        action = menu.addAction(_indented(folder, depth), partial(vm.move, numbers, folder.id))
        if all(chat.folder == folder.id for chat in chats):
            action.setCheckable(True)
            action.setChecked(True)
    if menu.actions():
        menu.addSeparator()
    menu.addAction(icon("new_folder"), _("New folder"), lambda: make_folder(vm, 0, numbers))
    return menu


def _for_good(menu: QMenu, vm: ChatsViewModel, numbers: tuple[int, ...]) -> None:
    words = with_keys(_("Delete for good"), ERASE_KEYS)
    menu.addAction(icon("delete", "danger"), words, lambda: vm.ask_to_erase(numbers))


def _tree(folders: tuple[Folder, ...], parent: int = 0, depth: int = 0) -> Iterator[tuple[Folder, int]]:
    for folder in folders:
        if folder.parent == parent:
            yield folder, depth
            yield from _tree(folders, folder.id, depth + 1)


def _indented(folder: Folder, depth: int) -> str:
    # an ampersand would be taken for a mnemonic
    return "\u2003" * depth + folder.name.replace("&", "&&")


def _menu(parent: QWidget) -> QMenu:
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu
