"""What a run is about, as data that its folder keeps, and the task that it becomes. Takes no step."""

import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from engine.train.checkpoint import load_best
from engine.train.coders import Coder, GgufCoder, OwnCoder
from engine.train.config import ModelConfig
from engine.train.errors import CannotLearn, OneLabel, OtherTokenizer, RunDamaged, RunExists
from engine.train.events import Sampled
from engine.train.examples import Row, read_rows
from engine.train.finetune import AnswerTask, Base, open_folder, open_gguf
from engine.train.folder_coder import FolderCoder
from engine.train.keeping import Kept as KeptTexts
from engine.train.keeping import kept_of
from engine.train.labelling import LabelTask
from engine.train.learner import Learner
from engine.train.lora import adapter_shapes, merged
from engine.train.masked import MaskedTask, open_masked
from engine.train.memory import Need, learning_of, memory_of, require_room
from engine.train.parameters import Parameters, shapes_of
from engine.train.prepare import TOKENIZER, Prepared
from engine.train.pretrain import TextTask, open_pretraining
from engine.train.run import SPEC, Run
from engine.train.specs import LETTERS_TIME, FineTune, Kept, Masked, Pretrain, Settings, Spec, Translate
from engine.train.task import Task
from engine.train.tokenizer import Tokenizer
from engine.train.translation import TranslationTask, open_translation

CUT_ALIKE: Final = 2000  # tokens that are compared
AnyTask = TextTask | MaskedTask | TranslationTask | AnswerTask | LabelTask
# what takes the steps in the place of NumPy on threads
MakeLearner = Callable[[Task, Settings], Learner]


def open_task(spec: Spec) -> AnyTask:
    """Raises what reading its base and its data raises."""
    match spec:
        case Pretrain():
            return open_pretraining(spec)
        case Masked():
            return open_masked(spec)
        case Translate():
            return open_translation(spec)
    rows = _rows_of(spec)  # first: a model takes seconds to open
    base = open_base(Path(spec.base), spec.time)
    if base.config.kind != "decoder":
        raise CannotLearn(architecture=base.config.kind)
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
            if data.info.vocab != base.config.vocab or not _cut_alike(data, base.coder):
                raise OtherTokenizer(path=spec.data, architecture=base.config.kind)
            return TextTask(data, base.config, base.weights, seed=spec.seed)
        case "answers":
            return AnswerTask(base, rows, **options)
        case "labels":
            return LabelTask(base, rows, labels=spec.labels, **options)


def _cut_alike(data: Prepared, coder: Coder) -> bool:
    """Whether a text was cut into a model's own tokens: two tokenizers of one size mean other words."""
    text = data.tokenizer.decode(data.train[:CUT_ALIKE].tolist())
    return coder.encode(text) == data.tokenizer.encode(text)


def _rows_of(spec: FineTune) -> list[Row]:
    """Those that are of use for it; none for running text. Raises TextUnreadable, NoUsableRows, OneLabel."""
    if spec.kind == "text":
        return []
    labelled = spec.kind == "labels"
    rows = [row for row in read_rows(Path(spec.data)).rows if (row.kind == "label") == labelled]
    labels = {row.label for row in rows}
    if labelled and len(labels) < 2:
        raise OneLabel(label=next(iter(labels), ""))
    return rows


def begin(
    path: Path,
    spec: Spec,
    settings: Settings,
    parts: Any,
    learner: MakeLearner | None = None,
    tell: Callable[[Sampled], None] = lambda _event: None,
) -> Run:
    """A new run in a new folder, the tokenizer beside it. `tell` hears what the model writes beforehand, to
    be kept. Raises RunExists, TooLarge, and what `open_task` raises."""
    if is_run(path):
        raise RunExists(path=str(path))
    task = _opened(spec, settings, here=learner is None)
    kept: KeptTexts | None = None
    if isinstance(task, LabelTask) and isinstance(spec, FineTune):
        spec = msgspec.structs.replace(spec, labels=task.labels)
    if isinstance(task, AnswerTask) and isinstance(spec, FineTune) and spec.keep > 0:
        kept = kept_of(
            task.config, task.weights, task.coder, parts, time=task.time, seed=spec.seed,
            tell=lambda text: tell(Sampled(0, "", text)),
        )  # fmt: skip
        task.stay_near(kept, spec.keep)
    run = Run(path, task, settings, parts, learner(task, settings) if learner is not None else None)
    try:
        run.begin(spec)
        if kept is not None:
            kept.save(path)
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
    task = _opened(kept.task, kept.settings, here=learner is None)
    if isinstance(task, AnswerTask) and isinstance(kept.task, FineTune) and kept.task.keep > 0:
        task.stay_near(KeptTexts.load(path), kept.task.keep)
    made = learner(task, kept.settings) if learner is not None else None
    run = Run(path, task, kept.settings, parts, made)
    try:
        run.resume()
    except BaseException:
        run.close()
        raise
    return run


