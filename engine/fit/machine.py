"""The devices of a machine as values, and how much of each a model may take. Knows no llama.cpp."""

from typing import Final, Literal

import msgspec
import psutil

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

    @property
    def budget_bytes(self) -> int:
        """What a model may take: what is free less a reserve, so that other programs still breathe."""
        part = self.total_bytes // RESERVED_PART
        reserve = min(MOST_RESERVE_BYTES, max(LEAST_RESERVE_BYTES, part))
        return max(0, self.free_bytes - reserve)


def host() -> Device:
    """The machine's own memory. What the system keeps of files counts as free: it gives it back."""
    memory = psutil.virtual_memory()
    return Device("CPU", "cpu", int(memory.available), int(memory.total))
