"""What the conversation says in words: authors, states, what a reply is busy with, what it cost."""

from collections.abc import Sequence
from pathlib import PurePath

from desktop.core.types import Citation, Problem
from desktop.i18n import _, ngettext, number, percent
from desktop.view_models.templates import TEMPLATE_PROBLEMS
from desktop.view_models.turns import Activity, Turn
from desktop.words import hint, sentence
from engine.protocol import Stats

OPEN, CLOSE = "thoughts:open", "thoughts:close"  # where the line over a model's thoughts leads
COPY = "code:copy"  # where the button of a code block leads
ATTACHED = "attached:"  # where the line of a file that goes with a question leads
SCROLL = "block:scroll"  # a block that scrolls to the side, as a stop of the keyboard


def author(turn: Turn) -> str:
    return "Sobremesa" if turn.is_reply else _("You")


def marks(turn: Turn) -> str:
    """What is to be known of a message beside its author: that it was edited, or is pinned."""
    said = [_("edited") if turn.edited else "", _("kept in the context") if turn.pinned else ""]
    return " · ".join(word for word in said if word)


def activity(now: Activity) -> str:
    """What a reply on its way is doing."""
    match now.kind:
        case "waiting":
            return _("One moment")
        case "other_side":
            return _("Comes after the other side")
        case "searching":
            return _("Searching your documents")
        case "visiting":
            return _("Reading every document, {percent}").format(percent=percent(now.done or 0.0))
        case "summarizing":
            return _("Summarizing what was said before")
        case "loading":
            return _("Loading the model, {percent}").format(percent=percent(now.done or 0.0))
        case "reading":
            return _("Reading the prompt, {percent}").format(percent=percent(now.done or 0.0))
        case "thinking" | "writing":  # the line over the thoughts tells of them
            return ""


def thoughts(turn: Turn) -> str:
    """The line over a model's thoughts: "Thought for 12 s"."""
    seconds = turn.thoughts.seconds if turn.thoughts is not None else 0.0
    if turn.state == "streaming" and not turn.text:
        return _("Thinking for {time}").format(time=duration(seconds))
    return _("Thought for {time}").format(time=duration(seconds))


def duration(seconds: float) -> str:
    """A stretch of time in whole seconds, or in minutes and seconds: "2 min 5 s"."""
    minutes, rest = divmod(max(1, round(seconds)), 60)
    if not minutes:
        return _("{seconds} s").format(seconds=number(rest))
    return _("{minutes} min {seconds} s").format(minutes=number(minutes), seconds=number(rest))


def version(turn: Turn) -> str:
    """Which of its versions a message is: "2 of 3"; "" where there is one."""
    if len(turn.versions) < 2:
        return ""
    return _("{at} of {count}").format(at=number(turn.version), count=number(len(turn.versions)))


def ending(turn: Turn) -> str:
    """How a reply ended, where that is worth a word."""
    if turn.state == "stopped":
        return _("Stopped")
    if turn.state == "interrupted":
        return _("Interrupted: the program ended while this was being written")
    if turn.stats is not None and turn.stats.stop_reason == "length" and turn.thoughts and not turn.text:
        return _("Ended at the length limit while it was still thinking")
    if turn.stats is not None and turn.stats.stop_reason == "length":
        return _("Ended at the length limit")
    return ""


def cost(stats: Stats) -> list[str]:
    """What stands under a reply: "48 tokens", "12.3 tokens/s"."""
    tokens = ngettext("{count} token", "{count} tokens", stats.generated_tokens)
    speed = _("{speed} tokens/s").format(speed=number(stats.tokens_per_s, 1))
    return [tokens.format(count=number(stats.generated_tokens)), speed]


def footer_parts(turn: Turn) -> list[str]:
    """The facts under a finished reply, the most important first."""
    if not turn.is_reply or turn.state == "streaming":
        return []
    told = cost(turn.stats) if turn.stats and turn.stats.generated_tokens else []
    return [part for part in (ending(turn), *told) if part]


def footer(parts: Sequence[str]) -> str:
    """They as one muted line."""
    return " · ".join(parts)


def source(citation: Citation) -> str:
    """What stands after [n] under a reply: "museum.pdf, p. 3"."""
    name = PurePath(citation.file.replace("\\", "/")).name
    said = _("{file}, p. {page}").format(file=name, page=number(citation.page))
    if citation.attributed:
        # The model wrote no number; the passage was found to support it afterwards.
        said += " · " + _("found afterwards")
    return said


def position(turn: Turn, at: int, count: int) -> str:
    """A message's name for a screen reader."""
    return _("{author}, message {at} of {count}").format(author=author(turn), at=at + 1, count=count)


def problem(what: Problem) -> tuple[str, str]:
    """(what happened, what a person can do about it)."""
    return sentence(what), hint(what)


def remedy(what: Problem) -> tuple[str, str]:
    """(action, label) of the button on a problem: "restart", "model", "template" or "retry"."""
    if what.code in ("engine_died", "engine_start_failed"):
        return "restart", _("Restart the engine")
    if what.code in TEMPLATE_PROBLEMS:
        return "template", _("Choose a template")
    if what.code in ("no_model", "no_model_loaded") or what.code.startswith("model_"):
        return "model", _("Choose a model")
    return "retry", _("Try again")


def link(cites: int | None, href: str) -> str:
    """Where a link leads, for a tool tip and for a screen reader."""
    if href == OPEN:
        return _("Show what the model thought")
    if href == CLOSE:
        return _("Hide what the model thought")
    if href == COPY:
        return _("Copy this code")
    if href == SCROLL:
        return _("Wide block, scrolled with the arrow keys")
    if href.startswith(ATTACHED):
        return _("Open {name}").format(name=href.removeprefix(ATTACHED).partition(":")[2])
    if href.startswith("note:"):
        return _("Go to footnote {label}").format(label=href.removeprefix("note:"))
    return _("Show source {number}").format(number=cites) if cites is not None else href
