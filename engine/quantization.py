"""The types a model can be quantized to here, what each costs, and how large a file will be. Pure numbers.

Which tensor becomes what is llama.cpp's own choice (llama-quant.cpp); the figures below were measured on what
it chose for models of several shapes: packaging/decisions/0089. Types that llama.cpp makes only with an
importance matrix are left out, since nobody can make a matrix here.
"""

from typing import Final

import msgspec

from engine import gguf_types as gguf
from engine.errors import ModelNotQuantizable, QuantizationNeedsMatrix, UnknownQuantization
from engine.gguf_header import ModelHeader
from engine.gguf_kinds import check_writes

BLOCK: Final = 256  # of the k-quants and of IQ4_XS: rows that are no multiple of it become something else


class QuantizationType(msgspec.Struct, frozen=True):
    """One type. `bits` per weight in the layers; `narrow_bits` where rows are no whole blocks of 256.

    `output` is the tensor type of the output weights, which a model without any of its own takes from its
    input embedding; `embedding` that of an input embedding beside output weights.
    """

    name: str
    bits: float
    narrow_bits: float
    embedding: str
    output: str

    @property
    def file_type(self) -> int:
        """Its number, to llama.cpp."""
        return _FILE_TYPES[self.name]

    def bits_of(self, header: ModelHeader) -> float:
        """Bits per weight of that model's layers."""
        return self.narrow_bits if header.embedding_length % BLOCK else self.bits


_FILE_TYPES: Final = {name: number for number, name in gguf.FILE_TYPES.items()}
_TENSOR_TYPES: Final = {kind.name: kind for kind in gguf.TENSOR_TYPES.values()}

# from the finest to the smallest
_ALL: Final = (
    QuantizationType("F16", 16.0, 16.0, "F16", "F16"),
    QuantizationType("BF16", 16.0, 16.0, "BF16", "BF16"),
    QuantizationType("Q8_0", 8.5, 8.5, "Q8_0", "Q8_0"),
    QuantizationType("Q6_K", 6.56, 8.02, "Q6_K", "Q6_K"),
    QuantizationType("Q5_1", 6.0, 6.0, "Q5_1", "Q6_K"),
    QuantizationType("Q5_K_M", 5.66, 6.04, "Q5_K", "Q6_K"),
    QuantizationType("Q5_K_S", 5.5, 5.88, "Q5_K", "Q6_K"),
    QuantizationType("Q5_0", 5.5, 5.5, "Q5_0", "Q6_K"),
    QuantizationType("Q4_1", 5.0, 5.0, "Q4_1", "Q6_K"),
    QuantizationType("Q4_K_M", 4.81, 5.54, "Q4_K", "Q6_K"),
    QuantizationType("IQ4_NL", 4.55, 4.53, "IQ4_NL", "Q6_K"),
    QuantizationType("Q4_K_S", 4.54, 5.29, "Q4_K", "Q6_K"),
    QuantizationType("Q4_0", 4.5, 4.5, "Q4_0", "Q6_K"),
    QuantizationType("IQ4_XS", 4.31, 4.48, "IQ4_XS", "Q6_K"),
    QuantizationType("Q3_K_L", 4.19, 4.95, "Q3_K", "Q6_K"),
    QuantizationType("Q3_K_M", 3.84, 4.64, "Q3_K", "Q6_K"),
    QuantizationType("Q3_K_S", 3.44, 4.24, "Q3_K", "Q6_K"),
    QuantizationType("Q2_K", 2.93, 4.24, "Q2_K", "Q6_K"),
)
TYPES: Final = {one.name: one for one in _ALL}

# llama.cpp refuses to make these without an importance matrix
NEED_MATRIX: Final = frozenset(
    {"IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ2_M", "IQ3_XXS", "IQ3_XS", "Q2_K_S"}
)


def type_named(name: str) -> QuantizationType:
    """A type by its name, however it is written. Raises UnknownQuantization, QuantizationNeedsMatrix."""
    wanted = name.strip().upper().replace("-", "_")
    if wanted in NEED_MATRIX:
        raise QuantizationNeedsMatrix(name=wanted)
    found = TYPES.get(wanted)
    if found is None:
        raise UnknownQuantization(name=name)
    return found


def check_source(header: ModelHeader) -> None:
    """Raises ModelNotQuantizable for a part of a model, and what `check_writes` says."""
    check_writes(header)
    if header.layers == 0 or header.vocabulary == 0:
        raise ModelNotQuantizable(path=header.path)


def predicted_bytes(header: ModelHeader, to: QuantizationType) -> int:
    """About how large the model will be, from its header alone; the exact size is asked of llama.cpp.

    Within 3 % for models whose large tensors are an embedding and layers; not for a part of a split one.
    """
    embedding = header.vocabulary * header.embedding_length
    narrow = header.embedding_length % BLOCK != 0
    tied = header.shape.tied_bytes > 0
    tables = _bits(to.output, narrow) + (0.0 if tied else _bits(to.embedding, narrow))
    layers = max(0, header.parameters - embedding * (1 if tied else 2))
    return round((layers * to.bits_of(header) + embedding * tables) / 8) + metadata_bytes(header)


def _bits(name: str, narrow: bool) -> float:
    """Bits per weight of an embedding or of output weights: narrow ones of 256 become Q8_0."""
    kind = _TENSOR_TYPES[name]
    if narrow and kind.block >= BLOCK:
        kind = _TENSOR_TYPES["Q8_0"]
    return 8 * kind.size_bytes / kind.block


def metadata_bytes(header: ModelHeader) -> int:
    """What of the file is no weights, above all its vocabulary: that stays as it is."""
    shape = header.shape
    weights = sum(layer.weights_bytes for layer in shape.layers) + shape.input_bytes + shape.output_bytes
    return max(0, header.size_bytes - weights)
