"""What is said about prompts in the window. Holds no widget."""

from desktop.core.types.prompts import ChatPrompt, PartChange, PromptInfo
from desktop.i18n import _, number
from desktop.view_models.prompt_library import PromptGroup


def heading(group: PromptGroup) -> str:
    """What stands above a group of prompts."""
    if group.kind == "folder":
        return group.name
    if group.kind == "own":
        return _("Your prompts")
    return _("Ready-made, in Spanish") if group.name == "es" else _("Ready-made, in English")


def name_of(prompt: PromptInfo) -> str:
    return prompt.name or _("Without a name")


def mark_of(prompt: PromptInfo) -> str:
    """What is worth knowing of a prompt in a list; "" for nothing."""
    if prompt.has_draft:
        return _("not saved")
    if prompt.hidden:
        return _("hidden")
    return _("new chats") if prompt.default_for else ""


def source_of(prompt: ChatPrompt, *, differs: bool) -> str:
    """Where what counts for a chat comes from."""
    if prompt.source == "model":
        return _("New chats with this model begin with it.")
    if prompt.source in ("default", "settings"):
        return _("New chats begin with it.")
    if differs:
        return _("Changed for this chat alone.")
    if prompt.key and not prompt.newest:
        return _("It is no longer in the library; this chat keeps it.")
    if prompt.key and prompt.newest > prompt.version:
        return _("The library has a newer version.")
    if prompt.key:
        return _("As in the library.")
    return _("Of this chat alone.")


def part_of(change: PartChange) -> str:
    """Which part of a prompt a change is in."""
    match change.part:
        case "name":
            return _("Name")
        case "text":
            return _("Text")
        case "question":
            return _("Example {number}, what is asked").format(number=number(change.number))
        case "reply":
            return _("Example {number}, what is answered").format(number=number(change.number))
        case "defaults":
            return _("Values of variables")
        case "json_schema":
            return _("JSON schema of replies")
