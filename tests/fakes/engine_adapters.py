"""Write LoRA adapters for the tiny model of `tests.fakes.engine_models`, good ones and bad ones."""

from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt

from tests.fakes.engine_models import WIDTH

Array = npt.NDArray[np.float32]
RANK = 2


def prefer(first: str, after: str = "\n", strength: float = 5.0) -> dict[str, Array]:
    """A pair for the output matrix that makes `first` follow `after`."""
    a, b = np.zeros((RANK, WIDTH), np.float32), np.zeros((WIDTH, RANK), np.float32)
    a[0, ord(after)] = 1.0
    b[ord(first), 0] = strength
    return {"output.weight.lora_a": a, "output.weight.lora_b": b}


def write_adapter(
    path: Path,
    tensors: dict[str, Array] | None = None,
    *,
    general: str = "adapter",
    kind: str = "lora",
    architecture: str = "llama",
    alpha: float | None = float(RANK),
    alora: bool = False,
) -> Path:
    """An adapter of these tensors; by default one whose replies begin with B in place of A."""
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_string("general.type", general)
    writer.add_string("adapter.type", kind)
    if isinstance(alpha, int):  # the wrong type
        writer.add_uint32("adapter.lora.alpha", alpha)
    elif alpha is not None:
        writer.add_float32("adapter.lora.alpha", alpha)
    if alora:
        writer.add_array("adapter.alora.invocation_tokens", [1, 2])
    for name, tensor in (prefer("B") if tensors is None else tensors).items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
