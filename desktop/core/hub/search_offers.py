"""Which files of a repository make a search model's folder. Trusts no name; reads and writes nothing.

Taken are weights that are data and nothing else (safetensors, ONNX) and the small files beside them that say
how texts become tokens and tokens a vector. Never a pickle or a program.
"""

import re

from desktop.core.hub.errors import NoSearchModelOffered
from desktop.core.hub.protocol import Listed, RemotePart

TORCH = "model.safetensors"
# those that `rag.embedding.folder` looks for, in its order
ONNX = ("onnx/model_int8.onnx", "onnx/model_quantized.onnx", "onnx/model.onnx", "model.onnx")
OUTSIDE = "_data"  # weights of an ONNX model above 2 GB lie beside it
MODULES, TOKENS, CONFIG = "modules.json", "tokenizer.json", "config.json"
POOLING = "1_Pooling/config.json"
_SMALL = (
    CONFIG,
    MODULES,
    TOKENS,
    "config_sentence_transformers.json",
    "sentence_bert_config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "sentencepiece.bpe.model",
    "spiece.model",
    "tokenizer.model",
)
# a module's own folder: 1_Pooling, 2_Dense, ...
_MODULE = re.compile(r"\d_[A-Za-z]{1,40}/(config\.json|model\.safetensors)")
MOST_SMALL_BYTES = 64 << 20  # the largest vocabularies take 20 MB


def is_part(name: str) -> bool:
    """Whether a file of that name may be part of a search model's folder."""
    weights = name.removesuffix(OUTSIDE) in ONNX or name == TORCH
    return weights or name in _SMALL or _MODULE.fullmatch(name) is not None


def search_parts(listed: Listed, wanted: str, host: str) -> tuple[RemotePart, ...]:
    """The files to bring, the weights last; `wanted` names weights, "": those that are made best use of.

    The original with its own modules comes first: an ONNX form does not say how tokens become a vector.
    Raises NoSearchModelOffered.
    """
    every = {part.name: part for part in listed.files if is_part(part.name)}
    small = {name: part for name, part in every.items() if name in _SMALL or _MODULE.fullmatch(name)}
    small = {name: part for name, part in small.items() if _is_small(part)}
    usable = [TORCH] if TORCH in every and {MODULES, CONFIG} <= small.keys() else []
    usable += [name for name in ONNX if name in every and TOKENS in small]
    found = next((name for name in usable if wanted in ("", name)), None)
    if found is None:
        raise NoSearchModelOffered(name=listed.id, host=host)
    outside = every.get(found + OUTSIDE)
    weights = (every[found],) if outside is None else (outside, every[found])
    return (*sorted(small.values(), key=lambda part: part.size_bytes), *weights)


def _is_small(part: RemotePart) -> bool:
    return part.name.endswith(TORCH) or part.size_bytes <= MOST_SMALL_BYTES
