"""How each worker is started: entry point, arguments, environment, log. Starts none."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from desktop.core.places import Places
from desktop.core.settings import Settings
from desktop.core.workers.runtimes import Runtimes
from desktop.core.workers.supervisor import Launch
from rag.embedding.folder import inspect as inspect_embedder
from rag.errors import RagError
from rag.protocol import OpenWith
from rag.reranking.folder import inspect as inspect_reranker

RUNTIME_VARIABLE = "SOBREMESA_RUNTIME"  # goes before the setting, for one run
# nobody is told how this program is used: as the packages that it stands on want to be told
UNTOLD = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "ANONYMIZED_TELEMETRY": "False",  # Chroma
    "OTEL_SDK_DISABLED": "true",  # OpenTelemetry, which Chroma brings along
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime: from 1.29 on, on every system
    "DO_NOT_TRACK": "1",
}
# no worker but the hub's has a reason to ask the network, whatever the person allows
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", **UNTOLD}
# without what huggingface_hub does besides: another protocol, tokens that others stored, news of itself, logs
# with tokens in them
ONLINE = {
    "HF_HUB_OFFLINE": "0",
    "TRANSFORMERS_OFFLINE": "0",
    **UNTOLD,
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DEBUG": "0",
}
# of whoever multiplies only small matrices: more threads wait for one another longer than they work
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
EMBEDDING_MODEL = Path("embeddings") / "multilingual-e5-small"


class Launches:
    """Asked at every start, so that a changed setting counts from the next start on."""

    def __init__(self, places: Places, settings: Settings) -> None:
        self._places = places
        self._settings = settings
        self.runtimes = Runtimes(places.runtimes_dir, self._wanted_runtime, places.shipped_runtimes_dir)

    def engine(self) -> Launch:
        return self._offline("engine.worker", "engine", *self.runtimes.arguments())

    def second_engine(self) -> Launch:
        """The engine that answers beside the first, where two answers are compared."""
        return replace(self.engine(), log_path=self._places.logs_dir / "second.log")

    def model_jobs(self) -> Launch:
        """An engine of its own for long work on model files: the chat's goes on meanwhile."""
        return replace(self.engine(), log_path=self._places.logs_dir / "models.log")

    def vocabulary(self) -> Launch:
        """An engine that loads no weights: whichever llama.cpp is built in will do."""
        return self._offline("engine.worker", "vocabulary")

    def template(self) -> Launch:
        return self._offline("engine.template_worker", "template")

    def library(self) -> Launch:
        data, logs = str(self._places.library_dir), str(self._places.logs_dir)
        launch = self._offline("rag.library_worker", "library", "--data", data, "--logs", logs)
        launch = replace(launch, environment={**launch.environment, **ONE_THREAD})
        if (key := self._places.keyring.key) is None:
            return launch
        # the key goes over the pipe: arguments and environments can be read by others
        return replace(launch, arguments=(*launch.arguments, "--sealed"), first=OpenWith(key.secret))

    def embedder(self, model: Path) -> Launch:
        # offline: a hub name would be looked up for 80 s; a model is a folder here
        launch = self._offline("rag.embedder_worker", "embedder", "--model", str(model))
        return self._with_torch(launch, lambda: inspect_embedder(model).form)

    def reranker(self, folder: Path) -> Launch:
        launch = self._offline("rag.reranker_worker", "reranker", "--model", str(folder))
        return self._with_torch(launch, lambda: inspect_reranker(folder).form)

    def _with_torch(self, launch: Launch, form: Callable[[], str]) -> Launch:
        """By the add-on, where a model has no form that the installed program reads by itself."""
        program = self._places.torch_program
        if program is None:
            return launch
        try:
            return launch if form() == "onnx" else replace(launch, program=program)
        except RagError:
            return launch  # the worker says what is wrong with it

    def gguf_embedder(self) -> Launch:
        """An engine of its own for a model that embeds: the chat's goes on meanwhile."""
        return replace(self.engine(), log_path=self._places.logs_dir / "embedder-gguf.log")

    def reader(self) -> Launch:
        return self._offline("rag.reader_worker", "reader")

    def file_reader(self) -> Launch:
        """A reader of its own for what is attached: a page in the viewer does not wait for it."""
        return replace(self.reader(), log_path=self._places.logs_dir / "files.log")

    def trainer(self) -> Launch:
        return self._offline("engine.train.worker", "trainer")

    def inside(self) -> Launch:
        """A trainer that only looks: what learns goes on meanwhile."""
        return self._offline("engine.train.worker", "inside")

    def hub(self, address: str, log: Path | None = None) -> Launch:
        """The one worker that may ask the network, started only for what a person has allowed."""
        return Launch(
            "desktop.core.hub.worker",
            log or self._places.logs_dir / "hub.log",
            ("--address", address),
            {**ONLINE, "HF_ENDPOINT": address},
        )

    def _offline(self, module: str, name: str, *arguments: str) -> Launch:
        """Of a worker that has no business with the network."""
        return Launch(module, self._places.logs_dir / f"{name}.log", arguments, OFFLINE)

    def _wanted_runtime(self) -> str:
        return os.environ.get(RUNTIME_VARIABLE, "") or self._settings.text("runtime")

    def embedding_model(self) -> Path:
        chosen = self._settings.text("embedder_path")
        return Path(chosen) if chosen else default_search_model(self._places)


def search_model_folders(places: Places) -> tuple[Path, ...]:
    """Where models that find passages lie: the person's own, then those that came with the program."""
    shipped = places.shipped_models_dir
    folders = (places.models,) if shipped is None else (places.models, shipped)
    return tuple(folder / EMBEDDING_MODEL.parent for folder in folders)


def default_search_model(places: Places) -> Path:
    """The one that finds passages where none is chosen; the person's own place for it where there is none."""
    found = [folder / EMBEDDING_MODEL.name for folder in search_model_folders(places)]
    return next((path for path in found if path.is_dir()), found[0])
