"""Files that a person brought to the window: looked into at once, then copied or used from where they are.

Holds states and numbers; chooses no words.
"""

from collections.abc import Iterable
from pathlib import PurePath
from typing import Literal

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.events import CopyingModel
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.core.types.models import ImportedModel, ModelFile
from desktop.view_models.bridge import follow
from desktop.view_models.models import ModelsViewModel

# what people take for a model file: those that are none are told so in words
SUFFIXES = (".gguf", ".ggml", ".safetensors")


class Candidate(msgspec.Struct, frozen=True):
    """ "known": it can be run, and `model.fit` says how well. "here": it lies in the models folder."""

    path: str
    state: Literal["looking", "known", "copying", "here", "broken"] = "looking"
    model: ModelFile | None = None
    done_bytes: int = 0
    total_bytes: int = 0
    already: bool = False
    problem: Problem | None = None

    @property
    def name(self) -> str:
        return PurePath(self.path.replace("\\", "/")).name


def looks_like_model(path: str) -> bool:
    return path.lower().endswith(SUFFIXES)


class ModelImportsViewModel(QObject):
    """One for the window. `candidates`: the newest first."""

    changed = Signal()
    added = Signal()  # somebody brought files: show them

    def __init__(self, core: Core, models: ModelsViewModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._models = models
        self._copies: dict[str, Operation[ImportedModel]] = {}
        self.candidates: tuple[Candidate, ...] = ()

    def candidate(self, path: str) -> Candidate | None:
        return next((one for one in self.candidates if one.path == path), None)

    def add(self, paths: Iterable[str]) -> None:
        """Look into these files. One that is being copied is left alone."""
        new = [path for path in dict.fromkeys(paths) if path not in self._copies]
        kept = [one for one in self.candidates if one.path not in new]
        self.candidates = (*(Candidate(path) for path in new), *kept)
        self.changed.emit()
        self.added.emit()
        for path in new:
            self._look_at(path)

    def _look_at(self, path: str) -> None:
        def found(model: ModelFile) -> None:
            if path in self._copies:  # somebody was quick
                self._change(path, model=model)
                return
            if any(one.model is not None and one.model.path == model.path for one in self.candidates):
                self.dismiss(path)  # another file of the same model
                return
            state = "here" if model.source == "own" else "known"
            self._change(path, state=state, model=model, already=state == "here")

        def failed(problem: Problem) -> None:
            self._change(path, state="broken", problem=problem)

        follow(self._core.inspect_model(path), self, on_result=found, on_error=failed)

    def copy(self, path: str) -> None:
        """Copy a file into the models folder."""
        candidate = self.candidate(path)
        if candidate is None or path in self._copies:
            return
        operation = self._core.import_model(path)
        self._copies[path] = operation
        total = candidate.model.size_bytes if candidate.model is not None else 0
        self._change(path, state="copying", done_bytes=0, total_bytes=total, problem=None)

        def arrived(imported: ImportedModel) -> None:
            del self._copies[path]
            fit = candidate.model.fit if candidate.model is not None else None
            model = replace(imported.model, fit=imported.model.fit or fit)
            self._change(path, state="here", model=model, already=imported.already)

        def failed(problem: Problem) -> None:
            del self._copies[path]
            self._change(path, state="known", problem=None if problem.code == "cancelled" else problem)

        follow(operation, self, on_event=lambda e: self._step(path, e), on_result=arrived, on_error=failed)

    def _step(self, path: str, event: object) -> None:
        if isinstance(event, CopyingModel):
            self._change(path, done_bytes=event.done_bytes, total_bytes=event.total_bytes)

    def cancel(self, path: str) -> None:
        """Stop copying: the models folder is as it was."""
        if path in self._copies:
            self._copies[path].cancel()

    def use(self, path: str) -> None:
        """Load it: the copy where there is one, else the file from where it is."""
        candidate = self.candidate(path)
        if candidate is not None and candidate.model is not None:
            self._models.load(candidate.model.path)
            self.dismiss(path)

    def dismiss(self, path: str) -> None:
        if path not in self._copies:
            self.candidates = tuple(one for one in self.candidates if one.path != path)
            self.changed.emit()

    def _change(self, path: str, **changes: object) -> None:
        self.candidates = tuple(
            replace(one, **changes) if one.path == path else one for one in self.candidates
        )
        self.changed.emit()
