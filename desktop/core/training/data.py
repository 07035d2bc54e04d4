"""What a plan would learn from, looked at before anything begins; rows that a person writes. Trains
nothing."""

import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

from msgspec.structs import replace

from desktop.core.errors import Reported
from desktop.core.operations import Operation
from desktop.core.private_files import write_private
from desktop.core.training.errors import NothingToLearn, RowsTooRich
from desktop.core.training.samples import Pair, sample
from desktop.core.training.sources import as_lines
from desktop.core.training.trainers import Trainers
from desktop.core.types import Problem
from desktop.core.types.training import DataPreview, DataRow, TrainingPlan
from engine.errors import EngineError
from engine.train.errors import AnswersTooLong, NoUsableRows, OneLabel, TextTooSmall, TextUnreadable
from engine.train.examples import Row, read_rows
from engine.train.protocol import CheckRows, RowsChecked
from engine.train.specs import LABEL_TIME
from engine.train.texts import clean, find_texts, read_text

SHOWN = 200  # rows, or paragraphs
LEAST_EXAMPLES = 4  # as `engine.train.finetune` has it, which brings in arithmetic


def preview(plan: TrainingPlan, base: str, trainers: Trainers, operation: Operation[Any]) -> DataPreview:
    """See `TrainingCore.preview_data`. `base`: where the model lies whose tokens are counted; "": none."""
    made = sample(plan.sample) if plan.sample else None
    if made is None and not plan.inputs:
        raise NothingToLearn
    try:
        if plan.grown:
            return _of_text(made.text, plan) if made is not None else _of_files(plan)
        if made is None:
            return _of_rows(Path(plan.inputs[0]), plan, base, trainers, operation)
        with tempfile.TemporaryDirectory(prefix="sobremesa-") as folder:
            path = Path(folder) / "rows.jsonl"
            write_private(path, as_lines(made.rows, labels=made.kind == "labels"))
            return _of_rows(path, plan, base, trainers, operation)
    except EngineError as error:
        raise Reported.of(error) from error


def _of_files(plan: TrainingPlan) -> DataPreview:
    texts: list[str] = []
    unreadable: dict[str, str] = {}
    for path in find_texts([Path(one) for one in plan.inputs]):
        try:
            texts.append(read_text(path))
        except TextUnreadable as error:
            unreadable[path.name] = error.detail
    found = replace(_of_text("\n\n".join(texts), plan), unreadable=unreadable)
    if unreadable and not texts:
        name, why = next(iter(unreadable.items()))
        return replace(found, problem=Reported.of(TextUnreadable(why, path=name)).problem())
    return found


def _of_text(text: str, plan: TrainingPlan) -> DataPreview:
    paragraphs = [one.strip() for one in clean(text).split("\n\n") if one.strip()]
    held = round(len(paragraphs) * plan.held_out_share)
    # a token is a character at least: what is too little in characters is too little in any case
    smaller = round(len(text) * min(plan.held_out_share, 1 - plan.held_out_share))
    problem = None
    if smaller < plan.context + 2:
        needed = round((plan.context + 2) / max(0.01, min(plan.held_out_share, 1 - plan.held_out_share)))
        problem = Reported.of(TextTooSmall(tokens=len(text), needed=needed)).problem()
    return DataPreview(
        "text", len(paragraphs), held, len(text),
        tuple(DataRow(one) for one in paragraphs[:SHOWN]), lengths=tuple(map(len, paragraphs)),
        problem=problem,
    )  # fmt: skip


def _of_rows(
    path: Path, plan: TrainingPlan, base: str, trainers: Trainers, operation: Operation[Any]
) -> DataPreview:
    labels = plan.goal == "label"
    try:
        found = trainers.ask(CheckRows(str(path), base), RowsChecked, operation)
    except Reported:
        if not base:
            raise
        # what is wrong with the model is the estimate's to say: the rows can be looked at all the same
        found = trainers.ask(CheckRows(str(path)), RowsChecked, operation)
    rows = tuple(_shown(row) for row in read_rows(path).rows if (row.kind == "label") == labels)
    shown = plan.time or (LABEL_TIME if labels else 512)
    held = min(len(rows) - 1, max(1, round(len(rows) * plan.held_out_share))) if rows else 0
    return DataPreview(
        "labels" if labels else "pairs", len(rows), held, sum(found.lengths), rows[:SHOWN],
        found.labels if labels else {}, found.bad, found.repeated, found.lengths, tokens=found.tokens,
        too_long=sum(count > shown for count in found.tokens),
        problem=_problem_of(rows, found, path, plan, shown),
    )  # fmt: skip


def _problem_of(
    rows: tuple[DataRow, ...], found: RowsChecked, path: Path, plan: TrainingPlan, shown: int
) -> Problem | None:
    """What a run would end in at once. Texts that are too long for labels are cut, answers are left out."""
    error: EngineError | None = None
    if not rows:
        reason = "no_label" if plan.goal == "label" else "no_answer"
        error = NoUsableRows(path=str(path), reason=reason, columns=", ".join(found.columns) or "—")
    elif len(rows) < LEAST_EXAMPLES:
        error = TextTooSmall(tokens=len(rows), needed=LEAST_EXAMPLES)
    elif plan.goal == "label" and len(found.labels) < 2:
        error = OneLabel(label=next(iter(found.labels), ""))
    elif plan.goal == "answer" and found.tokens and min(found.tokens) > shown:
        error = AnswersTooLong(rows=len(rows), limit=shown)
    return Reported.of(error).problem() if error is not None else None


def _shown(row: Row) -> DataRow:
    if row.kind == "conversation":
        said = {message.role: message.content for message in row.messages}
        return DataRow(said.get("user", ""), said.get("assistant", ""))
    return DataRow(row.text, row.label)


def rows_of(plan: TrainingPlan) -> tuple[Pair, ...]:
    """See `TrainingCore.rows_of`."""
    made = sample(plan.sample) if plan.sample else None
    if made is not None:
        return made.rows
    if not plan.inputs:
        raise NothingToLearn
    path = plan.inputs[0]
    try:
        found = [row for row in read_rows(Path(path)).rows if (row.kind == "label") == (plan.goal == "label")]
    except EngineError as error:
        raise Reported.of(error) from error
    rich = sum(not _is_pair(row) for row in found)
    if rich:  # a table of two columns would lose what it does not show
        raise RowsTooRich(rows=rich, path=path)
    return tuple((row.first, row.second) for row in map(_shown, found))


def _is_pair(row: Row) -> bool:
    if row.kind != "conversation":
        return row.kind == "label"
    return [message.role for message in row.messages] == ["user", "assistant"] and not row.given


def write_rows(path: str, rows: tuple[Pair, ...], folder: Path, *, labels: bool) -> str:
    """See `TrainingCore.write_rows`. `folder`: the workshop's own."""
    place = Path(path) if path else folder / f"{uuid4().hex[:8]}.jsonl"
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    whole = tuple((one.strip(), other.strip()) for one, other in rows if one.strip() and other.strip())
    write_private(place, as_lines(whole, labels=labels))
    return str(place)
