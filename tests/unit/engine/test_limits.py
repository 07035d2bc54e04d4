"""What the system lets a process have: control groups of both versions, and the address space."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from engine import limits as module
from engine.devices import host
from engine.limits import Limit, limits

GIB, MIB = 1 << 30, 1 << 20

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="control groups are Linux's")


def system(root: Path, cgroup: str, files: dict[str, str]) -> Path:
    """A system whose process is in these groups; `files` by their path below /sys/fs/cgroup."""
    for name, content in {
        "proc/self/cgroup": cgroup,
        **{f"sys/fs/cgroup/{k}": v for k, v in files.items()},
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def test_a_container_of_two_gigabytes_is_not_told_what_its_host_has(tmp_path: Path) -> None:
    files = {
        "memory.max": f"{2 * GIB}\n",
        "memory.high": "max\n",
        "memory.current": f"{GIB}\n",
        "memory.stat": f"anon {512 * MIB}\ninactive_file {256 * MIB}\nactive_file {128 * MIB}\nfile 5\n",
    }
    # what is kept of files is given back when it is wanted
    assert limits(system(tmp_path, "0::/\n", files)) == [Limit(2 * GIB, GIB + 384 * MIB)]


def test_the_tightest_group_of_all_counts(tmp_path: Path) -> None:
    files = {
        "user.slice/memory.max": f"{4 * GIB}",
        "user.slice/memory.current": "0",
        "user.slice/app.scope/memory.max": "max",
        "user.slice/app.scope/memory.high": f"{GIB}",
        "user.slice/app.scope/memory.current": f"{2 * GIB}",
    }
    found = limits(system(tmp_path, "0::/user.slice/app.scope\n", files))
    assert found == [Limit(GIB, 0), Limit(4 * GIB, 4 * GIB)]


def test_groups_of_the_first_version_count_too(tmp_path: Path) -> None:
    files = {
        "memory/memory.limit_in_bytes": f"{3 * GIB}",
        "memory/memory.usage_in_bytes": f"{2 * GIB}",
        "memory/memory.stat": f"inactive_file 0\ntotal_inactive_file {GIB}\ntotal_active_file 0\n",
    }
    groups = "12:cpu,cpuacct:/x\n5:memory:/docker/abc\n0::/docker/abc\n"
    assert limits(system(tmp_path, groups, files)) == [Limit(3 * GIB, 2 * GIB)]


@pytest.mark.parametrize(
    ("cgroup", "files"),
    [
        ("", {}),
        ("0::/\n", {"memory.max": "max", "memory.current": "5"}),
        ("0::/\n", {"memory.max": "nonsense", "memory.current": "5"}),
        ("0::/\n", {"memory.max": "5"}),
        (
            "5:memory:/\n",
            {"memory/memory.limit_in_bytes": str(2**63 - 4096), "memory/memory.usage_in_bytes": "0"},
        ),
        ("0::/../../etc\nnonsense\n:::\n", {}),
    ],
)
def test_without_a_limit_there_is_none(tmp_path: Path, cgroup: str, files: dict[str, str]) -> None:
    assert limits(system(tmp_path, cgroup, files)) == []


def test_what_is_free_on_this_machine_is_within_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.devices.limits", lambda: [Limit(2 * GIB, GIB), Limit(3 * GIB, 64 * MIB)])
    assert (host().total_bytes, host().free_bytes) == (2 * GIB, 64 * MIB)
    monkeypatch.setattr("engine.devices.limits", lambda: [Limit(1 << 50, 1 << 50)])
    assert host().total_bytes == psutil.virtual_memory().total


def test_an_address_space_that_is_limited_limits_what_is_free() -> None:
    asked = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({4 * GIB}, {4 * GIB}))"
    shown = "from engine.fit import host; print(host().total_bytes, host().free_bytes)"
    answer = subprocess.run(
        [sys.executable, "-c", f"{asked}\n{shown}"], check=True, capture_output=True, text=True
    )
    total, free = map(int, answer.stdout.split())
    assert total == min(4 * GIB, psutil.virtual_memory().total)
    assert free <= 4 * GIB - module.ADDRESSES_BYTES
