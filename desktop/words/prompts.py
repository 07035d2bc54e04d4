"""What a person reads about system prompts: problems, and what is wrong with a file of prompts."""

from collections.abc import Mapping

from desktop.i18n import N_

# code: (what happened, what to do). {why} is one of PROMPT_REASONS.
PROMPT_PROBLEMS: Mapping[str, tuple[str, str]] = {
    "unknown_prompt": (
        N_("This prompt is not in the library any more."),
        N_("Choose another one. Chats that use it keep its text."),
    ),
    "unknown_prompt_version": (
        N_("The prompt has no version {number}."),
        N_("Open the prompt again and choose one of the list."),
    ),
    "ready_made_prompt": (
        N_("This prompt came with Sobremesa and stays as it is."),
        N_("Duplicate it and change the copy, or hide it."),
    ),
    "prompt_not_named": (
        N_("The prompt has no name, or one of more than {limit} characters."),
        N_("Give it a short name to find it by."),
    ),
    "prompt_too_long": (
        N_("The prompt has {characters} characters with its examples; {limit} are taken."),
        N_("Shorten it. Long texts belong into the chat, or into its documents."),
    ),
    "prompt_values_missing": (
        N_("The system prompt of this chat asks for something: {names}."),
        N_("Fill it in under “System prompt”. A backslash before braces keeps them as they are."),
    ),
    "prompts_unreadable": (
        N_("No prompts could be read from {path}: {why}. Nothing was added."),
        N_("Choose a file that Sobremesa exported, or a text in UTF-8 (.md or .txt)."),
    ),
}

RICHER_PROMPTS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("unknown_prompt", "name"): (
        N_("There is no prompt called “{name}”."),
        N_("See which there are: sobremesa prompts"),
    ),
}

PROMPT_REASONS: Mapping[str, str] = {
    "file_too_large": N_("it is larger than {limit_bytes}"),
    "file_not_text": N_("it is not text in UTF-8"),
    "file_empty": N_("there is nothing in it"),
    "file_cut_short": N_("it is no whole JSON; perhaps its end is missing"),
    "file_other_shape": N_("something else stands where {where} should stand"),
    "file_newer": N_("it is of a newer version of Sobremesa"),
    "file_not_opened": N_("the system does not let it be read"),
}
