"""What a trainer does for each request. Knows no pipe."""

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import assert_never

import msgspec

from engine.errors import Cancelled
from engine.train import tasks
from engine.train.coders import OwnCoder
from engine.train.errors import CannotExport
from engine.train.events import Ended, PrepareEvent, Sampled, TrainEvent
from engine.train.examples import read_rows
from engine.train.export import export_adapter, export_gguf
from engine.train.hugging_face import write_folder
from engine.train.learner import Learner
from engine.train.looking import Looker
from engine.train.measuring import evaluate
from engine.train.prepare import prepare
from engine.train.pretrain import sizes_of
from engine.train.protocol import (
    Backend,
    CheckRows,
    Evaluate,
    Export,
    Exported,
    LookAround,
    Looked,
    LookedAround,
    LookInside,
    Prepared,
    PrepareText,
    Reckon,
    Reckoned,
    RowsChecked,
    Train,
    Trained,
    TrainerEvent,
    Work,
)
from engine.train.run import Run
from engine.train.specs import FineTune, Settings
from engine.train.task import Task

Tell = Callable[[PrepareEvent | TrainEvent], None]
Stop = Callable[[], bool]


def serve(body: Work, tell: Tell, stop: Stop) -> TrainerEvent:
    """The event that ends the request. Raises TrainError, and what opening a model raises."""
    match body:
        case PrepareText():
            return _prepare(body, tell, stop)
        case CheckRows(file, base):
            found = read_rows(Path(file))
            coder = tasks.coder_of(Path(base)) if base else None
            return RowsChecked(
                len(found.rows), found.kinds, found.labels, {bad.number: bad.reason for bad in found.bad},
                found.repeated, found.columns, tuple(len(row.words) for row in found.rows),
                tuple(len(coder.encode(row.words)) for row in found.rows) if coder is not None else (),
            )  # fmt: skip
        case Reckon(task, settings):
            from engine.train.reckon import reckon

            reckoning = reckon(task, settings, parts_for("auto"))
            return Reckoned(**msgspec.structs.asdict(reckoning))
        case Train():
            return _train(body, tell, stop)
        case Evaluate():
            return evaluate(body, parts_for("auto"), stop)
        case Export():
            return _export(body)
        case LookInside() | LookAround():
            return look(body, Looker(parts_for("auto")))
        case _:
            assert_never(body)


def look(body: LookInside | LookAround, looker: Looker) -> Looked | LookedAround:
    """By one who keeps the model: see `engine.train.looking`."""
    if isinstance(body, LookInside):
        return Looked(looker.text(body.model, body.text, body.layer, body.place))
    return LookedAround(looker.around(body.model, body.text, body.search))


def parts_for(backend: Backend) -> ModuleType:
    """The elementwise parts: compiled where numba is installed, unless NumPy's were asked for."""
    compiled = backend != "numpy" and importlib.util.find_spec("numba") is not None
    return importlib.import_module("engine.train.compiled" if compiled else "engine.train.parts")


# ── prepare and train ─────────────────────────────────────────────────────────────────────────────


def _prepare(body: PrepareText, tell: Tell, stop: Stop) -> Prepared:
    def told(event: PrepareEvent) -> None:
        if stop():
            raise Cancelled
        tell(event)

    inputs = [Path(path) for path in body.inputs]
    options = {
        "vocab": body.vocab,
        "characters": body.characters,
        "tokens_of": Path(body.tokens_of) if body.tokens_of else None,
        "validation_share": body.validation_share,
    }
    return Prepared(prepare(inputs, Path(body.out), **options, tell=told))  # type: ignore[arg-type]


def _train(body: Train, tell: Tell, stop: Stop) -> Trained:
    parts, path = parts_for(body.backend), Path(body.run)
    learner = _jax_learner if body.backend == "jax" else None

    def heard(event: Sampled) -> None:
        if stop():
            raise Cancelled
        tell(event)

    if body.task is None:
        run = tasks.resume(path, parts, learner)
    else:
        run = tasks.begin(path, body.task, body.settings, parts, learner, heard)
    try:
        return _steps(run, tell, stop)
    finally:
        run.close()


def _steps(run: Run, tell: Tell, stop: Stop) -> Trained:
    for event in run.steps(stop):
        tell(event)
        if isinstance(event, Ended):
            return Trained(
                event.reason, event.step, event.loss, event.seconds,
                sizes_of(run.task.config), len(run.task.learning.flat),
            )  # fmt: skip
    raise AssertionError("a run always says why it ended")


def _jax_learner(task: Task, settings: Settings) -> Learner:
    from engine.train.jax_learner import JaxLearner

    return JaxLearner(task, decay=settings.decay, beta_square=settings.beta_square, clip=settings.clip)


# ── export ────────────────────────────────────────────────────────────────────────────────────────


def _export(body: Export) -> Exported:
    path, out = Path(body.run), Path(body.out)
    trained = tasks.load_trained(path)
    name = body.name or path.name
    match body.form:
        case "gguf":
            export_gguf(trained, out, name=name, kind=body.kind)
        case "adapter":
            export_adapter(trained, out, name=name)
        case "folder":
            if not isinstance(trained.coder, OwnCoder) or trained.labels:
                raise CannotExport("its tokenizer is a GGUF file's", kind="folder")
            task = trained.kept.task
            chats = isinstance(task, FineTune) and task.kind == "answers"
            write_folder(out, trained.own_config, trained.whole(), trained.coder.tokenizer, chats=chats)
    files = [out] if out.is_file() else list(out.iterdir())
    return Exported(str(out), sum(file.stat().st_size for file in files))
