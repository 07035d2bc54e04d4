"""How each worker is started: entry point, arguments, environment, log. Starts none."""

from pathlib import Path

from desktop.core.places import Places
from desktop.core.settings import Settings
from desktop.core.supervisor import Launch

EMBEDDING_MODEL = Path("embeddings") / "multilingual-e5-small"


class Launches:
    """Asked at every start, so that a changed setting counts from the next start on."""

    def __init__(self, places: Places, settings: Settings) -> None:
        self._places = places
        self._settings = settings

    def engine(self) -> Launch:
        return Launch("engine.worker", self._places.logs_dir / "engine.log")

    def library(self) -> Launch:
        places = self._places
        return Launch(
            "rag.library_worker",
            places.logs_dir / "library.log",
            ("--data", str(places.library_dir), "--logs", str(places.logs_dir)),
        )

    def embedder(self) -> Launch:
        # a hub name would be looked up on the network for 80 s; a model is a folder here
        return Launch(
            "rag.embedder_worker",
            self._places.logs_dir / "embedder.log",
            ("--model", str(self.embedding_model())),
            {"HF_HUB_OFFLINE": "1"},
        )

    def reader(self) -> Launch:
        return Launch("rag.reader_worker", self._places.logs_dir / "reader.log")

    def embedding_model(self) -> Path:
        chosen = self._settings.text("embedder_path")
        return Path(chosen) if chosen else self._places.models / EMBEDDING_MODEL
