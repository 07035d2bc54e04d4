"""What `Evaluate` asks, answered by each kind of model in its own way. Learns nothing.

A decoder predicts text and answers; one that learnt labels tells them; an encoder fills gaps; an encoder with
a decoder translates. What a model cannot be measured on is refused, never passed over.
"""

import math
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from engine.errors import Cancelled
from engine.protocol import Message
from engine.train import tasks
from engine.train.coders import Coder
from engine.train.errors import CannotMeasure, NoUsableRows
from engine.train.evaluate import found_in, score_labels, score_text
from engine.train.examples import Row, read_rows
from engine.train.finetune import AnswerTask, question_of
from engine.train.generate import Writer
from engine.train.labelling import LabelTask
from engine.train.lora import LowRank
from engine.train.masked import MaskedTask
from engine.train.pretrain import TextTask
from engine.train.protocol import Evaluate, Evaluated
from engine.train.results import HELD_OUT, Guess, TextScore
from engine.train.task import Task
from engine.train.texts import read_text
from engine.train.transformer import Batch, Transformer
from engine.train.translation import TranslationTask

Stop = Callable[[], bool]
ANSWER_WINDOW = 512  # tokens that an answer is written in
ROWS = 8  # a batch
MOST_ASKED = 40  # held-out questions: an answer takes a second or more


def evaluate(body: Evaluate, parts: ModuleType, stop: Stop) -> Evaluated:
    """Raises CannotMeasure, NoUsableRows, TextUnreadable, Cancelled, and what opening the model raises."""
    path = Path(body.model)
    if tasks.is_run(path) and not (body.texts or body.rows or body.prompts):
        return _of_task(body, tasks.load_task(path), parts, stop)
    trained = tasks.load_trained(path) if tasks.is_run(path) else None
    if trained is None:
        base = tasks.open_base(path)
        return _speaker(body, Writer(base.config, base.weights, parts, ANSWER_WINDOW), base.coder, stop)
    if trained.labels or trained.config.kind != "decoder":
        return _of_task(body, tasks.load_task(path), parts, stop)
    adapter = LowRank(trained.adapter, trained.alpha) if trained.adapter is not None else None
    writer = Writer(trained.own_config, trained.weights, parts, ANSWER_WINDOW, adapter)
    return _speaker(body, writer, trained.coder, stop)


def _of_task(body: Evaluate, task: tasks.AnyTask, parts: ModuleType, stop: Stop) -> Evaluated:
    match task:
        case LabelTask():
            return _labels(body, task, parts)
        case MaskedTask():
            return _gaps(body, task, parts)
        case TranslationTask():
            return _translations(body, task, parts)
        case _:
            return _held_out(task, parts, body.answer_tokens, stop)


# ── what speaks ───────────────────────────────────────────────────────────────────────────────────


def _speaker(body: Evaluate, writer: Writer, coder: Coder, stop: Stop) -> Evaluated:
    texts = {}
    for file in body.texts:
        if stop():
            raise Cancelled
        text = read_text(Path(file))
        texts[Path(file).name] = score_text(
            writer.config, writer.weights, coder, text, writer.parts, adapter=writer.adapter
        )
    answers = {
        prompt: answer_of(writer, coder, (Message("user", prompt),), body.answer_tokens)
        for prompt in body.prompts
    }
    if not body.rows:
        return Evaluated(texts, None, answers)
    guesses = _asked(_rows(body.rows), writer, coder, body.answer_tokens, stop)
    return Evaluated(texts, None, answers, guesses, _share(guesses))


def _held_out(task: TextTask | AnswerTask, parts: ModuleType, tokens: int, stop: Stop) -> Evaluated:
    """By what the run held out itself: its text, or its questions, of which the first ones are asked."""
    texts = {HELD_OUT: _score(task, parts, list(task.held_out(ROWS)))}
    if isinstance(task, TextTask):
        return Evaluated(texts)
    rows = [row for row in task.held_rows if row.kind == "conversation"][:MOST_ASKED]
    guesses = _asked(rows, task.writer(parts), task.coder, tokens, stop)
    return Evaluated(texts, None, {}, guesses, _share(guesses) if guesses else None)


