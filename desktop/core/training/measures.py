"""How good runs are: measured by a trainer, and kept with them. Trains nothing.

ID/measures.json   a list, the newest first, replaced whole
"""

import time
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from desktop.core.operations import Operation
from desktop.core.private_files import write_private
from desktop.core.training.store import RunStore
from desktop.core.training.trainers import Trainers
from desktop.core.types.training import RunMeasure
from engine.train.protocol import Evaluate, Evaluated

FILE: Final = "measures.json"
ROWS: Final = (".csv", ".tsv", ".json", ".jsonl")
MOST_GUESSES: Final = 5000  # that are kept: a file of examples may be large


class Measures:
    """Of the runs of a store."""

    def __init__(self, store: RunStore, trainers: Trainers) -> None:
        self._store, self._trainers = store, trainers

    def take(self, run: str, path: str, operation: Operation[Any]) -> RunMeasure:
        """Measure a run, and keep it. `path`: a file of text or of rows; "": what it held out.

        Raises RunMissing, and (reported) what the trainer refuses.
        """
        step = self._store.load(run).step
        found = self.of_model(str(self._store.trainer_path(run)), path, operation)
        return self._keep(run, replace(found, step=step))

    def of_model(self, model: str, path: str, operation: Operation[Any]) -> RunMeasure:
        """Measure a model that lies at a path; nothing is kept."""
        rows = path if Path(path).suffix.lower() in ROWS else ""
        texts = (path,) if path and not rows else ()
        said = self._trainers.ask(Evaluate(model, texts, rows), Evaluated, operation)
        return RunMeasure(said.texts, said.labels, said.guesses, said.answered, path, 0, time.time())

    def all(self, run: str) -> tuple[RunMeasure, ...]:
        """See `TrainingCore.run_measures`. Raises RunMissing. What was edited by hand is as if it were not
        there: it can be measured again."""
        try:
            data = (self._store.path(run) / FILE).read_bytes()
            return msgspec.json.decode(data, type=tuple[RunMeasure, ...])
        except (OSError, msgspec.MsgspecError, ValueError):
            return ()

    def _keep(self, run: str, measure: RunMeasure) -> RunMeasure:
        """Raises StorageFull, DataUnwritable."""
        kept = replace(measure, guesses=measure.guesses[:MOST_GUESSES])
        same = (measure.path, measure.step)
        others = [one for one in self.all(run) if (one.path, one.step) != same]
        write_private(self._store.path(run) / FILE, msgspec.json.encode([kept, *others]))
        return measure
