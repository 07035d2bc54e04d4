"""Runtime folders as they are put together from a build, and what is asked of a machine before one begins."""

import json
import sys
from pathlib import Path

import build_runtime
import pytest
from build_runtime import Problem, Tools, assemble, configure_command, missing, pinned_version

from engine import runtimes

ALL_TOOLS = {"cmake", "ninja", "g++", "glslc", "nvcc"}


def tools(present: set[str], *include: Path, system: str = "linux") -> Tools:
    return Tools(lambda name: name if name in present else None, system, include)


def headers(folder: Path, minor: int, patch: int) -> Path:
    (folder / "vulkan").mkdir(parents=True)
    (folder / "vulkan" / "vulkan_core.h").write_text(
        f"#define VK_HEADER_VERSION {patch}\n"
        f"#define VK_HEADER_VERSION_COMPLETE VK_MAKE_API_VERSION(0, 1, {minor}, VK_HEADER_VERSION)\n"
    )
    return folder


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """What a build on Linux leaves, with its links; the module for Vulkan among it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, number in (("ggml-base", "0.25.3"), ("ggml", "0.25.3"), ("llama", "0.5.0")):
        (folder / f"lib{name}.so.{number}").write_bytes(name.encode())
        (folder / f"lib{name}.so.0").symlink_to(f"lib{name}.so.{number}")
        (folder / f"lib{name}.so").symlink_to(f"lib{name}.so.0")
    for name in ("ggml-cpu-x64", "ggml-cpu-zen4", "ggml-vulkan"):
        (folder / f"lib{name}.so").write_bytes(name.encode())
    (folder / "vulkan-shaders-gen").write_bytes(b"a program")
    return folder


def test_a_folder_holds_each_library_once_under_the_name_it_is_asked_for(built: Path, tmp_path: Path) -> None:
    into = tmp_path / "runtimes" / "vulkan"
    assert assemble("vulkan", "0.3.36", built, into) > 0
    assert sorted(file.name for file in into.iterdir()) == [
        "libggml-base.so.0",
        "libggml-cpu-x64.so",
        "libggml-cpu-zen4.so",
        "libggml-vulkan.so",
        "libggml.so.0",
        "libllama.so",
        "runtime.json",
    ]
    assert not any(file.is_symlink() for file in into.iterdir())
    assert (into / "libllama.so").read_bytes() == b"llama"


def test_the_engine_takes_what_was_put_together(built: Path, tmp_path: Path) -> None:
    assemble("vulkan", runtimes.version(), built, tmp_path / "vulkan")
    found = runtimes.opened(tmp_path / "vulkan")
    assert found.for_gpu
    assert [file.name for file in found.base] == ["libggml-base.so.0", "libggml.so.0"]
    assert runtimes.files(found.path) == {file.name for file in found.path.iterdir()} - {"runtime.json"}


def test_a_runtime_is_replaced_and_anything_else_is_left_alone(built: Path, tmp_path: Path) -> None:
    into = tmp_path / "vulkan"
    assemble("vulkan", "0.3.35", built, into)
    (into / "old.txt").touch()
    assemble("vulkan", "0.3.36", built, into)
    assert json.loads((into / "runtime.json").read_text())["llama_cpp_python"] == "0.3.36"
    assert not (into / "old.txt").exists()
    precious = tmp_path / "photos"
    precious.mkdir()
    with pytest.raises(Problem, match="is no runtime folder"):
        assemble("vulkan", "0.3.36", built, precious)
    assert precious.is_dir()


@pytest.mark.parametrize("gone", ["libggml-vulkan.so", "libggml-base.so.0", "libllama.so"])
def test_a_build_without_a_part_makes_no_folder(built: Path, tmp_path: Path, gone: str) -> None:
    (built / gone).unlink()
    with pytest.raises(Problem):
        assemble("vulkan", "0.3.36", built, tmp_path / "vulkan")
    assert not (tmp_path / "vulkan").exists()


@pytest.mark.parametrize("kind", build_runtime.KINDS)
def test_nothing_is_made_for_the_processor_that_happens_to_build(kind: str, tmp_path: Path) -> None:
    command = configure_command(kind, tmp_path, tmp_path / "build")
    assert "-DGGML_NATIVE=OFF" in command
    assert "-DGGML_CPU_ALL_VARIANTS=ON" in command
    assert not any("march" in part for part in command)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("cpu", ["CMake", "Ninja", "compiler"]),
        ("vulkan", ["CMake", "Ninja", "compiler", "glslc", "Vulkan's headers"]),
        ("cuda", ["CMake", "Ninja", "compiler", "CUDA toolkit"]),
        ("metal", ["CMake", "Ninja", "compiler", "macOS"]),
    ],
)
def test_a_bare_machine_is_told_all_that_is_missing_at_once(kind: str, wanted: list[str]) -> None:
    told = list(missing(kind, tools(set()), None))
    assert len(told) == len(wanted)
    for line, word in zip(told, wanted, strict=True):
        assert word in line


def test_vulkan_headers_that_are_too_old_are_told_by_their_version(tmp_path: Path) -> None:
    old, new = headers(tmp_path / "old", 3, 239), headers(tmp_path / "new", 4, 309)
    (told,) = missing("vulkan", tools(ALL_TOOLS, old), None)
    assert "1.3.239" in told
    assert "1.4.309" in told
    assert list(missing("vulkan", tools(ALL_TOOLS, new), None)) == []
    assert list(missing("vulkan", tools(ALL_TOOLS, old), new)) == []


def test_a_cuda_toolkit_without_its_algebra_is_not_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toolkit = tmp_path / "cuda"
    (toolkit / "include").mkdir(parents=True)
    monkeypatch.setenv("CUDA_PATH", str(toolkit))
    if not Path("/usr/local/cuda/include/cublas_v2.h").is_file():
        (told,) = missing("cuda", tools(ALL_TOOLS), None)
        assert "cuBLAS" in told
    (toolkit / "include" / "cublas_v2.h").touch()
    assert list(missing("cuda", tools(ALL_TOOLS), None)) == []


def test_metal_is_built_on_a_mac_alone() -> None:
    assert list(missing("metal", tools(ALL_TOOLS, system="darwin"), None)) == []


def test_the_source_is_of_the_version_that_is_pinned() -> None:
    packaging = Path(build_runtime.__file__).parent
    assert pinned_version(packaging / "constraints.txt") == runtimes.version()


def test_the_machine_is_called_as_the_engine_calls_it() -> None:
    assert build_runtime.machine() == runtimes.machine()
    assert sys.platform in build_runtime.machine()


def test_a_machine_that_lacks_something_ends_with_one_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (
        build_runtime.main(["cuda", "--into", str(tmp_path / "cuda"), "--work", str(tmp_path / "work")]) == 1
    )
    told = capsys.readouterr().err
    assert "This is missing:" in told
    assert "CUDA toolkit" in told
    assert not (tmp_path / "work").exists()
