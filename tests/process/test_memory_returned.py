"""What a long chat needed at one time goes back to the system."""

import platform
import subprocess
import sys

import pytest

# many buffers of a size that the C library would keep: half are freed, and lie between those that stay
HOLES = """
import sys, psutil
from desktop.process_edges import return_memory
if sys.argv[1] == "yes":
    assert return_memory()
first = psutil.Process().memory_info().rss
for _round in range(3):  # each time one is freed glibc moves its border up to that size
    held = [bytearray(1_000_000) for _ in range(60)]
    for buffer in held:
        buffer[::4096] = b"x" * len(buffer[::4096])
    last = held[-1]
    del buffer, held
print((psutil.Process().memory_info().rss - first) // 1_000_000)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_large_pieces_of_memory_go_back_to_the_system_as_soon_as_they_are_free() -> None:
    kept = {}
    for asked in ("yes", "no"):
        done = subprocess.run(
            [sys.executable, "-c", HOLES, asked], stdout=subprocess.PIPE, text=True, check=True
        )
        kept[asked] = int(done.stdout)
    assert kept["yes"] < 10
    assert kept["no"] > kept["yes"] + 20


# pieces that are too small for that: every other one is freed, and the top of the heap stays in use
BETWEEN = """
import psutil
from desktop.process_edges import give_back, return_memory
return_memory()
held = [bytearray(50_000) for _ in range(2_000)]
for buffer in held:
    buffer[::4096] = b"x" * len(buffer[::4096])
full = psutil.Process().memory_info().rss
del held[::2]
holes = psutil.Process().memory_info().rss
assert give_back()
print((full - holes) // 1_000_000, (holes - psutil.Process().memory_info().rss) // 1_000_000)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_what_lies_free_between_pieces_that_stay_goes_back_when_it_is_asked_for() -> None:
    done = subprocess.run([sys.executable, "-c", BETWEEN], stdout=subprocess.PIPE, text=True, check=True)
    by_itself, asked = map(int, done.stdout.split())
    assert by_itself < 10
    assert asked > 30
