"""The models there are: in the models folder, in a person's own folders, and with other programs.

Says what each one is, in which order they stand and which one to take. Changes no file.
"""

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from msgspec.structs import replace

from desktop.core.errors import Cancelled, NoModel, Reported
from desktop.core.models.facts import Fact, Facts
from desktop.core.models.sources import Found, Store, models_of
from desktop.core.models.splits import Split, grouped, split_of
from desktop.core.models.walking import Cancel, gguf_files
from desktop.core.types.models import ModelFile

EMBEDDINGS = "embeddings"  # the folder beside the chat models that holds no chat model
# people sort their own models by maker
OWN_DEPTH = 1

_KEPT_BY_OTHERS = ("lmstudio", "jan", "ollama", "gpt4all", "huggingface")


def never() -> bool:
    return False


class ModelShelf:
    """All places together. Headers are read once per version of a file."""

    def __init__(
        self,
        folder: Path,
        facts: Facts | None = None,
        stores: tuple[Store, ...] = (),
        folders: Callable[[], str] = lambda: "",
        shipped: Path | None = None,
    ) -> None:
        """`stores`: those of other programs. `folders`: the person's own ones now, one in each line.

        `shipped`: models that were installed with the program.
        """
        self.folder = folder
        self.facts = facts or Facts()
        self._stores = stores
        self._folders = folders
        self._shipped = shipped

    def all(self, chosen: str = "", cancelled: Cancel = never) -> tuple[ModelFile, ...]:
        """Every model, and the chosen one: the person's own by name, then those of other programs.

        Broken ones carry their problem. A file that several places lead to is listed once. Raises Cancelled;
        headers that were read until then are not read again.
        """
        try:
            return tuple(sorted(self._listed(chosen, self._found(cancelled), cancelled), key=_order))
        finally:
            self.facts.save()

    def own(self) -> list[Split]:
        """The models of the models folder."""
        return grouped(gguf_files(self.folder, OWN_DEPTH, never, EMBEDDINGS))

    def inspect(self, path: str) -> ModelFile:
        """A model, by any of its files. Raises (reported) what keeps it from loading."""
        model = self.described(split_of(Path(path).expanduser().absolute()))
        if model.problem is not None:
            raise Reported(model.problem)
        return model

    def described(self, split: Split) -> ModelFile:
        """A model by its files, with what is wrong with it. Raises nothing."""
        return self._model(split, self.facts.of(split.first), self._place(split.first))

    def first_part(self, path: str) -> str:
        """The file that stands for a model in several files, by any of them; of others the file itself.

        Raises ModelPartsMissing: llama.cpp would only say that it cannot open a file.
        """
        split = split_of(Path(path))
        missing = split.missing()
        if missing is not None:
            raise missing
        return str(split.first)

    def choose(self, chosen: str) -> str:
        """The chosen file, else the first that can chat, the person's own before those of other programs.

        Raises NoModel, and (reported) what is wrong with the only ones there are.
        """
        if chosen:
            return chosen
        # every question without a choice comes here: our own folder first, and mostly that is all
        near = itertools.chain(self._in_folder(never), self._with_the_program(never))
        for model in sorted(self._listed("", near, never), key=_order):
            if model.problem is None and model.has_chat_template:
                return model.path
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
        raise NoModel(folder=str(self.folder))

    # ── from files to models ──

    def _listed(self, chosen: str, files: Iterable[Found], cancelled: Cancel) -> Iterator[ModelFile]:
        seen: set[str] = set()
        for split, found in _models(files):
            # links of one store, and stores inside a folder of the person's, lead to the same bytes
            real = os.path.realpath(split.first)
            if real in seen:
                continue
            seen.add(real)
            if cancelled():
                raise Cancelled
            fact = self.facts.of(split.first)
            if fact.chats or found.source not in _KEPT_BY_OTHERS:
                yield self._model(split, fact, found)
        if chosen:
            split = split_of(Path(chosen).absolute())
            if os.path.realpath(split.first) not in seen:
                yield self.described(split)

    def _in_folder(self, cancelled: Cancel) -> Iterator[Found]:
        for path in gguf_files(self.folder, OWN_DEPTH, cancelled, EMBEDDINGS):
            yield Found(path.absolute(), "own")

    def _with_the_program(self, cancelled: Cancel) -> Iterator[Found]:
        if self._shipped is not None:
            for path in gguf_files(self._shipped, OWN_DEPTH, cancelled, EMBEDDINGS):
                yield Found(path.absolute(), "shipped")

    def _found(self, cancelled: Cancel) -> Iterator[Found]:
        yield from self._in_folder(cancelled)
        yield from self._with_the_program(cancelled)
        for folder in self._own_folders():
            yield from models_of(Store("folder", folder), cancelled)
        for store in self._stores:
            yield from models_of(store, cancelled)

    def _place(self, path: Path) -> Found:
        """Where a file belongs, by its path alone; what Ollama calls it stands in its manifests."""
        if path.is_relative_to(self.folder):
            return Found(path, "own")
        if self._shipped is not None and path.is_relative_to(self._shipped):
            return Found(path, "shipped")
        if any(path.is_relative_to(folder) for folder in self._own_folders()):
            return Found(path, "folder")
        for store in self._stores:
            if path.is_relative_to(store.folder):
                known = (found for found in models_of(store, never) if found.path == path)
                return next(known, Found(path, store.source))
        return Found(path, "file")

    def _own_folders(self) -> list[Path]:
        folders = [Path(line.strip()).expanduser() for line in self._folders().splitlines() if line.strip()]
        return [folder for folder in folders if folder.is_absolute()]

    def _model(self, split: Split, fact: Fact, found: Found) -> ModelFile:
        model = replace(fact.model, source=found.source, label=found.shown_label)
        if found.label:
            model = replace(model, name=found.shown_label)
        if split.count == 1:
            return replace(model, sha256=(fact.sha256,) if fact.sha256 else ())
        facts = [self.facts.of(part) for part in split.parts.values()]
        parts = [fact.model for fact in facts]
        problems = [part.problem for part in parts if part.problem is not None]
        missing = split.missing()
        return replace(
            model,
            size_bytes=sum(part.size_bytes for part in parts),
            parameters=sum(part.parameters for part in parts),
            parts=split.count,
            sha256=tuple(fact.sha256 for fact in facts) if all(fact.sha256 for fact in facts) else (),
            problem=missing.problem() if missing is not None else next(iter(problems), None),
        )


def _models(found: Iterable[Found]) -> Iterator[tuple[Split, Found]]:
    """The files of one model put together, in the order of the places."""
    places: dict[Path, Found] = {}
    for one in found:
        places.setdefault(one.path, one)
    for split in grouped(places):
        yield split, places[split.first]


def _order(model: ModelFile) -> tuple[int, str, int, str]:
    """Of one model in several sizes the largest first: a smaller copy must not answer in its place."""
    place = 0 if model.source == "own" else 2 if model.source in _KEPT_BY_OTHERS else 1
    return place, model.name.casefold(), -model.size_bytes, model.path
