"""What is said about the context window, in words. Counts nothing."""

from desktop.core.types import ContextPlan, PlannedPrompt, Problem
from desktop.i18n import _, ngettext, number
from desktop.ui.prompt_view import origins
from desktop.ui.prompt_view.legend import counts
from desktop.words import hint, sentence


def introduction(prompt: PlannedPrompt | None, problem: Problem | None, *, searches: bool) -> str:
    """What the panel shows, or why it shows nothing."""
    if problem is not None:
        return f"{sentence(problem)} {hint(problem)}".strip()
    if prompt is None:
        return _("One moment")
    said = _("All that the model will read if you send now. It reads tokens: words, or pieces of words.")
    found = _("What is found in your documents comes on top when you send.")
    return f"{said} {found}" if searches else said


def total(plan: ContextPlan) -> str:
    said = _("{used} of {limit} tokens")
    return said.format(used=number(plan.prompt_tokens), limit=number(plan.limit_tokens))


def meter(plan: ContextPlan) -> str:
    """The line under the composer."""
    said = _("context {used} of {limit}")
    return said.format(used=number(plan.prompt_tokens), limit=number(plan.limit_tokens))


def left_out(plan: ContextPlan) -> str:
    """What is left out, before it is sent; "" where nothing is."""
    count = plan.dropped_messages
    said = ngettext("the oldest message is left out", "the oldest {count} messages are left out", count)
    return said.format(count=number(count)) if count else ""


def spoken(plan: ContextPlan) -> str:
    """Every number of the meter, for a tool tip and for a screen reader."""
    lines = [total(plan)]
    lines += [f"{origins.name(part)}: {number(count)}" for part, count in counts(plan)]
    if plan.cached_tokens:
        said = ngettext("read already: {count} token", "read already: {count} tokens", plan.cached_tokens)
        lines.append(said.format(count=number(plan.cached_tokens)))
    return "\n".join(lines)


def keys() -> str:
    return _("Arrow keys walk from token to token. P keeps a turn in the context.")
