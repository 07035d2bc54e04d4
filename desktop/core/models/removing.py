"""Put models of the models folder into the system's trash. Touches nothing that another program keeps."""

import os
from pathlib import Path

from desktop.core.errors import ModelNotOurs, ModelNotRemoved, Reported
from desktop.core.models.shelf import ModelShelf
from desktop.core.models.splits import Split
from engine.errors import ModelMissing


def removable(path: str, shelf: ModelShelf) -> tuple[str, ...]:
    """The files that would go with the one at `path`. Raises ModelNotOurs and (reported) ModelMissing."""
    return tuple(str(part) for part in _model(path, shelf).parts.values())


def remove(path: str, shelf: ModelShelf) -> tuple[str, ...]:
    """The files that are in the trash now: all parts of the model that the file at `path` is or belongs to.

    Raises ModelNotOurs, ModelNotRemoved and (reported) ModelMissing.
    """
    model = _model(path, shelf)
    gone = tuple(str(part) for part in model.parts.values())
    for part in model.parts.values():
        _discard(part)
    folder = model.first.parent
    if model.count > 1 and folder != shelf.folder and not any(folder.iterdir()):
        folder.rmdir()  # made by the import of a split model; nothing is left in it
    return gone


def _model(path: str, shelf: ModelShelf) -> Split:
    asked = Path(path).expanduser().absolute()
    model = _own(asked, shelf)
    if model is None:
        if not os.path.lexists(asked):
            raise Reported.of(ModelMissing(path=str(asked)))
        raise ModelNotOurs(path=str(asked), folder=str(shelf.folder))
    return model


def _own(asked: Path, shelf: ModelShelf) -> Split | None:
    # by names with their folders resolved, the files themselves not: a link in our folder is ours, and
    # what it leads to is not
    wanted = _placed(asked)
    for model in shelf.own():
        if any(_placed(part) == wanted for part in model.parts.values()):
            return model
    return None


def _placed(path: Path) -> str:
    return os.path.join(os.path.realpath(path.parent), path.name)  # noqa: PTH118  Path.resolve() raises at circles


def _discard(path: Path) -> None:
    # importing it looks for the trash's folder, on Linux for GIO
    from send2trash import send2trash

    try:
        if path.is_symlink():
            path.unlink()  # in the trash a relative link would lead nowhere, and it holds nothing
        else:
            send2trash(str(path))
    except OSError as error:
        raise ModelNotRemoved(str(error), path=str(path)) from error
