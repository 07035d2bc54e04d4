"""What is said where two answers are compared. Holds no widget."""

from collections.abc import Sequence

from desktop.core.types.comparing import Side
from desktop.core.types.prompts import PromptInfo
from desktop.i18n import _
from desktop.ui.prompts.texts import name_of
from desktop.view_models.comparing import Way


def way(how: Way) -> str:
    """Whether both answer at the same time, and why not, in one line."""
    match how:
        case "alike":
            return _("Choose another model or another prompt for one side.")
        case "one_model":
            return _("One model answers both, one after the other.")
        case "two_models":
            return _("Two models: at the same time if both fit into memory, else one after the other.")
        case "together":
            return _("Both models are in memory and answer at the same time.")
        case "memory":
            return _("The two models do not fit into memory together: they answer one after the other.")


def side(number: int) -> str:
    return _("Second side") if number else _("First side")


def prompt(chosen: Side, prompts: Sequence[PromptInfo]) -> str:
    """What the prompt of a side is called."""
    if chosen.prompt is not None:
        return _("Prompt of its own") if chosen.prompt.strip() else _("No prompt")
    if not chosen.prompt_key:
        return _("Prompt of the chat")
    found = next((one for one in prompts if one.key == chosen.prompt_key), None)
    return name_of(found) if found is not None else _("A prompt that is gone")
