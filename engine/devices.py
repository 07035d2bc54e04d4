"""The devices of a machine as values, and which of them a model may use. Knows no llama.cpp.

How much of each a model may take stands here too; what a model needs is the business of `engine.fit`.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec
import psutil

from engine.errors import DeviceUnknown
from engine.limits import limits

DeviceKind = Literal["cpu", "gpu", "igpu"]  # igpu: a GPU whose memory is the machine's own

MIB: Final = 1 << 20
LEAST_RESERVE_BYTES: Final = 256 * MIB
MOST_RESERVE_BYTES: Final = 1024 * MIB
RESERVED_PART: Final = 16  # of a device's memory


class Device(msgspec.Struct, frozen=True):
    """A place for weights and cache. `free_bytes` as the system reports it now."""

    name: str
    kind: DeviceKind
    free_bytes: int
    total_bytes: int
    description: str = ""  # what its maker calls it
    most_bytes: int = 0  # what the person allows a model; 0: whatever there is

    @property
    def budget_bytes(self) -> int:
        """What a model may take: what is free less a reserve, so that other programs still breathe."""
        part = self.total_bytes // RESERVED_PART
        reserve = min(MOST_RESERVE_BYTES, max(LEAST_RESERVE_BYTES, part))
        free = max(0, self.free_bytes - reserve)
        return min(free, self.most_bytes) if self.most_bytes else free


def host() -> Device:
    """The machine's own memory, or what the system lets this process have of it.

    What the system keeps of files counts as free: it gives it back.
    """
    memory, limited = psutil.virtual_memory(), limits()
    return Device(
        "CPU",
        "cpu",
        min([int(memory.available), *(limit.free_bytes for limit in limited)]),
        min([int(memory.total), *(limit.total_bytes for limit in limited)]),
    )


def allowed(devices: Iterable[Device], most_bytes: int) -> tuple[Device, ...]:
    """The devices, with at most so much of the machine's own memory for a model; 0: no such limit."""
    return tuple(
        msgspec.structs.replace(device, most_bytes=most_bytes) if device.kind == "cpu" else device
        for device in devices
    )


def usable(devices: Sequence[Device], wanted: Sequence[str] | None = None) -> tuple[Device, ...]:
    """The devices that a model is placed on: always the CPU, and the GPUs called for by name.

    Without names, every GPU with memory of its own; where there is none, those that share the machine's,
    as llama.cpp has it. No names at all: the CPU alone. Raises DeviceUnknown.
    """
    gpus = [device for device in devices if device.kind != "cpu"]
    if wanted is None:
        own = [device for device in gpus if device.kind == "gpu"]
        chosen = own or gpus
    else:
        chosen = [_named(name, gpus) for name in dict.fromkeys(wanted)]
    return (*chosen, *(device for device in devices if device.kind == "cpu"))


def _named(name: str, gpus: Sequence[Device]) -> Device:
    for device in gpus:
        if device.name.casefold() == name.casefold():
            return device
    if not gpus:
        raise DeviceUnknown(device=name)
    raise DeviceUnknown(device=name, known=", ".join(device.name for device in gpus))
