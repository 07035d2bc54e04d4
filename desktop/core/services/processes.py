"""Which processes work for the core, for whoever looks after them."""

from desktop.core.models.services import ModelServices
from desktop.core.workers.engine import EngineClient
from desktop.core.workers.library import LibraryClient


class ProcessServices:
    """What `Services` inherits."""

    _engine: EngineClient
    _models: ModelServices
    _library: LibraryClient

    @property
    def engine_pid(self) -> int | None:
        """The engine worker's process, while there is one."""
        return self._engine.pid

    @property
    def hub_pids(self) -> tuple[int, ...]:
        return self._models.hub_pids

    @property
    def jobs_pid(self) -> int | None:
        """The process that works on a model file, while there is one."""
        return self._models.jobs_pid

    @property
    def library_pid(self) -> int | None:
        return self._library.pid
