"""What a GGUF model is, from its header alone: of one file, or of all the files of a model together.

Every refusal is one of `engine.errors`' model file errors. How the bytes are read stands in `gguf_table`.
"""

import contextlib
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from engine import gguf_types as gguf
from engine.errors import ModelDamaged, ModelFileError
from engine.gguf_facts import Facts
from engine.gguf_reader import KnownTexts
from engine.gguf_shape import ModelShape, Tensor, shape_of
from engine.gguf_table import Table, read_table

MAX_LAYERS: Final = 512  # LLAMA_MAX_LAYERS: llama.cpp aborts its process beyond it

_CHECKSUM: Final = re.compile(r"(sha256[-_])?[0-9a-f]{32,64}")
# how llama.cpp names the files of one model (llama_split_path)
_FIRST_PART: Final = re.compile(r"(?P<base>.+)-00001-of-(?P<count>\d{5})\.gguf")


class ModelHeader(msgspec.Struct, frozen=True):
    """What a GGUF file says of itself. A number it does not state is 0, a text ""."""

    path: str
    name: str
    architecture: str
    kind: str  # general.type; "": the file is older than that
    parameters: int
    quantization: str
    size_bytes: int
    trained_context_tokens: int
    layers: int
    heads: int
    heads_kv: int
    embedding_length: int
    sliding_window_tokens: int
    vocabulary: int
    tokenizer: str
    licence: str
    chat_template: str | None
    causal: bool  # False: the file says that it embeds text and cannot write any
    tensors: int
    split_files: int  # above 1: this is one part of several
    shape: ModelShape
    pooling: int  # llama.cpp's number of how it makes one vector of a text; 0: it says nothing

    @property
    def title(self) -> str:
        """What people know the model by: its file's name, since `name` is often that of a training run.

        Stores that keep files under their checksum leave only `name`.
        """
        stem = Path(self.path).stem
        if self.name and _CHECKSUM.fullmatch(stem):
            return self.name
        ending = rf"[.\-_]{re.escape(self.quantization)}$"
        return re.sub(ending, "", stem, flags=re.IGNORECASE) if self.quantization else stem


def inspect(path: str | Path, known: KnownTexts | None = None) -> ModelHeader:
    """Read and check the header of the GGUF file at `path`.

    Reads the header's bytes only, however large the file. With `known`, a vocabulary that begins and ends as
    one of another file is passed over unread, for lists of many files; whoever loads a model goes without.
    Raises ModelMissing, ModelUnreadable, ModelNameUnreadable, ModelEmpty, NotGguf, ModelTruncated or
    ModelDamaged, and nothing else.
    """
    if known is not None:
        # where that fails, what was taken for a known vocabulary may be another: every word of it is read
        with contextlib.suppress(ModelFileError):
            return _header([read_table(path, known)])
    return _header([read_table(path)])


def inspect_whole(path: str | Path) -> ModelHeader:
    """The header of a model that may lie in several files, `path` being its first: all of them together.

    Raises what `inspect` raises, for any of the files.
    """
    return _header(whole_tables(path))


def whole_tables(path: str | Path) -> list[Table]:
    """The tables of all files of a model, `path` being its first. Raises what `inspect` raises."""
    tables = [read_table(path)]
    tables += [read_table(part) for part in _other_parts(tables[0])]
    names: set[str] = set()
    for number, table in enumerate(tables):
        if len(tables) > 1 and (table.facts.number("split.count"), table.facts.number("split.no")) != (
            len(tables),
            number,
        ):
            raise ModelDamaged("it says that it is another part", path=table.path)
        for tensor in table.tensors:
            if tensor.name in names:
                raise ModelDamaged(f"tensor {tensor.name} stands in two files", path=table.path)
            names.add(tensor.name)
    return tables


def _other_parts(first: Table) -> list[str]:
    """The files that llama.cpp looks for beside the first one."""
    count = first.facts.number("split.count")
    if count <= 1:
        return []
    found = _FIRST_PART.fullmatch(Path(first.path).name)
    if found is None or int(found["count"]) != count:
        raise ModelDamaged(f"the first of {count} files, under another name", path=first.path)
    return [
        str(Path(first.path).with_name(f"{found['base']}-{number:05}-of-{count:05}.gguf"))
        for number in range(2, count + 1)
    ]


def _header(tables: Sequence[Table]) -> ModelHeader:
    path, facts = tables[0].path, tables[0].facts
    tensors = [tensor for table in tables for tensor in table.tensors]
    architecture = facts.text("general.architecture")
    layers = facts.number(f"{architecture}.block_count")
    if layers > MAX_LAYERS:
        raise ModelDamaged(f"{layers} layers", path=path)
    heads = facts.number(f"{architecture}.attention.head_count")
    return ModelHeader(
        path=path,
        name=facts.text("general.name") or Path(path).stem,
        architecture=architecture,
        kind=facts.text("general.type"),
        parameters=sum(tensor.elements for tensor in tensors),
        quantization=_quantization(facts, tensors),
        size_bytes=sum(table.size_bytes for table in tables),
        trained_context_tokens=facts.number(f"{architecture}.context_length"),
        layers=layers,
        heads=heads,
        heads_kv=facts.number(f"{architecture}.attention.head_count_kv", heads),
        embedding_length=facts.number(f"{architecture}.embedding_length"),
        sliding_window_tokens=facts.number(f"{architecture}.attention.sliding_window"),
        vocabulary=facts.length("tokenizer.ggml.tokens"),
        tokenizer=facts.text("tokenizer.ggml.model"),
        licence=facts.text("general.license"),
        chat_template=_template(facts),
        causal=facts.flag(f"{architecture}.attention.causal", default=True),
        tensors=len(tensors),
        split_files=facts.number("split.count"),
        shape=shape_of(facts, tensors, layers),
        pooling=facts.number(f"{architecture}.pooling_type"),
    )


def _template(facts: Facts) -> str | None:
    """A template of spaces alone is none."""
    text = facts.text("tokenizer.chat_template")
    return text if text.strip() else None


def _quantization(facts: Facts, tensors: Sequence[Tensor]) -> str:
    """The file type's name; without one, the tensor type that most parameters have."""
    if facts.has("general.file_type"):
        name = gguf.FILE_TYPES.get(facts.number("general.file_type"))
        if name is not None:
            return name
    weights: Counter[str] = Counter()
    for tensor in tensors:
        weights[tensor.type.name] += tensor.elements
    return weights.most_common(1)[0][0] if weights else ""
