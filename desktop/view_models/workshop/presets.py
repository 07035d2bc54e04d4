"""What a person can begin with one click: plans that teach something in minutes. Data; the page has the
words."""

import math
from collections.abc import Sequence
from typing import Final, Literal

from msgspec.structs import replace

from desktop.core.types.models import ModelFile
from desktop.core.types.training import DataPreview, RunInfo, TrainingPlan
from engine.train.specs import Settings

Size = Literal["small", "medium", "large"]

SAMPLES: Final = {"poet": "verses", "spam": "messages", "notes": "notes", "blanks": "prose"}
LEARNS: Final = "llama"  # the architecture that the trainer computes

PRESETS: Final[dict[str, TrainingPlan]] = {
    "poet": TrainingPlan(
        goal="write",
        vocab=512,
        prompt="\n",
        settings=Settings(
            steps=1600, batch=4, rate=3e-3, warmup=50, validate_every=100, save_every=100, sample_every=100,
            tell_every=5,
        ),
    ),
    "spam": TrainingPlan(
        goal="label",
        learn="last_block",
        time=64,
        settings=Settings(
            steps=60, batch=8, rate=1e-3, warmup=5, decay=0.0, validate_every=15, save_every=15,
            sample_every=0, tell_every=1,
        ),
    ),
    "notes": TrainingPlan(
        goal="answer",
        time=256,
        settings=Settings(
            steps=45, batch=2, rate=2e-3, warmup=5, decay=0.0, validate_every=15, save_every=15,
            sample_every=15, tell_every=1,
        ),
    ),
    "blanks": TrainingPlan(
        goal="fill",
        vocab=1024,
        layers=2,
        heads=4,
        width=96,
        context=64,
        settings=Settings(
            steps=800, batch=16, warmup=50, validate_every=100, save_every=100, sample_every=100,
            tell_every=5,
        ),
    ),
}  # fmt: skip

SIZES: Final[dict[Size, tuple[int, int, int]]] = {  # layers, heads, width
    "small": (2, 4, 96),
    "medium": (4, 4, 128),
    "large": (6, 6, 288),
}


def preset(key: str, language: str, name: str, base: str = "") -> TrainingPlan:
    """The plan of that key over the project's own text in a language; `base`: the model that learns on."""
    spoken = language if language in ("en", "es") else "en"
    plan = PRESETS[key]
    return replace(plan, name=name, sample=f"{SAMPLES[key]}_{spoken}", base="" if plan.grown else base)


OWN_TOKENS: Final = 128  # that are read of a text
OWN_BATCH: Final = 8
OWN_STEPS: Final = (40, 200)
OWN_READINGS: Final = 3  # of every text, where so many steps are enough for it


def for_own_texts(plan: TrainingPlan, data: DataPreview) -> TrainingPlan:
    """The preset for labels over a person's own texts: they say more than ours, so more of the model learns,
    and as long as there are texts. A plan of other settings is a person's own, and stays."""
    usual = PRESETS["spam"]
    mine = (plan.goal, plan.learn, plan.time, replace(plan.settings, threads=usual.settings.threads))
    if mine != (usual.goal, usual.learn, usual.time, usual.settings) or plan.sample or data.kind != "labels":
        return plan
    lengths = data.tokens or (OWN_TOKENS,) * data.count
    learnt = sum(min(tokens + 1, OWN_TOKENS) for tokens in lengths) * (1 - plan.held_out_share)
    low, high = OWN_STEPS
    steps = min(high, max(low, math.ceil(OWN_READINGS * learnt / (OWN_TOKENS * OWN_BATCH))))
    settings = replace(
        plan.settings, steps=steps, batch=OWN_BATCH, warmup=10, validate_every=steps // 4,
        save_every=steps // 4,
    )  # fmt: skip
    return replace(plan, learn="lora", time=OWN_TOKENS, settings=settings)


def size_of(plan: TrainingPlan) -> Size | None:
    """Which of `SIZES` a plan's new model has; None: one of its own."""
    found = (plan.layers, plan.heads, plan.width)
    return next((size for size, sizes in SIZES.items() if sizes == found), None)


def learners(models: Sequence[ModelFile]) -> tuple[ModelFile, ...]:
    """The models that can learn on, the smallest first: it learns fastest."""
    able = [one for one in models if one.architecture == LEARNS and one.problem is None and one.parts == 1]
    return tuple(sorted(able, key=lambda one: (one.parameters or one.size_bytes, one.name)))


def teachers(runs: Sequence[RunInfo]) -> tuple[RunInfo, ...]:
    """Runs whose model can learn on: those that write, and those that were taught to answer by themselves."""
    return tuple(run for run in runs if run.plan.goal == "write" and run.step and not run.running)
