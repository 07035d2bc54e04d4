"""What is known of model files by path, time of change and size: headers and checksums, kept in one file.

The file may be deleted, damaged or written by another version at any time: then headers are read anew.
"""

import contextlib
import os
import threading
from pathlib import Path

import msgspec

from desktop.core.errors import CoreError, Reported
from desktop.core.models.splits import base_name
from desktop.core.private_files import write_private
from desktop.core.types.models import ModelFile
from engine import gguf_header
from engine.errors import ModelFileError, ModelMissing, ModelNameUnreadable, ModelUnreadable
from engine.gguf_kinds import check_writes
from engine.gguf_reader import KnownTexts

VERSION = 2
MOST_FILE_BYTES = 1 << 26
# what may be over without the file having changed, and names that no file could keep
_PASSING = (ModelMissing.code, ModelUnreadable.code, ModelNameUnreadable.code)


class Fact(msgspec.Struct, frozen=True):
    """One version of one file. `chats` False: a search model, an adapter or the picture half of one."""

    changed_ns: int
    size_bytes: int
    model: ModelFile
    chats: bool = True
    sha256: str = ""


class _Kept(msgspec.Struct, frozen=True):
    version: int
    facts: dict[str, Fact]


class Facts:
    """Headers, read once per version of a file. May be used from any thread."""

    def __init__(self, file: Path | None = None) -> None:
        """`file` None: keep nothing beyond this run."""
        self._file = file
        self._lock = threading.Lock()
        self._facts: dict[str, Fact] | None = None
        self._changed = False
        self._known_texts = KnownTexts()

    def of(self, path: Path) -> Fact:
        """What the header at `path` says; its problem when it cannot be read. Raises nothing."""
        try:
            status = path.stat()
        except (OSError, ValueError):
            return Fact(0, 0, *self._described(path))  # the header reader says what is wrong
        known = self._known(str(path), status)
        if known is not None:
            return known
        fact = Fact(status.st_mtime_ns, status.st_size, *self._described(path))
        if fact.model.problem is None or fact.model.problem.code not in _PASSING:
            self._keep(str(path), fact)
        return fact

    def sha256(self, path: Path) -> str:
        """The checksum that was computed of this version of the file; "" when none was."""
        with contextlib.suppress(OSError, ValueError):
            known = self._known(str(path), path.stat())
            return known.sha256 if known is not None else ""
        return ""

    def keep_sha256(self, path: Path, status: os.stat_result, sha256: str) -> None:
        """`status` is the file's from before its bytes were read: a change since then makes it void."""
        fact = self._known(str(path), status) or Fact(
            status.st_mtime_ns, status.st_size, *self._described(path)
        )
        self._keep(str(path), msgspec.structs.replace(fact, sha256=sha256))
        self.save()

    def save(self) -> None:
        """Write what is new, and forget files that are gone. A disk that refuses costs time, no more."""
        with self._lock:
            if self._file is None or self._facts is None or not self._changed:
                return
            self._facts = {path: fact for path, fact in self._facts.items() if os.path.lexists(path)}
            self._changed = False
            with contextlib.suppress(CoreError):
                write_private(self._file, msgspec.json.encode(_Kept(VERSION, self._facts)))

    def _known(self, path: str, status: os.stat_result) -> Fact | None:
        with self._lock:
            fact = self._loaded().get(path)
        current = fact and (fact.changed_ns, fact.size_bytes) == (status.st_mtime_ns, status.st_size)
        return fact if current else None

    def _described(self, path: Path) -> tuple[ModelFile, bool]:
        return _described(path, self._known_texts)

    def _keep(self, path: str, fact: Fact) -> None:
        with self._lock:
            self._loaded()[path] = fact
            self._changed = True

    def _loaded(self) -> dict[str, Fact]:
        if self._facts is None:
            self._facts = _read(self._file)
        return self._facts


def _read(file: Path | None) -> dict[str, Fact]:
    if file is None:
        return {}
    try:
        if file.stat().st_size > MOST_FILE_BYTES:
            return {}
        kept = msgspec.json.decode(file.read_bytes(), type=_Kept)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return kept.facts if kept.version == VERSION else {}


def _described(path: Path, known: KnownTexts) -> tuple[ModelFile, bool]:
    try:
        header = gguf_header.inspect(path, known)
    except ModelFileError as error:
        # as the error has it: a name may hold bytes that no message can carry
        shown = Path(str(error.params["path"]))
        return ModelFile(str(shown), shown.stem, problem=Reported.of(error).problem()), True
    problem = None
    try:
        check_writes(header)
    except ModelFileError as error:
        problem = Reported.of(error).problem()
    model = ModelFile(
        path=header.path,
        name=base_name(header.title),
        architecture=header.architecture,
        parameters=header.parameters,
        quantization=header.quantization,
        trained_context_tokens=header.trained_context_tokens,
        layers=header.layers,
        size_bytes=header.size_bytes,
        has_chat_template=header.chat_template is not None,
        licence=header.licence,
        problem=problem,
    )
    return model, problem is None
