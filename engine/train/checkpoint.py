"""A run's state on disk: what was learnt, the optimizer's averages and the best so far.

One safetensors file a checkpoint, written beside the old one and put in its place at once; the one before
is kept, for when the last one was cut short by a failing disk. Its header carries what is no array.
"""

import errno
import json
import os
import re
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from safetensors import SafetensorError, safe_open

from engine.train.config import ModelConfig
from engine.train.errors import DiskFull, RunDamaged
from engine.train.parts import Array

KEPT: Final = 2
_NAME: Final = re.compile(r"step-(\d+)\.safetensors")


class State(msgspec.Struct, frozen=True):
    """What a run needs, beside its arrays, to go on as if it had never stopped."""

    config: ModelConfig
    step: int
    best_loss: float = float("inf")
    best_step: int = 0
    seconds: float = 0.0
    version: int = 1


def save_checkpoint(folder: Path, state: State, arrays: dict[str, Array]) -> Path:
    """Raises DiskFull; what was there before is untouched then."""
    path = folder / f"step-{state.step:08d}.safetensors"
    _write(path, state, arrays)
    for old in _found(folder)[KEPT:]:
        old.unlink(missing_ok=True)
    return path


def save_best(folder: Path, state: State, arrays: dict[str, Array]) -> None:
    """The parameters that did best on validation text, apart from the checkpoints. Raises DiskFull."""
    _write(folder / "best.safetensors", state, arrays)


def _write(path: Path, state: State, arrays: dict[str, Array]) -> None:
    draft = path.with_suffix(".new")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(_header(state, arrays))
            for array in arrays.values():
                file.write(np.ascontiguousarray(array).data)
            file.flush()
            os.fsync(descriptor)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise DiskFull(str(error), path=str(path.parent), kept=last_step(path.parent)) from error
        raise


def _header(state: State, arrays: dict[str, Array]) -> bytes:
    """As safetensors has it, so that the arrays can follow as they lie: the library would copy them twice.

    https://github.com/huggingface/safetensors#format
    """
    kept = msgspec.json.encode(msgspec.to_builtins(state, str_keys=True)).decode()
    entries: dict[str, object] = {"__metadata__": {"state": kept}}
    place = 0
    for name, array in arrays.items():
        kind = {"f": "F", "i": "I"}[array.dtype.kind] + str(8 * array.itemsize)
        entries[name] = {
            "dtype": kind,
            "shape": list(array.shape),
            "data_offsets": [place, place + array.nbytes],
        }
        place += array.nbytes
    text = msgspec.json.encode(entries)
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def load_checkpoint(folder: Path) -> tuple[State, dict[str, Array]]:
    """The last whole one. Raises RunDamaged."""
    for path in _found(folder):
        try:
            return read_state(path)
        except RunDamaged:
            continue
    raise RunDamaged(path=str(folder))


def load_best(folder: Path) -> tuple[State, dict[str, Array]]:
    """The best parameters; where none were kept, the last ones. Raises RunDamaged."""
    try:
        return read_state(folder / "best.safetensors")
    except RunDamaged:
        return load_checkpoint(folder)


def read_state(path: Path) -> tuple[State, dict[str, Array]]:
    """Raises RunDamaged."""
    try:
        with safe_open(path, "np") as file:
            metadata = file.metadata() or {}
            # an infinite best loss is written as null
            found = json.loads(metadata["state"])
            if found.get("best_loss") is None:
                found.pop("best_loss", None)
            state = msgspec.convert(found, State)
            return state, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  no dict
    except (OSError, KeyError, ValueError, SafetensorError, msgspec.MsgspecError) as error:
        raise RunDamaged(str(error), path=str(path)) from error


def last_step(folder: Path) -> int:
    """Of the newest checkpoint; 0 where there is none."""
    found = _found(folder)
    match = _NAME.fullmatch(found[0].name) if found else None
    return int(match.group(1)) if match else 0


def _found(folder: Path) -> list[Path]:
    """The newest first."""
    return sorted(
        (path for path in folder.glob("step-*.safetensors") if _NAME.fullmatch(path.name)), reverse=True
    )
