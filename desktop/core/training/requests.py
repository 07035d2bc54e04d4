"""A plan as what the trainer is asked for. Starts nothing, reads nothing."""

from pathlib import Path

import msgspec

from desktop.core.errors import Reported
from desktop.core.training.errors import NoBaseModel
from desktop.core.types.training import TrainingPlan
from engine.errors import EngineError
from engine.train.config import ModelConfig
from engine.train.specs import FineTune, Masked, Pretrain, Spec

KINDS = {"answer": "answers", "label": "labels"}


def spec_of(plan: TrainingPlan, data: str, base: str, vocab: int = 0, fingerprint: str = "") -> Spec:
    """The task of a plan. `data`: the prepared folder or the file of rows; `base`: where its model lies;
    `vocab`: tokens that the text was cut into.

    Raises (reported) BadShape for sizes of which no model can be made, NoBaseModel.
    """
    if not plan.grown:
        if not base:
            raise NoBaseModel
        return FineTune(
            base=base, data=data, kind=KINDS[plan.goal], learn=plan.learn, rank=plan.rank,  # type: ignore[arg-type]
            alpha=2.0 * plan.rank, held_out_share=plan.held_out_share, time=plan.time,
            seed=plan.settings.seed,
        )  # fmt: skip
    vocab = vocab or plan.vocab
    sizes = {
        "context": plan.context, "layers": plan.layers, "width": plan.width, "heads": plan.heads,
    }  # fmt: skip
    try:
        if plan.goal == "fill":
            drawn = {"kind": "encoder", **sizes, "vocab": vocab + 1}
            return Masked(data, msgspec.convert(drawn, ModelConfig), plan.settings.seed)
        config = msgspec.convert({**sizes, "vocab": vocab}, ModelConfig)
        return Pretrain(data, config, plan.settings.seed, plan.prompt, fingerprint)
    except EngineError as error:
        raise Reported.of(error) from error


def placed(spec: Spec, data: Path, base: str) -> Spec:
    """The task of a run whose folder was moved: it learns from what lies beside it."""
    match spec:
        case FineTune():
            return msgspec.structs.replace(spec, data=str(data), base=base or spec.base)
        case Pretrain() | Masked():
            return msgspec.structs.replace(spec, data=str(data))
        case _:
            return spec
