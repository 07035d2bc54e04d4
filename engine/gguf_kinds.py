"""What a GGUF file is if it is no model that writes: told from its header, before native code sees it.

`general.type` as gguf-py's GGUFType names it; older files say it by their architecture alone.
"""

from collections.abc import Mapping
from typing import Final

from engine.errors import ModelCannotChat, ModelFileError, ModelIsAdapter, ModelIsMatrix, ModelIsProjector
from engine.gguf_header import ModelHeader

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


def check_writes(header: ModelHeader) -> None:
    """Raises ModelIsAdapter, ModelIsProjector or ModelIsMatrix; ModelCannotChat for a model that embeds."""
    kind = _BY_KIND.get(header.kind) or _BY_ARCHITECTURE.get(header.architecture)
    if kind is not None:
        raise kind(path=header.path)
    if not header.causal or "bert" in header.architecture or header.architecture == "t5encoder":
        # llama.cpp aborts the process when such a model gets a window larger than it was trained with
        raise ModelCannotChat(path=header.path)
