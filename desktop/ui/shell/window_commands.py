"""The commands of the window itself, as they are registered when its widgets are built.

Another area registers its own with `workspace.commands.add(...)`; a test sees that no two share a key.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence

from desktop.i18n import _
from desktop.ui.commands import Command
from desktop.ui.insight import in_window
from desktop.ui.insight.commands import insight_commands
from desktop.ui.panels.fields import choice_label
from desktop.ui.shell import sources
from desktop.ui.shell.listed_keys import listed
from desktop.ui.shell.message_commands import message_commands
from desktop.ui.shell.palette import CommandPalette
from desktop.ui.sidebar.commands import chat_commands

if TYPE_CHECKING:
    from desktop.ui.workspace import Workspace

_KEY = QKeySequence.StandardKey


def register(workspace: Workspace) -> None:
    """Everything the window can do."""
    commands = workspace.commands
    commands.add(*_of_chats(workspace), *_of_replies(workspace), *_of_models(workspace))
    commands.add(*chat_commands(workspace), *message_commands(workspace), *insight_commands(workspace))
    commands.add(*_of_view(workspace), *_of_program(workspace), *_of_data(workspace))
    commands.add(*_of_workshop(workspace))
    commands.add(*_choices(workspace), *listed())
    in_window.connect(workspace)


def fill(palette: CommandPalette, workspace: Workspace) -> None:
    """Tell the palette where to look; commands first."""
    session = workspace.session
    palette.sources["commands"] = lambda: sources.commands(workspace.commands)
    palette.sources["chats"] = lambda: sources.chats(session, workspace.open_chat)
    palette.sources["prompts"] = lambda: sources.prompts(session, workspace.use_prompt)
    palette.opening.connect(session.prompt_library.list_choices)
    session.prompt_library.choices_changed.connect(palette.gather_again)
    palette.sources["models"] = lambda: sources.models(session)
    palette.sources["settings"] = lambda: sources.settings(session, workspace.show_setting)


def show_keys(workspace: Workspace) -> None:
    """Buttons that do what a command does tell its keys."""
    header, sidebar = workspace.header, workspace.sidebar
    buttons = {
        "new_chat": sidebar.new_chat,
        "temporary_chat": header.temporary,
        "sidebar": sidebar.fold,
        **{name: button for name, button in sidebar.entries.items() if name in workspace.commands},
        **{name: button for name, button in header.switches.items() if name in workspace.commands},
    }
    for name, button in buttons.items():
        keys = workspace.commands[name].shown_keys
        words = button.accessibleName() or button.text()
        button.setToolTip(f"{words} ({keys})" if keys else words)


def _of_chats(workspace: Workspace) -> tuple[Command, ...]:
    return (
        Command("new_chat", _("New chat"), workspace.new_chat, (_KEY.New,), "chats", icon="new_chat"),
        Command(
            "search_chats",
            _("Search chats"),
            workspace.search,
            ("Ctrl+Shift+F",),
            "chats",
            icon="search",
        ),
        Command(
            "system_prompt",
            _("System prompt"),
            lambda: workspace.toggle_panel("system_prompt"),
            ("Ctrl+I",),
            "chats",
            icon="prompt",
        ),
        Command(
            "prompts",
            _("Prompts"),
            lambda: workspace.toggle_page("prompts"),
            ("Ctrl+Shift+I",),
            "chats",
            icon="prompts",
        ),
        Command(
            "write", _("Go to the field for questions"), workspace.write, ("Ctrl+L",), "chats", icon="edit"
        ),
    )


def _of_replies(workspace: Workspace) -> tuple[Command, ...]:
    conversation = workspace.session.conversation

    def last_reply() -> int | None:
        turns = conversation.turns
        return turns[-1].key if turns and turns[-1].is_reply and not conversation.running else None

    def regenerate() -> None:
        key = last_reply()
        if key is not None:
            conversation.regenerate(key)

    def has_reply() -> bool:
        return last_reply() is not None

    return (
        Command(
            "stop",
            _("Stop the reply"),
            conversation.stop,
            ("Ctrl+.",),
            "messages",
            icon="stop",
            enabled=lambda: conversation.running,
        ),
        Command(
            "regenerate",
            _("Answer again"),
            regenerate,
            ("Ctrl+R",),
            "messages",
            icon="regenerate",
            enabled=has_reply,
        ),
    )


def _of_models(workspace: Workspace) -> tuple[Command, ...]:
    models = workspace.session.models
    return (
        # on macOS Command+M puts the window into the Dock
        Command(
            "choose_model",
            _("Choose a model"),
            workspace.choose_model,
            ("Ctrl+M",),
            "models",
            icon="models",
            mac=("Ctrl+Alt+M",),
        ),
        Command(
            "models",
            _("Models"),
            lambda: workspace.toggle_page("models"),
            ("Ctrl+Shift+M",),
            "models",
            icon="models",
        ),
        Command("add_model", _("Add a model file"), workspace.add_model_files, (), "models", icon="file"),
        Command(
            "unload",
            _("Unload the model"),
            models.unload,
            (),
            "models",
            icon="eject",
            enabled=lambda: models.loaded is not None,
        ),
    )


def _of_workshop(workspace: Workspace) -> tuple[Command, ...]:
    return (
        Command(
            "workshop",
            _("Workshop"),
            lambda: workspace.toggle_page("workshop"),
            ("Ctrl+Shift+W",),
            "models",
            icon="workshop",
            more=_("Train a model of your own, look inside"),
        ),
    )


def _of_data(workspace: Workspace) -> tuple[Command, ...]:
    more = _("Import, export, backup, restore")
    return (
        Command(
            "your_data",
            _("Your data"),
            lambda: workspace.toggle_page("your_data"),
            (),
            "program",
            icon="file",
            more=more,
        ),
    )


def _of_view(workspace: Workspace) -> tuple[Command, ...]:
    return (
        Command(
            "documents",
            _("Documents"),
            lambda: workspace.toggle_panel("documents"),
            ("Ctrl+D",),
            "documents",
            icon="documents",
        ),
        Command(
            "all_documents",
            _("All documents"),
            lambda: workspace.toggle_page("documents"),
            ("Ctrl+Shift+D",),
            "documents",
            icon="documents",
            more=_("Library, collections, watched folders, trash"),
        ),
        Command(
            "score",
            _("How well documents are found"),
            lambda: workspace.toggle_page("score"),
            (),
            "documents",
            icon="documents",
            more=_("Score, questions, recall, compare settings of the search"),
        ),
        Command(
            "add_documents",
            _("Add documents"),
            workspace.choose_documents,
            (_KEY.Open,),
            "documents",
            icon="plus",
        ),
        Command("sidebar", _("Sidebar"), workspace.toggle_sidebar, ("Ctrl+B",), "view", icon="panel_left"),
        Command(
            "close_panel",
            _("Close the panel"),
            workspace.close_panel,
            (),
            "view",
            icon="panel_right",
            enabled=lambda: bool(workspace.panel),
        ),
    )


def _of_program(workspace: Workspace) -> tuple[Command, ...]:
    return (
        Command(
            "palette",
            _("Command palette"),
            workspace.command_palette.open,
            ("Ctrl+Shift+P", "Ctrl+K"),
            in_palette=False,
        ),
        Command(
            "settings",
            _("Settings"),
            lambda: workspace.toggle_panel("settings"),
            ("Ctrl+,",),
            icon="settings",
        ),
        Command(
            "welcome",
            _("Introduction"),
            workspace.session.welcome.begin,
            more=_("Welcome, first steps"),
            icon="info",
        ),
        Command(
            "licences",
            _("Licences"),
            lambda: workspace.toggle_page("licences"),
            more=_("About, notices, open source"),
            icon="info",
        ),
        # on macOS F1 is a key of the keyboard's own
        Command(
            "shortcuts",
            _("Shortcuts"),
            lambda: workspace.toggle_panel("shortcuts"),
            ("F1", "Ctrl+/"),
            icon="info",
            more=_("Keys, keyboard, help"),
            mac=("Ctrl+/",),
        ),
    )


def _choices(workspace: Workspace) -> tuple[Command, ...]:
    """Appearance and language, by name, for the palette."""
    settings = workspace.session.settings
    made = []
    for name, words in (("theme", _("Appearance: {choice}")), ("language", _("Language: {choice}"))):
        declared = next(one for one in settings.declarations if one.name == name)
        for choice in declared.choices:
            text = words.format(choice=choice_label(name, choice))
            act = partial(settings.set, name, choice)
            made.append(Command(f"{name}_{choice}", text, act, area="view", icon="settings"))
    return tuple(made)
