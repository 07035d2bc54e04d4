"""What a trainer does for each request. Knows no pipe."""

import importlib
import importlib.util
import math
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import assert_never

import msgspec

from engine.errors import Cancelled
from engine.protocol import Message
from engine.train import tasks
from engine.train.coders import Coder, OwnCoder
from engine.train.errors import CannotExport, NoUsableRows
from engine.train.evaluate import found_in, score_labels, score_text
from engine.train.events import Ended, PrepareEvent, TrainEvent
from engine.train.examples import read_rows
from engine.train.export import export_adapter, export_gguf
from engine.train.finetune import LabelTask, question_of
from engine.train.generate import Writer
from engine.train.hugging_face import write_folder
from engine.train.learner import Learner
from engine.train.lora import LowRank
from engine.train.masked import MaskedTask
from engine.train.prepare import prepare
from engine.train.pretrain import sizes_of
from engine.train.protocol import (
    Backend,
    CheckRows,
    Evaluate,
    Evaluated,
    Export,
    Exported,
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
from engine.train.results import Guess, TextScore
from engine.train.run import Run
from engine.train.specs import FineTune, Settings
from engine.train.task import Task
from engine.train.texts import read_text
from engine.train.translation import TranslationTask

Tell = Callable[[PrepareEvent | TrainEvent], None]
Stop = Callable[[], bool]
HELD_OUT = "held out"  # what stands in a file's place where a run is measured on its own
ANSWER_WINDOW = 512  # tokens that an answer is written in


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
            return _evaluate(body, stop)
        case Export():
            return _export(body)
        case _:
            assert_never(body)


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
    options = {"vocab": body.vocab, "characters": body.characters, "validation_share": body.validation_share}
    return Prepared(prepare(inputs, Path(body.out), **options, tell=told))  # type: ignore[arg-type]


def _train(body: Train, tell: Tell, stop: Stop) -> Trained:
    parts, path = parts_for(body.backend), Path(body.run)
    learner = _jax_learner if body.backend == "jax" else None
    if body.task is None:
        run = tasks.resume(path, parts, learner)
    else:
        run = tasks.begin(path, body.task, body.settings, parts, learner)
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


# ── evaluate ──────────────────────────────────────────────────────────────────────────────────────


def _evaluate(body: Evaluate, stop: Stop) -> Evaluated:
    parts, path = parts_for("auto"), Path(body.model)
    trained = tasks.load_trained(path) if tasks.is_run(path) else None
    if trained is not None and trained.config.kind != "decoder":
        return _workshop_only(path, body, parts)
    if trained is not None and trained.labels:
        return _labelled(path, body, parts)
    if trained is not None:
        config, weights, coder = trained.config, trained.weights, trained.coder
        adapter = LowRank(trained.adapter, trained.alpha) if trained.adapter is not None else None
    else:
        base = tasks.open_base(path)
        config, weights, coder, adapter = base.config, base.weights, base.coder, None
    texts = {}
    for file in body.texts:
        if stop():
            raise Cancelled
        text = read_text(Path(file))
        texts[Path(file).name] = score_text(config, weights, coder, text, parts, adapter=adapter)
    writer = Writer(config, weights, parts, ANSWER_WINDOW, adapter)
    answers = {
        prompt: answer_of(writer, coder, (Message("user", prompt),), body.answer_tokens)
        for prompt in body.prompts
    }
    answered = None
    if body.rows:
        answered = _answered(writer, coder, Path(body.rows), body.answer_tokens, stop)
    return Evaluated(texts, None, answers, (), answered)


def _workshop_only(path: Path, body: Evaluate, parts: ModuleType) -> Evaluated:
    """An encoder fills blanks, an encoder with a decoder translates. Each is measured on what its run held
    out: a text has no loss of its own for them."""
    run = tasks.resume(path, parts)
    try:
        task = tasks.load_task(path)
        run.task.learning.flat[...] = task.learning.flat  # the best, not the last
        loss, counted = run.measure(), sum(float(batch.weights.sum()) for batch in task.held_out(8))
    finally:
        run.close()
    answers = {}
    for prompt in body.prompts:
        if isinstance(task, TranslationTask):
            answers[prompt] = task.translate([prompt], parts)[0]
        elif isinstance(task, MaskedTask):
            answers[prompt] = task.fill(prompt, parts)
    return Evaluated(
        {HELD_OUT: TextScore(loss, math.exp(min(loss, 700.0)), 0.0, int(counted))}, None, answers
    )


def answer_of(writer: Writer, coder: Coder, messages: tuple[Message, ...], tokens: int) -> str:
    """What the model answers, with the likeliest token each time."""
    prompt = coder.prompt(messages)
    return coder.decode(writer.write(prompt, tokens, temperature=0, stop=coder.stops)).strip()


def _answered(writer: Writer, coder: Coder, file: Path, tokens: int, stop: Stop) -> float:
    rows = [row for row in read_rows(file).rows if row.kind == "conversation"]
    if not rows:
        raise NoUsableRows(path=str(file), reason="no_answer", columns="")
    right = 0
    for row in rows:
        if stop():
            raise Cancelled
        before, wanted = question_of(row)
        right += found_in(answer_of(writer, coder, before, tokens), wanted)
    return right / len(rows)


def _labelled(path: Path, body: Evaluate, parts: ModuleType) -> Evaluated:
    """On the rows of a file; without one, on those that the run held out. Each prompt gets its label."""
    task = tasks.load_task(path)
    if not isinstance(task, LabelTask):
        raise CannotExport(kind="labels")
    held = task.held_rows
    if body.rows:
        held = [row for row in read_rows(Path(body.rows)).rows if row.label in task.labels]
    if not held:
        raise NoUsableRows(path=body.rows, reason="empty", columns="")
    sure = task.predict([*(row.text for row in held), *body.prompts], parts)
    said = [task.labels[place] for place in sure.argmax(axis=1)]
    guesses = tuple(
        Guess(row.text, row.label, label, float(chances.max()))
        for row, label, chances in zip(held, said, sure, strict=False)
    )
    score = score_labels([row.label for row in held], said[: len(held)], task.labels)
    answers = dict(zip(body.prompts, said[len(held) :], strict=True))
    return Evaluated(labels=score, answers=answers, guesses=guesses)


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
            write_folder(out, trained.config, trained.whole(), trained.coder.tokenizer, chats=chats)
    files = [out] if out.is_file() else list(out.iterdir())
    return Exported(str(out), sum(file.stat().st_size for file in files))
