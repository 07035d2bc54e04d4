"""The models part of the fake core: lists, loads, imports and removes values, never files."""

from collections.abc import Callable
from pathlib import PurePath
from typing import Any, TypeVar

from msgspec.structs import replace

from desktop.core.errors import ModelNotOurs, Reported, SameQuantization
from desktop.core.events import CopyingModel, CoreEvent, EngineStatus, ModelsChanged, QuantizingModel
from desktop.core.operations import Operation
from desktop.core.types import ImportedModel, Measured, ModelChoice, ModelFile, Problem, QuantizedModel
from engine.devices import Device
from engine.errors import EngineError
from engine.protocol import LoadedModel
from engine.quantization import type_named
from engine.template_texts import COMPLETION, CUSTOM, NAMES
from tests.fakes.hub import FakeHub
from tests.fakes.jobs import FakeLoading, play_loading
from tests.fakes.samples import loaded

R = TypeVar("R")
MODELS_FOLDER = "/home/ana/.local/share/sobremesa/models"


class FakeModels(FakeHub):
    """What FakeCore inherits; the rest of it stands there."""

    automatic: bool
    models: tuple[ModelFile, ...]
    engine: EngineStatus
    devices: tuple[Device, ...] = (Device("CPU", "cpu", 6_000_000_000, 8_000_000_000),)
    settings: dict[str, object]
    loadings: list[FakeLoading]
    choices: dict[str, ModelChoice]
    tell: Callable[[CoreEvent], None]
    _now: Callable[..., Operation[Any]]

    def list_models(self) -> Operation[tuple[ModelFile, ...]]:
        return self._now("list_models", lambda: self.models)

    def inspect_model(self, path: str, *, sha256: bool = False) -> Operation[ModelFile]:
        def work() -> ModelFile:
            return replace(self._model(path), sha256=("ab" * 32,) if sha256 else ())

        return self._now("inspect_model", work, path)

    def import_model(self, path: str) -> Operation[ImportedModel]:
        operation: Operation[ImportedModel] = self._now("import_model", lambda: self._imported(path), path)
        if operation.error() is None:
            operation.emit(
                CopyingModel(operation.result().model.size_bytes, operation.result().model.size_bytes)
            )
            self.tell(ModelsChanged())
        return operation

    def _imported(self, path: str) -> ImportedModel:
        source = self._model(path)
        name = f"{MODELS_FOLDER}/{PurePath(path).name}"
        if any(model.path == name for model in self.models):
            return ImportedModel(replace(source, path=name, source="own"), already=True)
        brought = replace(source, path=name, source="own")
        self.models = (*self.models, brought)
        return ImportedModel(brought)

    def quantize_model(
        self, path: str, quantization: str, *, measure: bool = True, text: str = ""
    ) -> Operation[QuantizedModel]:
        def work() -> QuantizedModel:
            return self._quantized(path, quantization, measure)

        asked = (path, quantization, measure, text)
        operation: Operation[QuantizedModel] = self._now("quantize_model", work, *asked)
        if operation.error() is None:
            stages = ("measuring_before", "quantizing", "measuring_after") if measure else ("quantizing",)
            for stage in stages:
                operation.emit(QuantizingModel(stage, 1.0))
            self.tell(ModelsChanged())
        return operation

    def _quantized(self, path: str, quantization: str, measure: bool) -> QuantizedModel:
        source = self._model(path)
        try:
            to = type_named(quantization)
        except EngineError as error:
            raise Reported.of(error) from error
        if source.quantization == to.name:
            raise SameQuantization(path=path, quantization=to.name)
        size_bytes = round(source.parameters * to.bits / 8)
        made = replace(
            source,
            path=f"{MODELS_FOLDER}/{source.name}.{to.name}.gguf",
            quantization=to.name,
            size_bytes=size_bytes,
            source="own",
        )
        self.models = (*self.models, made)
        before, after = (
            (Measured(12.0, 1020), Measured(12.0 + 4 / to.bits, 1020)) if measure else (None, None)
        )
        return QuantizedModel(made, source.size_bytes, size_bytes, before, after)

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

    def _model(self, path: str) -> ModelFile:
        for model in self.models:
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
