"""The model files a person has: what their headers say, and which one to take. Loads nothing."""

import threading
from pathlib import Path

import msgspec

from desktop.core.errors import NoModel, Reported
from desktop.core.types import ModelFile
from engine import gguf_header
from engine.errors import ModelFileError
from engine.fit import Fit, Wanted, choose, host

EMBEDDINGS = "embeddings"  # the folder beside the chat models that holds no chat model
SUFFIX = ".gguf"


class ModelShelf:
    """The models folder and single files elsewhere. Headers are read once per version of a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._known: dict[tuple[str, int, int], ModelFile] = {}

    def all(self, chosen: str = "") -> tuple[ModelFile, ...]:
        """Every model file of the folder and the chosen one, by name. Broken ones carry their problem."""
        paths = {path.absolute() for path in self._files()}
        if chosen:
            paths.add(Path(chosen).absolute())
        models = (self._described(path) for path in paths)
        return tuple(sorted(models, key=lambda model: (model.name.casefold(), model.path)))

    def inspect(self, path: str, context_tokens: int | None = None) -> ModelFile:
        """A file's header, and how it fits this machine now, with that context or the model's own.

        Raises (reported) what keeps the file from loading.
        """
        where = Path(path).expanduser().absolute()
        model = self._described(where)
        if model.problem is not None:
            raise Reported(model.problem)
        return msgspec.structs.replace(model, fit=_fit(where, context_tokens))

    def choose(self, chosen: str) -> str:
        """The chosen file, else the first of the folder that can chat.

        Raises NoModel, and (reported) what is wrong with the only ones there are.
        """
        if chosen:
            return chosen
        models = self.all()
        loadable = [model for model in models if model.problem is None]
        for model in loadable:
            if model.has_chat_template:
                return model.path
        if loadable:
            return loadable[0].path
        for model in models:
            if model.problem is not None:  # half a download must not look like no model at all
                raise Reported(model.problem)
        raise NoModel(folder=str(self._folder))

    def _files(self) -> list[Path]:
        """Files below the folder, also one folder deep, as people sort them by maker."""
        found = []
        for pattern in (f"*{SUFFIX}", f"*/*{SUFFIX}"):
            try:
                found += [p for p in self._folder.glob(pattern) if p.parent.name != EMBEDDINGS]
            except OSError:  # a folder without permission: the other ones still count
                continue
        return found

    def _described(self, path: Path) -> ModelFile:
        try:
            status = path.stat()
            key = (str(path), status.st_mtime_ns, status.st_size)
        except OSError:
            return _describe(path)  # the header reader says what is wrong
        with self._lock:
            known = self._known.get(key)
        if known is None:
            known = _describe(path)
            with self._lock:
                self._known[key] = known
        return known


def _fit(path: Path, context_tokens: int | None) -> Fit | None:
    """On the machine's own memory: only the engine's process knows its GPUs. None for half a model."""
    try:
        header = gguf_header.inspect(path)
    except ModelFileError as error:  # it changed under our hands
        raise Reported.of(error) from error
    if header.split_files > 1:  # the other files' weights are not in this header
        return None
    return choose(header, (host(),), Wanted(context_tokens))


def _describe(path: Path) -> ModelFile:
    try:
        header = gguf_header.inspect(path)
    except ModelFileError as error:
        # as the error has it: a name may hold bytes that no message can carry
        shown = Path(str(error.params["path"]))
        return ModelFile(str(shown), shown.stem, problem=Reported.of(error).problem())
    return _model_file(header)


def _model_file(header: gguf_header.ModelHeader) -> ModelFile:
    return ModelFile(
        path=header.path,
        name=header.title,
        architecture=header.architecture,
        parameters=header.parameters,
        quantization=header.quantization,
        trained_context_tokens=header.trained_context_tokens,
        layers=header.layers,
        size_bytes=header.size_bytes,
        has_chat_template=header.chat_template is not None,
        licence=header.licence,
    )
