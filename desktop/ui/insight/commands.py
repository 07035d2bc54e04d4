"""The prompt, the probabilities and the cost of replies, as commands of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.i18n import _
from desktop.ui.commands import Command
from desktop.view_models.turn_list import CITES, REPLY

if TYPE_CHECKING:
    from desktop.ui.workspace import Workspace


def insight_commands(workspace: Workspace) -> tuple[Command, ...]:
    """In the language in use."""
    session = workspace.session

    def has_reply() -> bool:
        return session.conversation.turns.has(REPLY)

    def cites() -> bool:
        return session.conversation.turns.has(CITES)

    def heat() -> None:
        if session.probabilities.key is None:
            session.probabilities.show_last()
        session.probabilities.set_heat(not session.probabilities.heat)

    def why() -> None:
        session.why.show_last()
        workspace.toggle_panel("why")

    return (
        Command(
            "chat_sources",
            _("Sources of this chat"),
            lambda: workspace.toggle_panel("chat_sources"),
            ("Ctrl+Alt+S",),
            "messages",
            icon="page",
            more=_("Documents, pages and passages that are cited"),
        ),
        Command(
            "next_passage",
            _("Next cited passage"),
            lambda: session.chat_sources.step(1),
            ("Ctrl+Alt+Down",),
            "messages",
            icon="page",
            enabled=cites,
        ),
        Command(
            "previous_passage",
            _("Previous cited passage"),
            lambda: session.chat_sources.step(-1),
            ("Ctrl+Alt+Up",),
            "messages",
            icon="page",
            enabled=cites,
        ),
        Command(
            "why",
            _("Why these passages?"),
            why,
            ("Ctrl+Alt+Y",),
            "messages",
            icon="search",
            more=_("Retrieval, ranks, what was cut, why not another passage"),
        ),
        Command(
            "context",
            _("Context"),
            lambda: workspace.toggle_panel("context"),
            ("Ctrl+Shift+X",),
            "view",
            icon="context",
            more=_("Prompt, tokens, context window"),
        ),
        Command(
            "parameters",
            _("Parameters"),
            lambda: workspace.toggle_panel("parameters"),
            ("Ctrl+Shift+A",),
            "chats",
            icon="settings",
            more=_("Temperature, presets, how replies are made"),
        ),
        Command(
            "probabilities",
            _("Probabilities"),
            lambda: workspace.toggle_panel("probabilities"),
            ("Ctrl+Shift+E",),
            "messages",
            icon="chances",
            more=_("Alternatives, tokens, what else a reply might have said"),
        ),
        Command(
            "cost",
            _("What it cost"),
            lambda: workspace.toggle_panel("cost"),
            ("Ctrl+Shift+O",),
            "messages",
            icon="info",
            more=_("Tokens per second, seed, settings of a reply"),
        ),
        Command(
            "repeat",
            _("Repeat exactly"),
            session.costs.repeat,
            (),
            "messages",
            icon="regenerate",
            enabled=lambda: session.costs.can_repeat,
        ),
        Command(
            "heat",
            _("Tint the chat by probability"),
            heat,
            (),
            "messages",
            icon="chances",
            enabled=has_reply,
        ),
    )
