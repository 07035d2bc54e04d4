"""Out of a run: a GGUF file, an adapter's file, both whole and checked. Trains nothing."""

from pathlib import Path

from engine.train.coders import OwnCoder
from engine.train.errors import CannotExport
from engine.train.gguf_out import FileKind, write_adapter, write_gguf, write_like
from engine.train.specs import FineTune
from engine.train.tasks import Trained


def export_gguf(trained: Trained, path: Path, *, name: str, kind: FileKind = "F16") -> None:
    """The model of a run as one file that chats. Raises CannotExport, DiskFull."""
    if trained.labels:
        raise CannotExport("it tells labels apart", kind="labels")
    task = trained.kept.task
    weights = trained.whole()
    if isinstance(trained.coder, OwnCoder):
        chats = isinstance(task, FineTune) and task.kind == "answers"
        config = trained.own_config
        write_gguf(path, config, weights, trained.coder.tokenizer, name=name, kind=kind, chats=chats)
        return
    if not isinstance(task, FineTune):
        raise CannotExport(kind=trained.config.kind)
    write_like(path, source_of(trained), trained.own_config, weights, name=name, kind=kind)


def export_adapter(trained: Trained, path: Path, *, name: str) -> None:
    """The low-rank addition of a run, for the file that it was trained on. Raises CannotExport, DiskFull."""
    if trained.adapter is None or trained.labels:
        raise CannotExport("no adapter was learnt", kind="adapter")
    write_adapter(path, trained.config, trained.adapter, trained.alpha, name=name)


def source_of(trained: Trained) -> Path:
    """The GGUF file that a run goes back to, over any number of runs."""
    from engine.train.tasks import read_spec

    task = trained.kept.task
    while isinstance(task, FineTune) and Path(task.base).is_dir():
        task = read_spec(Path(task.base)).task
    if not isinstance(task, FineTune):
        raise CannotExport(kind=trained.config.kind)
    return Path(task.base)
