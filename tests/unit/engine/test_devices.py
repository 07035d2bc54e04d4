"""Which of a machine's devices a model is placed on."""

import pytest

from engine.devices import Device, usable
from engine.errors import DeviceUnknown

GIB = 1 << 30
CPU = Device("CPU", "cpu", 8 * GIB, 16 * GIB)
BIG = Device("Vulkan0", "gpu", 24 * GIB, 24 * GIB)
SMALL = Device("Vulkan1", "gpu", 8 * GIB, 8 * GIB)
SHARED = Device("Vulkan2", "igpu", 8 * GIB, 16 * GIB)
ALL = (BIG, SMALL, SHARED, CPU)


def test_a_gpu_with_memory_of_its_own_is_taken_and_one_that_borrows_it_is_left() -> None:
    assert usable(ALL) == (BIG, SMALL, CPU)


def test_where_no_other_gpu_is_there_the_one_that_borrows_memory_is_taken() -> None:
    assert usable((SHARED, CPU)) == (SHARED, CPU)


def test_without_a_gpu_the_processor_is_left() -> None:
    assert usable((CPU,)) == (CPU,)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), (CPU,)),
        (("Vulkan1",), (SMALL, CPU)),
        (("vulkan2",), (SHARED, CPU)),
        (("Vulkan1", "Vulkan0", "Vulkan1"), (SMALL, BIG, CPU)),
    ],
)
def test_a_person_chooses_by_name_and_the_processor_is_always_there(
    names: tuple[str, ...], expected: tuple[Device, ...]
) -> None:
    assert usable(ALL, names) == expected


def test_a_name_that_nothing_has_is_refused_with_those_there_are() -> None:
    with pytest.raises(DeviceUnknown) as caught:
        usable(ALL, ("CUDA0",))
    assert caught.value.params == {"device": "CUDA0", "known": "Vulkan0, Vulkan1, Vulkan2"}


def test_a_name_on_a_machine_without_gpus_is_refused_too() -> None:
    with pytest.raises(DeviceUnknown) as caught:
        usable((CPU,), ("CPU",))
    assert caught.value.params == {"device": "CPU"}
