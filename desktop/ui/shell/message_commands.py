"""Commands of the chat that is shown: files, temporary chats, branches, deletions. Does nothing by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence

from desktop.i18n import _
from desktop.ui.commands import Command

if TYPE_CHECKING:
    from desktop.ui.workspace import Workspace


def message_commands(workspace: Workspace) -> tuple[Command, ...]:
    """In the language in use."""
    conversation = workspace.session.conversation
    temporary, messages = conversation.temporary, conversation.messages
    return (
        Command(
            "attach",
            _("Attach files to this question"),
            workspace.incoming.attach,
            ("Ctrl+U",),
            "messages",
            icon="page",
            more=_("Upload, PDF"),
        ),
        Command(
            "temporary_chat",
            _("New temporary chat"),
            workspace.temporary_chat,
            ("Ctrl+Shift+N",),
            "chats",
            icon="temporary",
            more=_("Private, incognito, without a trace"),
        ),
        Command(
            "keep_chat",
            _("Keep this chat"),
            temporary.keep,
            (),
            "chats",
            icon="temporary",
            enabled=lambda: temporary.can_keep,
        ),
        Command(
            "comparing",
            _("Two answers side by side"),
            lambda: workspace.toggle_page("comparing"),
            ("Ctrl+J",),
            "chats",
            icon="side_by_side",
            more=_("Compare models, compare prompts"),
        ),
        Command(
            "branches",
            _("Branches of this chat"),
            lambda: workspace.toggle_panel("branches"),
            ("Ctrl+Shift+B",),
            "messages",
            icon="branches",
            more=_("Map, tree, versions"),
        ),
        Command(
            "undo_delete",
            _("Bring the deleted message back"),
            messages.undo_delete,
            (QKeySequence.StandardKey.Undo,),
            "messages",
            place="conversation",
            enabled=lambda: messages.can_undo and not conversation.running,
        ),
    )
