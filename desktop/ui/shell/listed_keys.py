"""Keys that a place takes by itself while the focus is there: declared for the list of shortcuts, and so
that no command is given the same. Does nothing.
"""

from PySide6.QtGui import QKeySequence

from desktop.i18n import _
from desktop.ui.commands import Command


def listed() -> tuple[Command, ...]:
    """In the language in use."""
    return (*_writing(), *_reading(), *_lists())


def _writing() -> tuple[Command, ...]:
    return (
        Command("send", _("Send"), keys=("Return",), area="messages", place="composer"),
        Command("new_line", _("New line"), keys=("Shift+Return",), area="messages", place="composer"),
        Command("stop_writing", _("Stop the reply"), keys=("Esc",), area="messages", place="composer"),
    )


def _reading() -> tuple[Command, ...]:
    standard = QKeySequence.StandardKey
    return (
        Command("stop_reading", _("Stop the reply"), keys=("Esc",), area="messages", place="conversation"),
        Command("copy", _("Copy"), keys=(standard.Copy,), area="messages", place="conversation", icon="copy"),
        Command(
            "select_all", _("Select all"), keys=(standard.SelectAll,), area="messages", place="conversation"
        ),
        Command(
            "select_message",
            _("Select this message, and more"),
            keys=("Shift+Up", "Shift+Down"),
            area="messages",
            place="conversation",
        ),
        Command(
            "quote",
            _("Quote what is selected"),
            keys=("Ctrl+Shift+Q",),
            area="messages",
            place="conversation",
        ),
        Command("go_end", _("To the end of the chat"), keys=("End",), area="messages", place="conversation"),
        Command(
            "go_start",
            _("To the beginning of the chat"),
            keys=("Home",),
            area="messages",
            place="conversation",
        ),
        Command("edit", _("Edit"), keys=("F2",), area="messages", place="messages", icon="edit"),
        Command(
            "delete_message", _("Delete with what follows"), keys=("Del",), area="messages", place="messages"
        ),
        Command("version_before", _("Version before"), keys=("Left",), area="messages", place="messages"),
        Command("version_after", _("Version after"), keys=("Right",), area="messages", place="messages"),
    )


def _lists() -> tuple[Command, ...]:
    return (
        Command("open_chat", _("Open"), keys=("Return",), area="chats", place="chats"),
        Command("rename_chat", _("Rename"), keys=("F2",), area="chats", place="chats"),
        Command("delete_chat", _("Delete"), keys=("Del",), area="chats", place="chats"),
        Command("erase_chat", _("Delete for good"), keys=("Shift+Del",), area="chats", place="chats"),
        Command("choose_chats", _("Choose all chats"), keys=("Ctrl+A",), area="chats", place="chats"),
        Command("open_folder", _("Open the folder"), keys=("Right",), area="chats", place="chats"),
        Command("close_folder", _("Close the folder"), keys=("Left",), area="chats", place="chats"),
        Command("open_document", _("Open"), keys=("Return",), area="documents", place="documents"),
        Command("remove_document", _("Remove"), keys=("Del",), area="documents", place="documents"),
        Command("page_zoom_in", _("Larger page"), keys=("+",), area="documents", place="viewer"),
        Command("page_zoom_out", _("Smaller page"), keys=("-",), area="documents", place="viewer"),
        Command("page_fit", _("Page as wide as its place"), keys=("0",), area="documents", place="viewer"),
        Command("page_after", _("Next page"), keys=("PgDown",), area="documents", place="viewer"),
        Command("page_before", _("Page before"), keys=("PgUp",), area="documents", place="viewer"),
        Command("delete_model", _("Delete the file"), keys=("Del",), area="models", place="models"),
    )
