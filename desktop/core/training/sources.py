"""What a run learns from: brought into its folder, so that nothing outside can change it. Trains nothing."""

import contextlib
import hashlib
import shutil
from pathlib import Path
from typing import Final

import msgspec

from desktop.core.private_files import copy_private, write_error, write_private
from desktop.core.training.errors import NothingToLearn, RunDataChanged
from desktop.core.training.samples import Pair, sample
from desktop.core.types.training import RunInfo, TrainingPlan
from engine.train.errors import TextUnreadable

ROWS: Final = "rows"  # the file of examples, whatever its ending
TEXT: Final = "text"  # the folder of texts
BLOCK_BYTES: Final = 1 << 20


def bring(plan: TrainingPlan, folder: Path) -> str:
    """Copy what a plan learns from into `folder`, and give its fingerprint.

    Raises NothingToLearn, StorageFull, DataUnwritable, and (engine's) TextUnreadable for a file that is gone.
    """
    made = sample(plan.sample) if plan.sample else None
    if made is None and not plan.inputs:
        raise NothingToLearn
    if not plan.grown:
        if made is not None:
            write_private(folder / f"{ROWS}.jsonl", as_lines(made.rows, labels=made.kind == "labels"))
        else:
            _copy(Path(plan.inputs[0]), folder, ROWS + Path(plan.inputs[0]).suffix.lower())
        return fingerprint(rows_file(folder))
    texts = folder / TEXT
    texts.mkdir(mode=0o700, exist_ok=True)
    if made is not None:
        write_private(texts / f"{plan.sample}.txt", made.text.encode())
    for number, one in enumerate(plan.inputs if made is None else ()):
        _copy(Path(one), texts, f"{number:03}-{Path(one).name}")
    return ""  # tokens have one of their own, see `engine.train.prepare`


def _copy(source: Path, folder: Path, name: str) -> None:
    try:
        copy_private(source, folder / name)
    except (OSError, shutil.Error) as error:
        if not source.exists() or isinstance(error, PermissionError):
            raise TextUnreadable(str(error), path=str(source)) from error
        raise write_error(error, folder) from error


def as_lines(rows: tuple[Pair, ...], *, labels: bool) -> bytes:
    """Rows as a JSONL file has them."""
    first, second = ("text", "label") if labels else ("instruction", "output")
    return b"".join(msgspec.json.encode({first: one, second: other}) + b"\n" for one, other in rows)


def rows_file(folder: Path) -> Path:
    """The file of examples that `bring` made. Raises TextUnreadable."""
    found = sorted(folder.glob(ROWS + ".*"))
    if not found:
        raise TextUnreadable("it is gone", path=str(folder / ROWS))
    return found[0]


def fingerprint(path: Path) -> str:
    """SHA-256 of a file; "" for one that cannot be read."""
    mark = hashlib.sha256()
    with contextlib.suppress(OSError):
        with path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                mark.update(block)
        return mark.hexdigest()
    return ""


def require_unchanged(run: RunInfo, folder: Path, data: Path) -> None:
    """Raises RunDataChanged where a run would learn from something else than it began with."""
    name = run.plan.name or run.id
    if run.plan.grown:
        for part in ("train.bin", "validation.bin", "tokenizer.json"):
            if not (data / part).exists():
                raise RunDataChanged(path=str(data / part), name=name)
        if run.fingerprint and tokens_fingerprint(data) != run.fingerprint:
            raise RunDataChanged(path=str(data), name=name)
        return
    file = rows_file(folder)
    if run.fingerprint and fingerprint(file) != run.fingerprint:
        raise RunDataChanged(path=str(file), name=name)


def tokens_fingerprint(data: Path) -> str:
    """Of a prepared folder as it is now: what `DataInfo.fingerprint` said when it was made."""
    mark = hashlib.sha256()
    try:
        for name in ("tokenizer.json", "train.bin", "validation.bin"):
            with (data / name).open("rb") as file:
                while block := file.read(BLOCK_BYTES):
                    mark.update(block)
    except OSError:
        return ""
    return mark.hexdigest()
