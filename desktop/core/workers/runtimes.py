"""Which llama.cpp the engine starts with: the person's choice, what is there, and what did not work.

Loads nothing: folders are looked through, and a worker that could not start with one says so.
"""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from desktop.core.errors import CoreError
from desktop.core.types import Problem
from engine import runtimes
from engine.errors import EngineError, RuntimeFailed, RuntimeUnusable, RuntimeWithoutGpu
from engine.runtimes import BUILT_IN, FOLDER_OPTION, GPU_PURPOSES, NEEDS_GPU_OPTION, RuntimeFolder

AUTO: Final = "auto"

log = logging.getLogger(__name__)


class Runtimes:
    """Asked at every start of the engine. What failed is not tried again until the choice changes."""

    def __init__(self, parent: Path, wanted: Callable[[], str], shipped: Path | None = None) -> None:
        """`parent`: the person's folder of runtime folders; `shipped`: the installed program's.

        `wanted`: "auto", "built-in", a name in one of them, or a path.
        """
        self._parents = (parent, shipped) if shipped is not None else (parent,)
        self._wanted = wanted
        self._heard = ""  # the choice that what follows belongs to
        self._given_up: dict[Path, Problem | None] = {}
        self._current: RuntimeFolder | None = None
        self._proven = False

    @property
    def problem(self) -> Problem | None:
        """Why not the runtime that was wanted."""
        return next((problem for problem in self._given_up.values() if problem is not None), None)

    @property
    def may_find_gpus(self) -> bool:
        """Whether asking the engine for its devices can tell more than the machine's own memory."""
        return self._chosen() is not None or runtimes.built_in_is_for_gpu()

    def arguments(self) -> tuple[str, ...]:
        """What the engine's worker is started with."""
        self._current, self._proven = self._chosen(), False
        if self._current is None:
            return ()
        options = (FOLDER_OPTION, str(self._current.path))
        return (*options, NEEDS_GPU_OPTION) if self._wanted() == AUTO else options

    def proven(self) -> None:
        """A model was loaded with it: what goes wrong now is not its fault."""
        self._proven = True

    def give_up(self, error: CoreError) -> bool:
        """The worker failed before it had loaded anything: whether another start will be different."""
        current = self._current
        if current is None or self._proven or current.path in self._given_up:
            return False
        self._given_up[current.path] = _problem(current, error.problem())
        log.warning("the runtime %s is given up: %s", current.name, error)
        return True

    def _chosen(self) -> RuntimeFolder | None:
        wanted = self._wanted() or AUTO
        if wanted != self._heard:
            self._heard = wanted
            self._given_up.clear()
        for path in self._candidates(wanted):
            if path in self._given_up:
                continue
            try:
                found = runtimes.opened(path)
            except RuntimeUnusable as error:
                self._given_up[path] = _told(error)
                continue
            if wanted != AUTO or found.for_gpu:
                return found
        return None

    def _candidates(self, wanted: str) -> Iterator[Path]:
        if wanted == BUILT_IN:
            return
        if wanted != AUTO:
            # an absolute path stays itself
            places = [parent / Path(wanted).expanduser() for parent in self._parents]
            yield next((place for place in places if place.exists()), places[0])
            return
        found = (folder for parent in self._parents for folder in runtimes.folders(parent))
        # sorted() keeps the order of equals: what the person put there goes before what came along
        yield from sorted(found, key=_rank)


def _rank(path: Path) -> tuple[int, str]:
    """The likely fastest first, by the folder's name."""
    ranks = [rank for rank, purpose in enumerate(GPU_PURPOSES) if purpose in path.name.lower()]
    return (min(ranks, default=len(GPU_PURPOSES)), path.name)


def _problem(runtime: RuntimeFolder, problem: Problem) -> Problem | None:
    """What a person is told. Nothing where a GPU was only hoped for."""
    if problem.code == RuntimeWithoutGpu.code:
        return None
    if problem.code.startswith("runtime_"):
        return problem
    how = str(problem.params.get("how", "")) or problem.code
    return _told(RuntimeFailed(problem.detail, runtime=runtime.name, how=how))


def _told(error: EngineError) -> Problem:
    info = error.info()
    return Problem(info.code, dict(info.params), info.detail)
