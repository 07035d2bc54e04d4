"""The entry of a chat's menu by which it goes out."""

from functools import partial
from typing import get_args

from PySide6.QtWidgets import QMenu

from desktop.core.types.exchange import ExportFormat
from desktop.i18n import _
from desktop.ui.theme import icon
from desktop.view_models.chats import ChatsViewModel
from desktop.words.exchange import format_label


def add_export(menu: QMenu, chats: ChatsViewModel, numbers: tuple[int, ...]) -> None:
    """A submenu with the formats; the window asks where to."""
    formats = menu.addMenu(icon("page"), _("Export"))
    for form in get_args(ExportFormat):
        formats.addAction(format_label(form), partial(chats.export_requested.emit, numbers, form))
