"""How a run leaves the workshop for the chat: as a model among the person's, or as an adapter for one."""

import re
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from desktop.core.operations import Operation
from desktop.core.training.store import RunStore
from desktop.core.training.trainers import Trainers
from desktop.core.types.training import ExportedRun, RunInfo
from engine.train.protocol import Export, Exported

_STRANGE = re.compile(r"[^\w.-]+")


def leave(
    run: RunInfo, store: RunStore, trainers: Trainers, models: Path, operation: Operation[Any]
) -> ExportedRun:
    """See `TrainingCore.export_run`. `models`: the person's folder."""
    adapter = run.plan.goal == "answer" and run.plan.learn == "lora" and Path(run.plan.base).is_absolute()
    completes = run.plan.goal == "write"
    file = Path(run.exported) if run.exported else None
    if file is None or run.exported_step != run.step or not file.exists():
        models.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = _free(models, _file_name(run) + ("-adapter" if adapter else ""), file)
        kind = "F16" if completes or not Path(run.plan.base).is_absolute() else "Q8_0"
        request = Export(
            str(store.trainer_path(run.id)), str(file), "adapter" if adapter else "gguf", kind,  # type: ignore[arg-type]
            run.plan.name,
        )  # fmt: skip
        trainers.ask(request, Exported, operation)
        store.save(replace(run, exported=str(file), exported_step=run.step))
    size = file.stat().st_size
    if adapter:
        return ExportedRun(run.plan.base, str(file), size)
    return ExportedRun(str(file), "", size, completes)


def _file_name(run: RunInfo) -> str:
    return _STRANGE.sub("-", run.plan.name.strip()).strip("-.") or f"model-{run.id}"


def _free(folder: Path, name: str, before: Path | None) -> Path:
    """A name that no other file has; the one that it had before is its own."""
    number = 1
    while True:
        path = folder / f"{name}{f'-{number}' if number > 1 else ''}.gguf"
        if path == before or not path.exists():
            return path
        number += 1