def _opened(spec: Spec, settings: Settings, *, here: bool) -> Task:
    """The task, where there is memory for it. `here`: NumPy takes the steps, and nobody else's memory.

    Raises TooLarge before anything large is made.
    """
    if here and not isinstance(spec, FineTune):
        config = spec.config
        both = isinstance(spec, Translate)
        time, source = (LETTERS_TIME, LETTERS_TIME) if both else (config.context, 0)
        learning = learning_of(config)
        require_room(lambda rows: memory_of(config, settings, rows, time, learning, source), settings)
    task = open_task(spec)
    if here and isinstance(spec, FineTune):
        rank = spec.rank if task.low_rank_scale else 0
        learning = len(task.learning.flat)

        def need(rows: int) -> Need:
            return memory_of(task.config, settings, rows, task.time, learning, task.source_time, rank)

        require_room(need, settings, task.weights.flat.nbytes)
    return task


def read_spec(path: Path) -> Kept:
    """What the run in a folder is about. Raises RunDamaged."""
    try:
        return msgspec.json.decode((path / SPEC).read_bytes(), type=Kept)
    except (OSError, msgspec.MsgspecError) as error:
        raise RunDamaged(str(error), path=str(path)) from error


def _tokenizer_of(spec: Spec) -> Path | None:
    """The tokenizer.json that the run's model writes with; a GGUF file has its own."""
    if isinstance(spec, Translate):
        return None
    folder = Path(spec.base) if isinstance(spec, FineTune) else Path(spec.data)
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
        """As it learnt: it saw no more tokens at once than a row had."""
        return self.kept.config

    @property
    def own_config(self) -> ModelConfig:
        """As it is used: what learnt from short rows goes on seeing what its base sees. Raises what reading
        that raises."""
        task = self.kept.task
        if not isinstance(task, FineTune) or self.config.positions != "rope":
            return self.config
        return msgspec.structs.replace(self.config, context=seen_by(Path(task.base)))

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


def load_task(path: Path) -> AnyTask:
    """The task of a run, with the best that it learnt. Raises RunDamaged, and what `open_task` raises."""
    task = open_task(read_spec(path).task)
    _, arrays = load_best(path)
    if arrays.get("learnt", np.empty(0)).shape != task.learning.flat.shape:
        raise RunDamaged("the checkpoint is of another model", path=str(path))
    task.learning.flat[...] = arrays["learnt"]
    return task


def load_trained(path: Path) -> Trained:
    """The model of the run in a folder. Raises RunDamaged, and what opening its base raises."""
    kept = read_spec(path)
    if not isinstance(kept.task, FineTune):  # which needs its text no more
        state, arrays = load_best(path)
        shapes = shapes_of(state.config)
        learnt = arrays.get("learnt", np.empty(0))
        if learnt.shape != (sum(math.prod(shape) for shape in shapes.values()),):
            raise RunDamaged("the checkpoint is of another model", path=str(path))
        letters = isinstance(kept.task, Translate)  # which have no tokenizer
        writes = None if letters else OwnCoder(Tokenizer.load(path / TOKENIZER))
        return Trained(kept, Parameters(shapes, learnt), writes)
    task = load_task(path)
    adapter = None
    if kept.task.learn == "lora" and kept.task.kind != "text":
        shapes = adapter_shapes(task.config, kept.task.rank)
        size = sum(int(shape[0] * shape[1]) for shape in shapes.values())
        adapter = Parameters(shapes, task.learning.flat[:size])
    labels = task.labels if isinstance(task, LabelTask) else ()
    own: Coder | None = OwnCoder(task.data.tokenizer) if isinstance(task, TextTask) else None
    coder = task.coder if isinstance(task, AnswerTask | LabelTask) else own
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
        own = trained.own_config
        if own.positions == "rope" and isinstance(trained.kept.task, FineTune):
            own = msgspec.structs.replace(own, context=min(own.context, time or 512))
        return Base(own, weights, trained.coder)
    return open_gguf(path, time or 512)


def seen_by(path: Path) -> int:
    """How many tokens a model sees at once, its weights left where they are. `path` as `open_base` has it;
    raises what that does."""
    if (path / "config.json").exists():
        from engine.train.hugging_face import seen_by_folder

        return seen_by_folder(path)
    if not path.is_dir():
        from engine.train.gguf_in import config_of

        return config_of(path).context
    kept = read_spec(path)
    if isinstance(kept.task, FineTune) and kept.config.positions == "rope":
        return seen_by(Path(kept.task.base))
    return kept.config.context


def coder_of(path: Path) -> Coder:
    """The way of writing of a model, without its weights. Raises RunDamaged and what reading a tokenizer
    does."""
    if not path.is_dir():
        return GgufCoder(path)
    if (path / "config.json").exists():
        return FolderCoder(path)
    task = read_spec(path).task
    if isinstance(task, FineTune) and not (path / TOKENIZER).exists():
        return coder_of(Path(task.base))
    return OwnCoder(Tokenizer.load(path / TOKENIZER))
