"""Which words a model wants in front of questions and of passages. Reads no weights.

They belong to how a model was trained and stand in no GGUF file, so known families are told by their names,
as their model cards say; a file beside the model says it for any other one.
"""

import re
from pathlib import Path
from typing import Literal

import msgspec

from rag.errors import EmbedderDamaged
from rag.protocol import TextKind

Prefixes = dict[TextKind, str]

BESIDE_SUFFIX = ".embedding.json"  # MODEL.gguf has MODEL.embedding.json beside it
MOST_BESIDE_BYTES = 1 << 16
_INSTRUCT = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "
_REPRESENT = "Represent this sentence for searching relevant passages: "

# the first pattern that is found in a name counts; names are lower case, with hyphens between their words
_FAMILIES: tuple[tuple[str, str, str], ...] = (
    (r"\be5-.*instruct", _INSTRUCT, ""),
    (r"\be5\b", "query: ", "passage: "),  # Wang et al. 2024, arXiv:2402.05672
    (r"nomic-embed", "search_query: ", "search_document: "),
    (r"embedding-?gemma", "task: search result | query: ", "title: none | text: "),
    (r"qwen3-embedding", _INSTRUCT, ""),
    (r"\bbge-(small|base|large)-en", _REPRESENT, ""),
    (r"mxbai-embed", _REPRESENT, ""),
    (r"arctic-embed.*-v2", "query: ", ""),
    (r"arctic-embed", _REPRESENT, ""),
)


class Beside(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file beside a model says of it. `pooling` None: as the model's own file says."""

    query: str = ""
    passage: str = ""
    pooling: Literal["mean", "cls", "last"] | None = None

    @property
    def prefixes(self) -> Prefixes:
        return {"query": self.query, "passage": self.passage}


def prefixes_of(*names: str) -> Prefixes:
    """By the first of these names that tells a family; none is known: no prefixes."""
    for name in names:
        plain = re.sub(r"[^a-z0-9]+", "-", name.lower())
        for pattern, query, passage in _FAMILIES:
            if re.search(pattern, plain):
                return {"query": query, "passage": passage}
    return {"query": "", "passage": ""}


def beside(model: Path) -> Beside | None:
    """What stands in the file beside `model`; None: there is none. Raises EmbedderDamaged."""
    path = model.with_name(model.stem + BESIDE_SUFFIX)
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(MOST_BESIDE_BYTES), type=Beside)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise EmbedderDamaged(str(error), path=str(path)) from error
