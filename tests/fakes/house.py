"""The real core over fake workers, for tests: real processes, stores and threads; no model and no PDF."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from desktop.core.places import Places
from desktop.core.services import Services, open_core
from desktop.core.settings import Settings
from desktop.core.workers.launches import Launches
from desktop.core.workers.supervisor import Launch
from tests.fakes import engine_worker, rag_workers
from tests.fakes.engine_files import write_fake_model

PATIENCE_S = 120.0


class FakeLaunches(Launches):
    """Every worker is a fake one, in a process of its own all the same."""

    def engine(self) -> Launch:
        return Launch(
            engine_worker.MODULE, self._places.logs_dir / "engine.log", (), engine_worker.ENVIRONMENT
        )

    def vocabulary(self) -> Launch:
        return replace(self.engine(), log_path=self._places.logs_dir / "vocabulary.log")

    def library(self) -> Launch:
        return self._rag("library")

    def embedder(self, model: Path) -> Launch:
        return self._rag("embedder")

    def reader(self) -> Launch:
        return self._rag("reader")

    def file_reader(self) -> Launch:
        """The real one: what it reads are files of the tests."""
        return replace(super().reader(), log_path=self._places.logs_dir / "files.log")

    def hub(self, address: str, log: Path | None = None) -> Launch:
        """The real one, which loses patience sooner."""
        real = super().hub(address, log)
        return replace(real, arguments=(*real.arguments, "--tries", "3", "--answer-s", "3"))

    def _rag(self, role: str) -> Launch:
        log_path = self._places.logs_dir / f"{role}.log"
        return Launch(rag_workers.MODULE, log_path, (role,), rag_workers.ENVIRONMENT)


def places_in(folder: Path, does: str = "") -> Places:
    """A data folder, and a models folder with one model of the fake engine; `does`: one of its tricks."""
    models = folder / "models"
    models.mkdir(exist_ok=True)
    write_fake_model(models / "model.gguf", does)
    return Places.of(folder / "data", models)


def open_house(places: Places) -> Services:
    # no other program's models: those of this machine would be in the tests
    core = open_core(places, FakeLaunches(places, Settings(places.settings_file)), others=())
    # what the model does by itself is for the tests that are about it
    core.set_setting("model_titles", False).result(PATIENCE_S)
    return core


@contextmanager
def house(folder: Path, does: str = "") -> Iterator[Services]:
    core = open_house(places_in(folder, does))
    try:
        yield core
    finally:
        core.close()


class Heard:
    """Collects what a core or an operation tells."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def __call__(self, event: object) -> None:
        self.events.append(event)

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]
