"""What a reply cost and how it was made, in words. Computes nothing."""

from pathlib import PurePath

from desktop.core.replies.repeats import Condition, Repetition
from desktop.i18n import _, ngettext, number, percent
from desktop.view_models.turns import Turn
from desktop.words.settings import setting_label
from engine.protocol import ReplyRecord, Stats
from engine.sampling import CONTROLS

Line = tuple[str, str]  # what it is, and how much


def work(turn: Turn, stats: Stats) -> list[Line]:
    """What was read, what was written, and how long it took."""
    fresh = stats.prompt_tokens - stats.reused_tokens
    reused = _("{fresh} read, {reused} known from before")
    lines = [
        (_("Prompt"), tokens(stats.prompt_tokens)),
        ("", reused.format(fresh=number(fresh), reused=number(stats.reused_tokens))),
        (_("First token after"), _("{seconds} s").format(seconds=number(stats.ttft_s, 2))),
        (_("Written"), tokens(stats.generated_tokens)),
    ]
    if stats.thought_tokens:
        lines.append(("", _("{count} of them thoughts").format(count=number(stats.thought_tokens))))
    lines.append((_("Speed"), _("{speed} tokens/s").format(speed=number(stats.tokens_per_s, 1))))
    lines.append((_("Guessed ahead"), guessed(stats)))
    lines.append((_("Ended"), ending(turn, stats)))
    if stats.parts:
        times = len(stats.parts) - 1
        went = ngettext("{count} time", "{count} times", times).format(count=number(times))
        lines.append((_("Went on"), went))
    return lines


def tokens(count: int) -> str:
    return ngettext("{count} token", "{count} tokens", count).format(count=number(count))


def guessed(stats: Stats) -> str:
    if not stats.drafted_tokens:
        return _("nothing")
    right = stats.accepted_tokens / stats.drafted_tokens
    said = _("{drafted} tokens, {share} of them right")
    return said.format(drafted=number(stats.drafted_tokens), share=percent(right))


def ending(turn: Turn, stats: Stats) -> str:
    """Why the reply ended, in words."""
    if turn.state == "interrupted":
        return _("the program ended")
    reasons = {
        "end": _("the model had said all"),
        "length": _("at the length limit"),
        "stop": _("at a stop text"),
        "cancelled": _("stopped by you"),
    }
    return reasons[stats.stop_reason]


def making(turn: Turn, record: ReplyRecord | None, stats: Stats) -> list[Line]:
    """With what it was made."""
    lines = [(_("Model"), turn.model or (PurePath(record.model).stem if record else ""))]
    lines.append((_("Seed"), str(stats.seed)))
    if record is None:
        return lines
    lines += _values(record)
    lines += [
        (_("Context window"), tokens(record.context_tokens)),
        (_("Threads"), _("at most {count}").format(count=number(record.threads))),
        (_("Layers on a GPU"), number(record.gpu_layers)),
        (_("Runs with"), record.runtime),
    ]
    return lines


def short(value: float) -> str:
    """A number with as many decimals as it has, two at most."""
    decimals = len(f"{round(value, 2):g}".partition(".")[2])
    return number(value, decimals)


def _values(record: ReplyRecord) -> list[Line]:
    """The settings that changed something."""
    found = [
        (setting_label(control.name), short(value))
        for control in CONTROLS
        if (value := getattr(record.sampling, control.name)) != control.neutral
    ]
    if record.max_tokens is not None:
        found.append((setting_label("max_reply_tokens"), number(record.max_tokens)))
    for name, many in (
        ("stop", record.stop),
        ("logit_bias", record.sampling.logit_bias),
        ("adapters", record.adapters),
    ):
        if many:
            found.append((setting_label(name), number(len(many))))
    return found


def conditions(broken: tuple[Condition, ...]) -> list[str]:
    """What was not as it had been, each as a sentence."""
    said: dict[Condition, str] = {
        "record": _("How one of them was made is not known."),
        "edited": _("One of them was changed by hand."),
        "ended": _("One of them was not written to its end."),
        "begun": _("A part of one of them was given, or it went on after it had ended."),
        "cache": _(
            "A part of the prompt was known from before: it was read in other portions, which are rounded "
            "differently."
        ),
        "guessed": _(
            "Tokens were guessed ahead: they were checked in portions, which are rounded differently."
        ),
        "prompt": _("The prompt is not as long as it was: the chat is another by now."),
        "model": _("It is another model."),
        "runtime": _("It is another llama.cpp."),
        "placement": _("The model lies in memory in another way."),
        "threads": _("It ran on another number of threads."),
        "settings": _("The settings are others."),
    }
    return [said[one] for one in broken]


def repeated(repetition: Repetition) -> str:
    """What came of a repetition."""
    why = " ".join(conditions(repetition.broken))
    if repetition.identical:
        same = _("The same text, to the letter.")
        return " ".join([same, _("And yet:"), why]) if why else same
    return " ".join([_("Another text."), why or _("All conditions held: this should not be.")])


def can_be_repeated(stats: Stats) -> str:
    """Whether the same text is to be expected."""
    if stats.repeatable:
        return _("It was made under conditions that can be made again: the same text is to be expected.")
    broken: list[Condition] = []
    if stats.record is None and not stats.parts:
        broken.append("record")
    if stats.parts or (stats.record is not None and stats.record.begun):
        broken.append("begun")
    if stats.reused_tokens:
        broken.append("cache")
    if stats.drafted_tokens:
        broken.append("guessed")
    return " ".join([_("The text may come out in another way."), *conditions(tuple(broken))])
