"""The models as the page lists them: grouped by who keeps them, filtered, sorted. Pure; asks nobody."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from desktop.core.types.models import HubFile, ModelFile, Source
from desktop.view_models.models import title

SortBy = Literal["name", "size", "parameters"]
SORTS: tuple[SortBy, ...] = ("name", "size", "parameters")
OWN: tuple[Source, ...] = ("own", "shipped", "folder", "file")
OTHERS: tuple[Source, ...] = ("lmstudio", "jan", "ollama", "gpt4all", "huggingface")

# what people mostly take: the smallest file that still answers nearly as well as the whole model
_BEST = ("Q4_K_M", "Q5_K_M", "Q4_K_S", "Q5_K_S", "Q6_K", "IQ4_XS", "IQ4_NL", "Q4_1", "Q4_0", "Q8_0")
_NEXT = ("Q3_K_L", "Q3_K_M", "IQ3_M", "Q3_K_S", "IQ3_XS", "Q2_K")


class Group(msgspec.Struct, frozen=True):
    """Models under one heading. `source` None: the person's own."""

    source: Source | None
    models: tuple[ModelFile, ...]


def groups(models: Iterable[ModelFile], query: str = "", sort: SortBy = "name") -> tuple[Group, ...]:
    """The person's own models, then those of each program that keeps some. Empty groups are left out."""
    wanted = [model for model in models if matches(model, query)] if query.strip() else list(models)
    found = [Group(None, _sorted((m for m in wanted if m.source in OWN), sort))]
    found += [Group(source, _sorted((m for m in wanted if m.source == source), sort)) for source in OTHERS]
    return tuple(group for group in found if group.models)


def matches(model: ModelFile, query: str) -> bool:
    """Whether every word of the query stands in what a card says of the model; accents do not matter."""
    said = _plain(" ".join((title(model), model.name, model.architecture, model.quantization, model.licence)))
    return all(word in said for word in _plain(query).split())


def recommended(files: Sequence[HubFile]) -> HubFile | None:
    """The file of a repository that most people are best served with on this machine; None: none fits.

    Of those that fit as they are, the one with the quantization that keeps most for its size.
    """
    fitting = [file for file in files if file.fit is not None and file.fit.verdict == "fits"]
    order = {name: place for place, name in enumerate((*_BEST, *_NEXT))}
    known = [file for file in fitting if file.quantization.upper() in order]
    if known:
        return min(known, key=lambda file: order[file.quantization.upper()])
    if fitting:
        return max(fitting, key=lambda file: file.size_bytes)
    slower = [file for file in files if file.fit is not None and file.fit.verdict != "does_not_fit"]
    return min(slower, key=lambda file: file.size_bytes) if slower else None


def _sorted(models: Iterable[ModelFile], sort: SortBy) -> tuple[ModelFile, ...]:
    def place(model: ModelFile) -> tuple[int, str, str]:
        amount = {"name": 0, "size": model.size_bytes, "parameters": model.parameters}[sort]
        return amount, _plain(title(model)), model.path

    return tuple(sorted(models, key=place))


def _plain(text: str) -> str:
    if text.isascii():
        return text.casefold()
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in split if not unicodedata.combining(letter))
