"""The words of the workshop: presets, states, measures, phases. Paints nothing."""

from typing import Final

import msgspec

from desktop.core.types.training import Goal, RunEstimate, RunInfo, RunState, TrainingPlan
from desktop.i18n import _, number, percent, seconds, size
from desktop.view_models.workshop.curves import Measure

PRESET_KEYS: Final = ("poet", "blanks", "spam", "notes")


class Told(msgspec.Struct, frozen=True):
    """A preset in words."""

    title: str
    what: str
    time: str
    icon: str


def preset_words(key: str) -> Told:
    return {
        "poet": Told(
            _("A poet in three minutes"),
            _(
                "A new model reads nine hundred short poems and learns to write some itself. It begins with "
                "noise: watch letters become words, and words become rhymes."
            ),
            _("About 3 minutes, needs nothing"),
            "edit",
        ),
        "blanks": Told(
            _("Fill in the missing word"),
            _(
                "A new model that looks both ways, as BERT does, learns to guess hidden words in short "
                "stories from what stands around them."
            ),
            _("About 3 minutes, needs nothing"),
            "search",
        ),
        "spam": Told(
            _("Spam or not"),
            _(
                "A model that knows its language learns to tell two kinds of messages apart, and shows "
                "which ones it got wrong."
            ),
            _("About 3 minutes, builds on SmolLM2"),
            "file",
        ),
        "notes": Told(
            _("Teach SmolLM2 about my notes"),
            _(
                "A real small model learns facts that it cannot know, from questions and answers, as a thin "
                "layer over its own weights: a LoRA adapter."
            ),
            _("About 5 minutes, builds on SmolLM2"),
            "prompts",
        ),
    }[key]


def preset_name(key: str) -> str:
    """What a run of it is called at first."""
    return {
        "poet": _("Poet"),
        "blanks": _("Missing words"),
        "spam": _("Spam or not"),
        "notes": _("My notes"),
    }[key]


def goal_words(goal: Goal) -> str:
    return {
        "write": _("a new model that goes on with a text"),
        "fill": _("a new model that finds hidden words"),
        "answer": _("a model that learns answers"),
        "label": _("a model that learns to tell texts apart"),
    }[goal]


def state_words(state: RunState) -> str:
    return {
        "preparing": _("preparing"),
        "training": _("training"),
        "measuring": _("being measured"),
        "stopped": _("stopped"),
        "interrupted": _("interrupted"),
        "finished": _("finished"),
        "failed": _("failed"),
        "damaged": _("damaged"),
    }[state]


def measure_words(measure: Measure) -> str:
    return {
        "loss": _("Loss"),
        "rate": _("Learning rate"),
        "norm": _("Gradient norm"),
        "tokens_per_s": _("Tokens per second"),
    }[measure]


def measure_hint(measure: Measure) -> str:
    """What a curve shows, in a sentence."""
    return {
        "loss": _(
            "How surprised the model is by the next token, in nats. Lower is better; dots are held-out text."
        ),
        "rate": _("How large a step is. It rises during the warm-up and then sinks along a cosine."),
        "norm": _("How steep the slope is. Peaks mean that a batch was unlike the others."),
        "tokens_per_s": _("How much text goes through the model in a second."),
    }[measure]


def phases(plan: TrainingPlan) -> tuple[str, ...]:
    """The steps of a run, as the strip at its top names them."""
    last = _("Chat") if plan.goal in ("write", "answer") else _("Try it")
    if plan.grown:
        return (_("Text"), _("Tokens"), _("Training"), _("Result"), last)
    return (_("Model"), _("Examples"), _("Training"), _("Result"), last)


def phase_of(run: RunInfo) -> int:
    """The number of the phase that a run is in."""
    if run.state == "preparing":
        return 1
    if run.state == "finished":
        return 3
    return 2


def run_summary(run: RunInfo) -> str:
    """One line about a run."""
    parts = [state_words(run.state)]
    if run.step:
        parts.append(
            _("step {step} of {steps}").format(step=number(run.step), steps=number(run.plan.settings.steps))
        )
    if run.loss is not None and run.loss < 1e6:
        parts.append(_("held-out loss {loss}").format(loss=number(run.loss, 2)))
    return " · ".join(parts)


def estimate_words(estimate: RunEstimate, plan: TrainingPlan) -> str:
    """What a plan would take, in a sentence or two."""
    if plan.grown:
        said = _("A model of {count} parameters.").format(count=number(estimate.parameters))
    else:
        said = _("{learning} of {count} parameters learn.").format(
            learning=number(estimate.learning), count=number(estimate.parameters)
        )
    memory = _("It needs {needed} of memory, {free} are free.").format(
        needed=size(estimate.needed_bytes), free=size(estimate.free_bytes)
    )
    if not estimate.seconds:
        return f"{said} {memory}"
    time = _("On this machine about {time}.").format(time=duration(estimate.seconds))
    return f"{said} {memory} {time}"


def duration(duration_s: float) -> str:
    """Roughly, as one says it."""
    if duration_s < 90:
        return seconds(round(duration_s))
    minutes = duration_s / 60
    if minutes < 90:
        return _("{count} min").format(count=number(round(minutes)))
    return _("{count} h").format(count=number(minutes / 60, 1))


def share(part: int, whole: int) -> str:
    return percent(part / whole if whole else 0.0)
