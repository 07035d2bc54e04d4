"""What a GGUF file is if it is no model that writes: told from its header, before native code sees it.

`general.type` as gguf-py's GGUFType names it; older files say it by their architecture alone.
"""

from collections.abc import Mapping
from typing import Final

from engine.errors import (
    ModelCannotChat,
    ModelCannotEmbed,
    ModelFileError,
    ModelIsAdapter,
    ModelIsMatrix,
    ModelIsProjector,
    ModelRanks,
)
from engine.gguf_header import ModelHeader
from engine.protocol import Pooling

_BY_KIND: Final[Mapping[str, type[ModelFileError]]] = {
    "adapter": ModelIsAdapter,
    "mmproj": ModelIsProjector,
    "imatrix": ModelIsMatrix,
}
_BY_ARCHITECTURE: Final[Mapping[str, type[ModelFileError]]] = {
    "clip": ModelIsProjector,
    "controlvector": ModelIsAdapter,
    "imatrix": ModelIsMatrix,
}

# llama.cpp's numbers (llama_pooling_type), which are also those of the file
POOLINGS: Final[dict[int, Pooling]] = {1: "mean", 2: "cls", 3: "last"}
RANKS: Final = 4


def pooling_of(header: ModelHeader, wanted: Pooling | None) -> Pooling:
    """How the vectors of a text's tokens become one. Raises ModelRanks, ModelCannotEmbed."""
    if header.pooling == RANKS:
        raise ModelRanks(path=header.path)
    found = wanted or POOLINGS.get(header.pooling)
    if found is None:
        raise ModelCannotEmbed(path=header.path)
    return found


def check_model(header: ModelHeader) -> None:
    """Raises ModelIsAdapter, ModelIsProjector or ModelIsMatrix."""
    kind = _BY_KIND.get(header.kind) or _BY_ARCHITECTURE.get(header.architecture)
    if kind is not None:
        raise kind(path=header.path)


def check_writes(header: ModelHeader) -> None:
    """Raises what `check_model` raises, and ModelCannotChat for a model that embeds."""
    check_model(header)
    if not header.causal or "bert" in header.architecture or header.architecture == "t5encoder":
        # llama.cpp aborts the process when such a model gets a window larger than it was trained with
        raise ModelCannotChat(path=header.path)
