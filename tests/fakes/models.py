"""The models part of the fake core: lists, loads, brings in, shrinks and removes values, never files."""

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any, TypeVar

from msgspec.structs import replace

from desktop.core.errors import ModelNotOurs, Reported, SameQuantization
from desktop.core.events import CheckingModel, CoreEvent, EngineStatus, ModelsChanged
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.core.types.models import ImportedModel, ModelChoice, ModelFile, QuantizedModel
from engine.devices import Device
from engine.errors import EngineError
from engine.fit import Fit
from engine.protocol import LoadedModel
from engine.quantization import type_named
from engine.template_texts import COMPLETION, CUSTOM, NAMES
from tests.fakes.fits import FITS
from tests.fakes.hub import FakeHub
from tests.fakes.jobs import FakeLoading, play_loading
from tests.fakes.model_jobs import FakeCopy, FakeQuantizing, play
from tests.fakes.samples import loaded

R = TypeVar("R")
MODELS_FOLDER = "/home/ana/.local/share/sobremesa/models"
CHECKSUM = "ab" * 32


class FakeModels(FakeHub):
    """What FakeCore inherits; the rest of it stands there.

    `elsewhere`: files that no list shows and that can be looked into. `fits`: by path.
    """

    automatic: bool
    models: tuple[ModelFile, ...]
    engine: EngineStatus
    devices: tuple[Device, ...] = (Device("CPU", "cpu", 6_000_000_000, 8_000_000_000),)
    settings: dict[str, object]
    loadings: list[FakeLoading]
    choices: dict[str, ModelChoice]
    tell: Callable[[CoreEvent], None]
    _now: Callable[..., Operation[Any]]
    _note: Callable[..., None]

    def __init__(self) -> None:
        super().__init__()
        self.elsewhere: tuple[ModelFile, ...] = ()
        self.aliases: dict[str, str] = {}  # files of split models, and the first of each
        self.fits: Mapping[str, Fit] = {}
        self.copies: list[FakeCopy] = []
        self.quantizings: list[FakeQuantizing] = []

    def list_models(self) -> Operation[tuple[ModelFile, ...]]:
        return self._now("list_models", lambda: self.models)

    def inspect_model(self, path: str, *, sha256: bool = False) -> Operation[ModelFile]:
        def work() -> ModelFile:
            model = replace(self._model(path), fit=self.fits.get(path))
            return replace(model, sha256=(CHECKSUM,) if sha256 else ())

        operation = self._now("inspect_model", work, path)
        if sha256:
            operation.emit(CheckingModel(98_000_000, 98_000_000))
        return operation

    # ── coming in ──

    def import_model(self, path: str) -> Operation[ImportedModel]:
        found = self._now("import_model", lambda: self._model(path), path)
        if found.error() is not None:
            return self._failed(found.error())
        copy = FakeCopy(found.result(), self._imported)
        self.copies.append(copy)
        if self.automatic:
            copy.finish()
        return copy.operation

    def _imported(self, source: ModelFile) -> ImportedModel:
        name = f"{MODELS_FOLDER}/{PurePath(source.path).name}"
        if any(model.path == name for model in self.models):
            return ImportedModel(replace(source, path=name, source="own"), already=True)
        return ImportedModel(self._arrive(replace(source, path=name, source="own")))

    def _arrive(self, model: ModelFile) -> ModelFile:
        self.models = (*self.models, model)
        self.fits = {**self.fits, model.path: FITS}
        self.tell(ModelsChanged())
        return model

    # ── changing and going ──

    def quantize_model(
        self, path: str, quantization: str, *, measure: bool = True, text: str = ""
    ) -> Operation[QuantizedModel]:
        def checked() -> tuple[ModelFile, str]:
            source = self._model(path)
            try:
                to = type_named(quantization)
            except EngineError as error:
                raise Reported.of(error) from error
            if source.quantization == to.name:
                raise SameQuantization(path=path, quantization=to.name)
            return source, to.name

        found = self._now("quantize_model", checked, path, quantization, measure, text)
        if found.error() is not None:
            return self._failed(found.error())
        job = FakeQuantizing(*found.result(), measure, self._quantized)
        self.quantizings.append(job)
        if self.automatic:
            play(job)
        return job.operation

    def _quantized(self, source: ModelFile, quantization: str) -> ModelFile:
        stem = PurePath(source.path).stem.removesuffix("." + source.quantization)
        made = replace(
            source,
            path=f"{MODELS_FOLDER}/{stem}.{quantization}.gguf",
            quantization=quantization,
            size_bytes=round(source.parameters * type_named(quantization).bits / 8),
            source="own",
        )
        return self._arrive(made)

    def remove_model(self, path: str) -> Operation[tuple[str, ...]]:
        def work() -> tuple[str, ...]:
            found = [model for model in self.models if model.path == path]
            if not found:
                raise Reported(Problem("model_missing", {"path": path}))
            if found[0].source != "own":
                raise ModelNotOurs(path=path, folder=MODELS_FOLDER)
            self.models = tuple(model for model in self.models if model.path != path)
            return (path,)

        operation: Operation[tuple[str, ...]] = self._now("remove_model", work, path)
        if operation.error() is None:
            if self.settings["model_path"] == path:
                self.settings["model_path"] = ""
            if self.engine.model is not None and self.engine.model.path == path:
                self.tell(EngineStatus("no_model"))
            self.tell(ModelsChanged())
        return operation

    # ── loading ──

    def _model(self, path: str) -> ModelFile:
        path = self.aliases.get(path, path)
        for model in (*self.models, *self.elsewhere):
            if model.path == path:
                if model.problem is not None:
                    raise Reported(model.problem)
                return model
        raise Reported(Problem("model_missing", {"path": path}))

    def list_devices(self) -> Operation[tuple[Device, ...]]:
        return self._now("list_devices", lambda: self.devices)

    def load_model(self, path: str) -> Operation[LoadedModel]:
        found = self._now("load_model", lambda: self._model(path), path)
        loading = FakeLoading(path, self.tell, self.engine)
        self.loadings.append(loading)
        error = found.error()
        if error is not None:
            loading.fail(error.problem())
        else:
            self.settings["model_path"] = path
            loading.model = loaded(found.result())
            if self.automatic:
                play_loading(loading)
        return loading.operation

    def model_choice(self, path: str) -> ModelChoice:
        return self.choices.get(path, ModelChoice())

    def set_model_choice(self, path: str, choice: ModelChoice) -> Operation[None]:
        def work() -> None:
            if choice.template not in ("", COMPLETION, CUSTOM, *NAMES):
                raise Reported(Problem("unknown_template", {"name": choice.template}))
            self.choices[path] = choice

        operation: Operation[None] = self._now("set_model_choice", work, path, choice)
        if operation.error() is None:
            self.tell(ModelsChanged())
        return operation

    def unload_model(self) -> Operation[None]:
        operation = self._now("unload_model", lambda: None)
        self.tell(EngineStatus("no_model"))
        return operation
