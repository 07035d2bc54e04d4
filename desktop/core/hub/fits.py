"""How the models of a repository fit this machine, from the header of one of them. Reads no file.

The quantizations of a model differ in the size of their weights and in next to nothing else: one header, some
megabytes of a vocabulary, tells of all of them.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from desktop.core.hub.offers import Offer
from engine.gguf_header import ModelHeader
from engine.gguf_shape import ModelShape


def by_model(offers: Iterable[Offer]) -> dict[str, list[Offer]]:
    """The quantizations of each model; those that are one file, the smallest first, stand in front."""
    groups: dict[str, list[Offer]] = {}
    for offer in sorted(offers, key=lambda offer: (len(offer.parts) > 1, offer.size_bytes)):
        groups.setdefault(offer.model, []).append(offer)
    return groups


def header_for(offer: Offer, header: ModelHeader) -> ModelHeader:
    """The header of another quantization of the same model, as near as its size tells.

    `header` is that of a whole file, or of the first part of a split one.
    """
    if header.size_bytes == offer.size_bytes:
        return header
    shape = _weights(header.shape, offer.size_bytes, whole=header.split_files <= 1)
    return replace(header, size_bytes=offer.size_bytes, shape=shape, split_files=0)


def _weights(shape: ModelShape, size_bytes: int, *, whole: bool) -> ModelShape:
    """The same model with weights of `size_bytes` altogether; those of a part say nothing of the others."""
    blocks = sum(layer.weights_bytes for layer in shape.layers)
    known = shape.input_bytes + shape.output_bytes + blocks
    factor = size_bytes / max(1, known) if whole else 1.0
    around = shape.input_bytes + shape.output_bytes
    each = max(0, size_bytes - around) // max(1, len(shape.layers))
    return replace(
        shape,
        layers=tuple(
            replace(layer, weights_bytes=round(layer.weights_bytes * factor) if whole else each)
            for layer in shape.layers
        ),
        input_bytes=round(shape.input_bytes * factor),
        output_bytes=round(shape.output_bytes * factor),
        tied_bytes=round(shape.tied_bytes * factor),
    )
