"""What a run is about, as data that its folder keeps, and the task that it becomes. Takes no step."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from engine.train.checkpoint import load_best
from engine.train.coders import OwnCoder
from engine.train.config import ModelConfig
from engine.train.errors import CannotLearn, RunDamaged
from engine.train.examples import read_rows
from engine.train.finetune import AnswerTask, Base, LabelTask, open_folder, open_gguf
from engine.train.learner import Learner
from engine.train.lora import adapter_shapes, merged
from engine.train.parameters import Parameters, shapes_of
from engine.train.prepare import TOKENIZER, Prepared
from engine.train.pretrain import TextTask, open_pretraining
from engine.train.run import SPEC, Run
from engine.train.specs import FineTune, Kept, Pretrain, Settings, Spec
from engine.train.task import Task
from engine.train.tokenizer import Tokenizer

# what takes the steps in the place of NumPy on threads
MakeLearner = Callable[[Task, Settings], Learner]


def open_task(spec: Spec) -> TextTask | AnswerTask | LabelTask:
    """Raises what reading its base and its data raises."""
    if isinstance(spec, Pretrain):
        return open_pretraining(spec)
    base = open_base(Path(spec.base), spec.time)
    options: dict[str, Any] = {
        "learn": spec.learn,
        "rank": spec.rank,
        "alpha": spec.alpha,
        "held_out_share": spec.held_out_share,
        "time": spec.time,
        "seed": spec.seed,
    }
    match spec.kind:
        case "text":
            data = Prepared(Path(spec.data))
            if data.info.vocab != base.config.vocab:
                raise CannotLearn("the text was cut by another tokenizer", architecture=base.config.kind)
            return TextTask(data, base.config, base.weights, seed=spec.seed)
        case "answers":
            rows = [row for row in read_rows(Path(spec.data)).rows if row.kind != "label"]
            return AnswerTask(base, rows, **options)
        case "labels":
            rows = [row for row in read_rows(Path(spec.data)).rows if row.kind == "label"]
            return LabelTask(base, rows, labels=spec.labels, **options)


def begin(path: Path, spec: Spec, settings: Settings, parts: Any, learner: MakeLearner | None = None) -> Run:
    """A new run in a new folder, the tokenizer beside it. Raises RunExists, and what `open_task` raises."""
    task = open_task(spec)
    if isinstance(task, LabelTask) and isinstance(spec, FineTune):
        spec = msgspec.structs.replace(spec, labels=task.labels)
    run = Run(path, task, settings, parts, learner(task, settings) if learner is not None else None)
    try:
        run.begin(spec)
        tokenizer = _tokenizer_of(spec)
        if tokenizer is not None:
            shutil.copyfile(tokenizer, path / TOKENIZER)
    except BaseException:
        run.close()
        raise
    return run


def resume(path: Path, parts: Any, learner: MakeLearner | None = None) -> Run:
    """A run that goes on from its last checkpoint. Raises RunDamaged, and what `open_task` raises."""
    kept = read_spec(path)
    task = open_task(kept.task)
    made = learner(task, kept.settings) if learner is not None else None
    run = Run(path, task, kept.settings, parts, made)
    try:
        run.resume()
    except BaseException:
        run.close()
        raise
    return run


def read_spec(path: Path) -> Kept:
    """What the run in a folder is about. Raises RunDamaged."""
    try:
        return msgspec.json.decode((path / SPEC).read_bytes(), type=Kept)
    except (OSError, msgspec.MsgspecError) as error:
        raise RunDamaged(str(error), path=str(path)) from error


def _tokenizer_of(spec: Spec) -> Path | None:
    """The tokenizer.json that the run's model writes with; a GGUF file has its own."""
    folder = Path(spec.data) if isinstance(spec, Pretrain) else Path(spec.base)
    return folder / TOKENIZER if (folder / TOKENIZER).exists() else None


# ── what a run has become ─────────────────────────────────────────────────────────────────────────


class Trained(msgspec.Struct, frozen=True):
    """The best that a run learnt. Of a LoRA run `weights` are the base's alone, and `adapter` is beside them;
    of a run over labels `labels` name the rows of the matrix LABELS."""

    kept: Kept
    weights: Parameters
    coder: Any
    adapter: Parameters | None = None
    labels: tuple[str, ...] = ()

    @property
    def config(self) -> ModelConfig:
        return self.kept.config

    @property
    def alpha(self) -> float:
        return self.kept.task.alpha if isinstance(self.kept.task, FineTune) else 0.0

    def whole(self) -> Parameters:
        """All parameters of the model, with the adapter carried out."""
        if self.adapter is None:
            return self.weights
        return merged(self.weights, self.adapter, self.alpha)


def is_run(path: Path) -> bool:
    """Whether a run stands in a folder."""
    return (path / SPEC).exists()


def load_task(path: Path) -> TextTask | AnswerTask | LabelTask:
    """The task of a run, with the best that it learnt. Raises RunDamaged, and what `open_task` raises."""
    task = open_task(read_spec(path).task)
    _, arrays = load_best(path)
    if arrays["learnt"].shape != task.learning.flat.shape:
        raise RunDamaged("the checkpoint is of another model", path=str(path))
    task.learning.flat[...] = arrays["learnt"]
    return task


def load_trained(path: Path) -> Trained:
    """The model of the run in a folder. Raises RunDamaged, and what opening its base raises."""
    kept = read_spec(path)
    if isinstance(kept.task, Pretrain):  # which needs its text no more
        state, arrays = load_best(path)
        weights = Parameters(shapes_of(state.config), arrays["learnt"])
        return Trained(kept, weights, OwnCoder(Tokenizer.load(path / TOKENIZER)))
    task = load_task(path)
    adapter = None
    if kept.task.learn == "lora" and kept.task.kind != "text":
        shapes = adapter_shapes(task.config, kept.task.rank)
        size = sum(int(shape[0] * shape[1]) for shape in shapes.values())
        adapter = Parameters(shapes, task.learning.flat[:size])
    labels = task.labels if isinstance(task, LabelTask) else ()
    coder = OwnCoder(task.data.tokenizer) if isinstance(task, TextTask) else task.coder
    return Trained(kept, task.weights, coder, adapter, labels)


def open_base(path: Path, time: int = 0) -> Base:
    """A model that learns on: a .gguf file, a Hugging Face folder, or the folder of a run.

    Raises CannotLearn, RunDamaged, and what reading each of them raises.
    """
    if (path / "config.json").exists():
        return open_folder(path, time or 512)
    if path.is_dir():
        trained = load_trained(path)
        weights = Parameters(shapes_of(trained.config), dtype=trained.weights.flat.dtype)
        whole = trained.whole()
        for name in weights:
            weights[name][...] = whole[name]
        return Base(trained.config, weights, trained.coder)
    return open_gguf(path, time or 512)
