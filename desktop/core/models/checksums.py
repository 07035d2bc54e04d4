"""SHA-256 of model files: computed when somebody asks, and kept for as long as the file stays as it is."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from desktop.core.errors import Cancelled, Reported
from desktop.core.events import CheckingModel
from desktop.core.models.facts import Facts
from desktop.core.models.shelf import ModelShelf
from desktop.core.models.splits import split_of
from desktop.core.models.walking import Cancel
from desktop.core.types.models import ModelFile
from engine.errors import ModelMissing, ModelUnreadable

BLOCK_BYTES = 1 << 21
STEP = 0.01  # of the whole, between two events

Read = Callable[[int], None]  # told of each block's bytes


def with_checksums(
    path: str, shelf: ModelShelf, cancelled: Cancel, emit: Callable[[CheckingModel], None] | None = None
) -> ModelFile:
    """A model with the SHA-256 of each of its files. Raises what `inspect` raises, and Cancelled."""
    model = shelf.inspect(path)
    parts = split_of(Path(model.path)).parts.values()
    done, told = 0, 0

    def read(count: int) -> None:
        nonlocal done, told
        done += count
        if emit is not None and done - told >= model.size_bytes * STEP:
            told = done
            emit(CheckingModel(done, model.size_bytes))

    return replace(model, sha256=tuple(checksum(part, shelf.facts, cancelled, read) for part in parts))


def checksum(path: Path, facts: Facts, cancelled: Cancel, read: Read | None = None) -> str:
    """The file's SHA-256, in hexadecimal.

    Raises Cancelled, and (reported) ModelMissing or ModelUnreadable.
    """
    known = facts.sha256(path)
    if known:
        return known
    try:
        sha256, status = digest(path, cancelled, read)
    except FileNotFoundError as error:
        raise Reported.of(ModelMissing(path=str(path))) from error
    except OSError as error:
        raise Reported.of(ModelUnreadable(str(error), path=str(path))) from error
    facts.keep_sha256(path, status, sha256)
    return sha256


def digest(path: Path, cancelled: Cancel, read: Read | None = None) -> tuple[str, os.stat_result]:
    """The SHA-256 of a file, in hexadecimal, and what it was when it was read. Raises Cancelled, OSError."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        while block := file.read(BLOCK_BYTES):
            if cancelled():
                raise Cancelled
            found.update(block)
            if read is not None:
                read(len(block))
    return found.hexdigest(), status
