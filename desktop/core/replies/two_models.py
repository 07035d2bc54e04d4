"""Whether two models can be in the memory at the same time, each no worse than alone. Loads none."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from engine import gguf_header
from engine.devices import Device
from engine.errors import ModelFileError
from engine.fit import Fit, Verdict, Wanted, choose

_GOOD: Final[tuple[Verdict, ...]] = ("fits", "fits_partly")


def both_fit(
    paths: Sequence[str], devices: Sequence[Device], wanted: Wanted, leaving: Sequence[str] = ()
) -> bool:
    """Whether the models in `paths` find room together.

    `devices` with the memory that is free now; what models in `leaving` hold of it comes free. Where all of
    them fit alone, none may have a shorter context or fewer layers on a GPU for the sake of another.
    """
    for path in leaving:
        fit = _fit(path, devices, wanted)
        devices = devices if fit is None else _with(devices, fit, 1)
    alone = [_fit(path, devices, wanted) for path in paths]
    for path, best in zip(paths, alone, strict=True):
        together = _fit(path, devices, wanted)
        if best is None or together is None:
            return True  # a file that cannot be read takes no memory, and loading it will say so
        if together.verdict not in _GOOD or together.verdict != best.verdict:
            return False
        devices = _with(devices, together, -1)
    return True


def _fit(path: str, devices: Sequence[Device], wanted: Wanted) -> Fit | None:
    try:
        return choose(gguf_header.inspect_whole(Path(path)), devices, wanted)
    except ModelFileError:
        return None


def _with(devices: Sequence[Device], fit: Fit, sign: int) -> tuple[Device, ...]:
    """The devices after a model came (-1) or went (1). What an integrated GPU holds is the machine's."""
    shared = sum(
        usage.bytes for usage, device in zip(fit.usage, devices, strict=True) if device.kind == "igpu"
    )
    changed = []
    for usage, device in zip(fit.usage, devices, strict=True):
        size = usage.bytes + (shared if device.kind == "cpu" else 0)
        most = max(1, device.most_bytes + sign * size) if device.most_bytes else 0
        free = min(device.total_bytes, max(0, device.free_bytes + sign * size))
        changed.append(msgspec.structs.replace(device, free_bytes=free, most_bytes=most))
    return tuple(changed)