def _asked(rows: list[Row], writer: Writer, coder: Coder, tokens: int, stop: Stop) -> tuple[Guess, ...]:
    """What the model answers to each question, beside what it should."""
    found = []
    for row in rows:
        if stop():
            raise Cancelled
        before, wanted = question_of(row)
        said = answer_of(writer, coder, before, tokens)
        found.append(Guess(before[-1].content, wanted, said, float(found_in(said, wanted))))
    return tuple(found)


def _share(guesses: tuple[Guess, ...]) -> float:
    return sum(guess.sure for guess in guesses) / max(1, len(guesses))


def answer_of(writer: Writer, coder: Coder, messages: tuple[Message, ...], tokens: int) -> str:
    """What the model answers, with the likeliest token each time."""
    prompt = coder.prompt(messages)
    return coder.decode(writer.write(prompt, tokens, temperature=0, stop=coder.stops)).strip()


def _rows(file: str) -> list[Row]:
    """Questions with answers. Raises NoUsableRows."""
    rows = [row for row in read_rows(Path(file)).rows if row.kind == "conversation"]
    if not rows:
        raise NoUsableRows(path=file, reason="no_answer", columns="")
    return rows


# ── what tells labels, fills gaps, translates ─────────────────────────────────────────────────────


def _labels(body: Evaluate, task: LabelTask, parts: ModuleType) -> Evaluated:
    """On the rows of a file; without one, on those that the run held out. Prompts get their labels alone."""
    if body.texts:
        raise CannotMeasure(kind="labels")
    held = [] if body.prompts else task.held_rows
    if body.rows:
        held = [row for row in read_rows(Path(body.rows)).rows if row.label in task.labels]
    if not held and not body.prompts:
        raise NoUsableRows(path=body.rows, reason="empty", columns="")
    sure = task.predict([*(row.text for row in held), *body.prompts], parts)
    said = [task.labels[place] for place in sure.argmax(axis=1)]
    guesses = tuple(
        Guess(row.text, row.label, label, float(chances.max()))
        for row, label, chances in zip(held, said, sure, strict=False)
    )
    score = score_labels([row.label for row in held], said[: len(held)], task.labels) if held else None
    answers = dict(zip(body.prompts, said[len(held) :], strict=True))
    return Evaluated(labels=score, answers=answers, guesses=guesses)


def _gaps(body: Evaluate, task: MaskedTask, parts: ModuleType) -> Evaluated:
    """On texts, or on what the run held out; in both the same words are hidden each time."""
    if body.rows:
        raise CannotMeasure(kind="masked")
    texts = {}
    for file in body.texts:
        texts[Path(file).name] = _score(task, parts, list(task.gaps_in(read_text(Path(file)), ROWS)))
    if not texts and not body.prompts:
        texts = {HELD_OUT: _score(task, parts, list(task.held_out(ROWS)))}
    return Evaluated(texts, None, {prompt: task.fill(prompt, parts) for prompt in body.prompts})


def _translations(body: Evaluate, task: TranslationTask, parts: ModuleType) -> Evaluated:
    """On pairs of lines, or on what the run held out."""
    if body.texts:
        raise CannotMeasure(kind="translation")
    answers = {prompt: task.translate([prompt], parts)[0] for prompt in body.prompts}
    if not body.rows:
        texts = {} if body.prompts else {HELD_OUT: _score(task, parts, list(task.held_out(ROWS)))}
        return Evaluated(texts, None, answers)
    asked = [(before[-1].content, wanted) for before, wanted in map(question_of, _rows(body.rows))]
    said = task.translate([line for line, _ in asked], parts)
    right = sum(found_in(one, wanted) for one, (_, wanted) in zip(said, asked, strict=True))
    return Evaluated({}, None, answers, answered=right / len(asked))


def _score(task: Task, parts: ModuleType, batches: list[Batch]) -> TextScore:
    """Bits per byte where all of a text's tokens count: some of them say nothing of its bytes."""
    adapter = task.adapter() if task.adapter is not None else None
    model = Transformer(
        task.config, task.weights, ROWS, task.time, parts, adapter, source_time=task.source_time
    )
    loss = sum(model.loss(batch, 1.0) for batch in batches)
    counted = sum(float(batch.weights.sum()) for batch in batches)
    mean = loss / max(counted, 1e-9)
    size = task.bytes_per_token
    bits = mean / math.log(2) / size if size else 0.0
    return TextScore(mean, math.exp(min(mean, 700.0)), bits, int(counted))
