"""What a person reads when something went wrong: a sentence and a hint for every error code.

The only place where codes become words; the words stand in desktop.words.problems. Raises nothing: an unknown
code or parameter still gives a text.
"""

import os

from desktop import i18n
from desktop.core.types import Param, Problem
from desktop.i18n import _
from desktop.words.problems import RICHER, WORDS
from desktop.words.prompts import PROMPT_REASONS
from desktop.words.replies import REASONS
from desktop.words.settings import setting_label


def sentence(problem: Problem) -> str:
    """What happened, in one sentence of the language in use."""
    return filled(_words(problem)[0], problem)


def hint(problem: Problem) -> str:
    """What to do about it; "" when there is nothing to do."""
    return filled(_words(problem)[1], problem)


def _words(problem: Problem) -> tuple[str, str]:
    for (code, param), words in RICHER.items():
        if code == problem.code and param in problem.params:
            return words
    return WORDS.get(problem.code, WORDS["core_error"])


def filled(text: str, problem: Problem) -> str:
    """A text with the problem's parameters, as a person reads them."""
    return _(text).format_map(_Fields(problem)) if text else ""


class _Fields(dict[str, str]):
    """Parameters as a person reads them. One that is missing shows as "…", never as an error."""

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        for name, value in problem.params.items():
            self[name] = _shown(name, value)
            if name in ("file", "path", "kept_as"):
                self[f"{name}_path"] = str(value)
        if problem.code in ("bad_setting", "text_empty", "text_too_long", "too_many_texts"):
            self["name"] = setting_label(self["name"])
        why = str(problem.params.get("reason"))
        reason = REASONS.get(why) or PROMPT_REASONS.get(why)
        if reason is not None:
            self["why"] = _(reason).format_map(self)

    def __missing__(self, name: str) -> str:
        return "…"


def _shown(name: str, value: Param) -> str:
    if name.endswith("_bytes") and isinstance(value, int | float):
        return i18n.size(value)
    if isinstance(value, int | float):
        return i18n.number(value)
    if name in ("file", "path"):
        return os.path.basename(value.rstrip("/\\")) or value  # noqa: PTH119  also for a path of elsewhere
    return value
