"""How each worker is started: entry point, arguments, environment, log. Starts none."""

import os
from dataclasses import replace
from pathlib import Path

from desktop.core.places import Places
from desktop.core.runtimes import Runtimes
from desktop.core.settings import Settings
from desktop.core.supervisor import Launch

RUNTIME_VARIABLE = "SOBREMESA_RUNTIME"  # goes before the setting, for one run
# no worker but the hub's has a reason to ask the network, whatever the person allows
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
# without what huggingface_hub does besides: another protocol, tokens that others stored, news of itself, logs
# with tokens in them
ONLINE = {
    "HF_HUB_OFFLINE": "0",
    "TRANSFORMERS_OFFLINE": "0",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DEBUG": "0",
}
EMBEDDING_MODEL = Path("embeddings") / "multilingual-e5-small"


class Launches:
    """Asked at every start, so that a changed setting counts from the next start on."""

    def __init__(self, places: Places, settings: Settings) -> None:
        self._places = places
        self._settings = settings
        self.runtimes = Runtimes(places.runtimes_dir, self._wanted_runtime)

    def engine(self) -> Launch:
        log_path = self._places.logs_dir / "engine.log"
        return Launch("engine.worker", log_path, self.runtimes.arguments(), OFFLINE)

    def model_jobs(self) -> Launch:
        """An engine of its own for long work on model files: the chat's goes on meanwhile."""
        return replace(self.engine(), log_path=self._places.logs_dir / "models.log")

    def vocabulary(self) -> Launch:
        """An engine that loads no weights: whichever llama.cpp is built in will do."""
        return Launch("engine.worker", self._places.logs_dir / "vocabulary.log")

    def template(self) -> Launch:
        return Launch("engine.template_worker", self._places.logs_dir / "template.log")

    def library(self) -> Launch:
        places = self._places
        return Launch(
            "rag.library_worker",
            places.logs_dir / "library.log",
            ("--data", str(places.library_dir), "--logs", str(places.logs_dir)),
            OFFLINE,
        )

    def embedder(self) -> Launch:
        # offline: a hub name would be looked up for 80 s; a model is a folder here
        return Launch(
            "rag.embedder_worker",
            self._places.logs_dir / "embedder.log",
            ("--model", str(self.embedding_model())),
            OFFLINE,
        )

    def reader(self) -> Launch:
        return Launch("rag.reader_worker", self._places.logs_dir / "reader.log", environment=OFFLINE)

    def hub(self, address: str, log: Path | None = None) -> Launch:
        """The one worker that may ask the network, started only for what a person has allowed."""
        return Launch(
            "desktop.core.hub.worker",
            log or self._places.logs_dir / "hub.log",
            ("--address", address),
            {**ONLINE, "HF_ENDPOINT": address},
        )

    def _wanted_runtime(self) -> str:
        return os.environ.get(RUNTIME_VARIABLE, "") or self._settings.text("runtime")

    def embedding_model(self) -> Path:
        chosen = self._settings.text("embedder_path")
        return Path(chosen) if chosen else self._places.models / EMBEDDING_MODEL
