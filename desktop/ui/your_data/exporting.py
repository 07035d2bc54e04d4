"""The ways in which chats go out: a menu of formats, and the question where to. Writes nothing."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from desktop.core.types.exchange import ExportFormat
from desktop.i18n import _
from desktop.ui.file_dialogs import Mode, ask_for_files
from desktop.view_models.session import Session
from desktop.words.exchange import export_words, format_label

ENDINGS: Final[dict[ExportFormat, str]] = {
    "markdown": "md",
    "html": "html",
    "pdf": "pdf",
    "json": "json",
}


def format_menu(parent: QWidget, chosen: Callable[[ExportFormat], object]) -> QMenu:
    """The formats, each as an entry; `chosen` is called with the one that was taken."""
    menu = QMenu(parent)
    for form in ENDINGS:
        menu.addAction(format_label(form), partial(chosen, form))
    return menu


def ask_for_export(
    parent: QWidget, session: Session, chats: tuple[int, ...], title: str, form: ExportFormat
) -> None:
    """Ask where to, and have it written; (): all chats."""
    stem = " ".join("".join(sign if sign.isalnum() or sign in " -_" else " " for sign in title).split())
    name = f"{stem[:60] or _('Chat')}.{ENDINGS[form]}"

    def go(path: str) -> None:
        session.exchange.export(chats, path, form, export_words())

    ask_where(parent, _("Export"), name, go)


def ask_where(parent: QWidget, title: str, name: str, chosen: Callable[[str], object]) -> None:
    """Have a person choose a file to write; `chosen` is called with its path."""

    def take(paths: list[str]) -> None:
        if paths:
            ending = Path(name).suffix
            chosen(paths[0] if Path(paths[0]).suffix else paths[0] + ending)

    dialog = ask_for_files(parent, title, take, Mode.AnyFile)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.selectFile(name)
