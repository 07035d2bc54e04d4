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
