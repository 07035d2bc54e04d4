"""Build llama.cpp for other hardware into a runtime folder: `python packaging/build_runtime.py vulkan`.

The source is the one that the pinned llama-cpp-python brings, since its Python structs fit no other. The
folder holds libllama, ggml, one module for each generation of processors and one for the GPU; nothing in it
is made for this machine alone, so it may be handed out. What each kind needs, and the same by hand:
packaging/runtimes.md. Needs the standard library only, and pip to fetch the source.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from starter_models import data_folder

KINDS = ("cpu", "vulkan", "cuda", "metal")
PACKAGE = "llama-cpp-python"
MANIFEST = "runtime.json"  # read by engine/runtimes.py
# of Vulkan's headers: with these it was built, and with those it does not compile
VULKAN_TRIED, VULKAN_TOO_OLD = (1, 4, 309), (1, 3, 239)
COMMON = (
    "-DCMAKE_BUILD_TYPE=Release",
    "-DBUILD_SHARED_LIBS=ON",
    "-DGGML_BACKEND_DL=ON",
    "-DGGML_CPU_ALL_VARIANTS=ON",
    # never the one processor that happens to build it
    "-DGGML_NATIVE=OFF",
    "-DLLAMA_BUILD_COMMON=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_TOOLS=OFF",
    "-DLLAMA_BUILD_SERVER=OFF",
    "-DLLAMA_BUILD_APP=OFF",
    "-DLLAMA_CURL=OFF",
)
OF_KIND = {
    "cpu": (),
    "vulkan": ("-DGGML_VULKAN=ON",),
    "cuda": ("-DGGML_CUDA=ON",),
    "metal": ("-DGGML_METAL=ON", "-DGGML_METAL_EMBED_LIBRARY=ON"),
}
BASE = ("ggml-base", "ggml")  # what the others need, in the order in which they are loaded
_SHARED = re.compile(r"(?:lib)?(llama|ggml(?:-[a-z0-9_-]+)?)(?:\.so|\.so\.\d+|\.\d+\.dylib|\.dylib|\.dll)")


class Problem(Exception):
    """What keeps a runtime from being built, in words that say what to do."""


@dataclass(frozen=True)
class Tools:
    """How this machine is asked what it has; tests put their own here."""

    which: Callable[[str], str | None] = shutil.which
    system: str = sys.platform
    include: tuple[Path, ...] = (
        Path("/usr/include"),
        Path("/usr/local/include"),
        Path("/opt/homebrew/include"),
    )


# --- what is needed ----------------------------------------------------------------------------------------


def require(kind: str, tools: Tools, headers: Path | None) -> None:
    """Raises Problem with all that is missing, so that one visit to the shop is enough."""
    lacking = list(missing(kind, tools, headers))
    if lacking:
        raise Problem("\n  - ".join(["This is missing:", *lacking]))


def missing(kind: str, tools: Tools, headers: Path | None) -> Iterator[str]:
    """What is not there, each with how to get it."""
    if tools.which("cmake") is None:
        yield "CMake: pip install cmake"
    if tools.which("ninja") is None:
        yield "Ninja: pip install ninja"
    if not any(tools.which(name) for name in ("c++", "g++", "clang++", "cl")):
        yield "a C++ compiler: apt install g++; xcode-select --install; or Visual Studio's build tools"
    if kind == "vulkan":
        yield from _missing_for_vulkan(tools, headers)
    if kind == "cuda":
        yield from _missing_for_cuda(tools)
    if kind == "metal" and tools.system != "darwin":
        yield "macOS: Metal is built on a Mac, with Xcode's command line tools"


def _missing_for_cuda(tools: Tools) -> Iterator[str]:
    compiler = tools.which("nvcc")
    if compiler is None:
        yield "nvcc on the PATH: install the CUDA toolkit, 12.4 or later, from NVIDIA"
        return
    toolkit = os.environ.get("CUDA_PATH", "")
    roots = (Path(compiler).resolve().parent.parent, *((Path(toolkit),) if toolkit else ()))
    places = (*(root / "include" for root in roots), Path("/usr/local/cuda/include"), *tools.include)
    if not any((place / "cublas_v2.h").is_file() for place in places):
        yield "cuBLAS, a part of the CUDA toolkit that stands apart: libcublas-dev-… of NVIDIA's packages"


def _missing_for_vulkan(tools: Tools, headers: Path | None) -> Iterator[str]:
    if tools.which("glslc") is None:
        yield "glslc, which compiles shaders: apt install glslc; or the Vulkan SDK of LunarG"
    places = (headers,) if headers else (*_sdk(), *tools.include)
    found = next((place for place in places if (place / "vulkan" / "vulkan_core.h").is_file()), None)
    if found is None:
        yield "Vulkan's headers: apt install libvulkan-dev spirv-headers; or the Vulkan SDK of LunarG"
        return
    version = vulkan_version(found)
    if version <= VULKAN_TOO_OLD:
        yield (
            f"newer Vulkan headers: those in {found} are {_dotted(version)}, too old for llama.cpp;"
            f" {_dotted(VULKAN_TRIED)} are known to work. Unpack a newer libvulkan-dev or the Vulkan SDK"
            " and name its include folder: --vulkan-headers FOLDER"
        )


def _sdk() -> tuple[Path, ...]:
    sdk = os.environ.get("VULKAN_SDK", "")
    return (Path(sdk) / "include", Path(sdk) / "Include") if sdk else ()


def vulkan_version(include: Path) -> tuple[int, int, int]:
    """The version of the Vulkan headers in an include folder; zeros where they do not say."""
    text = (include / "vulkan" / "vulkan_core.h").read_text("utf-8", "replace")
    complete = re.search(r"VK_HEADER_VERSION_COMPLETE VK_MAKE_API_VERSION\(\d+, (\d+), (\d+)", text)
    patch = re.search(r"define VK_HEADER_VERSION (\d+)", text)
    if complete is None or patch is None:
        return (0, 0, 0)
    return (int(complete[1]), int(complete[2]), int(patch[1]))


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


# --- the source --------------------------------------------------------------------------------------------


def pinned_version(constraints: Path) -> str:
    """The version of llama-cpp-python that the program is tested with."""
    found = re.search(rf"^{PACKAGE}==(\S+)$", constraints.read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise Problem(f"{constraints} does not say which {PACKAGE} is used.")
    return found[1]


def fetch_source(version: str, work: Path) -> Path:
    """llama.cpp as that version vendors it, fetched once into `work`."""
    source = work / f"llama_cpp_python-{version}" / "vendor" / "llama.cpp"
    if (source / "CMakeLists.txt").is_file():
        return source
    archive = work / f"llama_cpp_python-{version}.tar.gz"
    if not archive.is_file():
        options = ("--no-deps", "--no-binary", PACKAGE, "-d", str(work))
        code = subprocess.call([sys.executable, "-m", "pip", "download", *options, f"{PACKAGE}=={version}"])
        if code or not archive.is_file():
            raise Problem(
                f"pip could not fetch the source of {PACKAGE} {version}; what it said stands above."
            )
    with tarfile.open(archive) as packed:
        packed.extractall(work, filter="data")
    return source


# --- the build ---------------------------------------------------------------------------------------------


def configure_command(kind: str, source: Path, build: Path, headers: Path | None = None) -> list[str]:
    """CMake's command line; a library looks for the others beside itself."""
    beside = "@loader_path" if sys.platform == "darwin" else "$ORIGIN"
    options = [
        *COMMON,
        *OF_KIND[kind],
        "-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON",
        f"-DCMAKE_INSTALL_RPATH={beside}",
    ]
    if headers is not None:
        options.append(f"-DVulkan_INCLUDE_DIR={headers}")
    return ["cmake", "-S", str(source), "-B", str(build), "-G", "Ninja", *options]


def build(kind: str, source: Path, folder: Path, jobs: int, headers: Path | None) -> Path:
    """Configure and build in `folder`, or go on with a build begun there; gives where the libraries are."""
    for command in (
        configure_command(kind, source, folder, headers),
        ["cmake", "--build", str(folder), "--config", "Release", "--parallel", str(jobs)],
    ):
        print("+", *command, flush=True)
        if subprocess.call(command):
            raise Problem("The build failed; what the compiler said stands above.")
    return folder / "bin"


# --- the folder --------------------------------------------------------------------------------------------


def plain(file_name: str) -> str:
    """What a library is called on any system, such as "ggml-cpu-zen4"; "" for a file that is none of ours."""
    parts = _SHARED.fullmatch(file_name)
    return parts[1] if parts else ""


def wanted_files(libraries: Path) -> dict[str, Path]:
    """What belongs into a runtime folder, under the names by which the libraries ask for each other."""
    found: dict[str, Path] = {}
    for file in sorted(libraries.iterdir()):
        name = plain(file.name)
        numbered = bool(re.search(r"\.\d", file.name))
        # libraries ask for ggml's two with a number behind; llama and modules are opened by their plain names
        if name and (file.suffix == ".dll" or numbered == (name in BASE)):
            found[file.name] = file.resolve()
    return found


def assemble(kind: str, version: str, libraries: Path, into: Path) -> int:
    """Copy the libraries and list them. The folder stands when all is in it. Gives its bytes."""
    files = wanted_files(libraries)
    base = [name for wanted in BASE for name in files if plain(name) == wanted]
    llama = [name for name in files if plain(name) == "llama"]
    if len(base) != 2 or len(llama) != 1 or not any("ggml-cpu" in name for name in files):
        raise Problem(f"{libraries} does not hold what a build makes: {', '.join(files) or 'no library'}")
    if kind != "cpu" and not any(f"ggml-{kind}" in name for name in files):
        raise Problem(f"The build made no module for {kind}.")
    if into.exists() and not (into / MANIFEST).is_file():
        raise Problem(f"{into} is there and is no runtime folder. Name another one with --into.")
    into.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{into.name}-", dir=into.parent))
    draft.chmod(0o755)
    try:
        for name, file in files.items():
            shutil.copy(file, draft / name)
        _strip([draft / name for name in files])
        sizes = {name: (draft / name).stat().st_size for name in files}
        manifest = {
            "purpose": kind,
            "llama_cpp_python": version,
            "machine": machine(),
            "base": base,
            "files": sizes,
        }
        (draft / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
        shutil.rmtree(into, ignore_errors=True)
        draft.rename(into)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return sum(sizes.values())


def machine() -> str:
    """As engine/runtimes.py says it."""
    return f"{sys.platform}-{platform.machine()}".lower()


def _strip(files: Sequence[Path]) -> None:
    if sys.platform == "linux" and shutil.which("strip"):
        subprocess.call(["strip", "--strip-unneeded", *(str(file) for file in files)])


# --- the command -------------------------------------------------------------------------------------------


def main(arguments: Sequence[str]) -> int:
    """Build a runtime; 0 when it stands."""
    chosen = _parsed(arguments)
    into = (chosen.into or runtimes_folder() / chosen.kind).expanduser().absolute()
    work = (chosen.work or Path(tempfile.gettempdir()) / "sobremesa-runtime").expanduser().absolute()
    headers = chosen.vulkan_headers.expanduser().absolute() if chosen.vulkan_headers else None
    started_s = time.monotonic()
    try:
        require(chosen.kind, Tools(), headers)
        work.mkdir(parents=True, exist_ok=True)
        version = pinned_version(Path(__file__).with_name("constraints.txt"))
        source = chosen.source or fetch_source(version, work)
        libraries = build(chosen.kind, source, work / f"build-{chosen.kind}", chosen.jobs, headers)
        size = assemble(chosen.kind, version, libraries, into)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{into}: {size / 1e6:.1f} MB, built in {(time.monotonic() - started_s) / 60:.1f} minutes.")
    return 0


def runtimes_folder() -> Path:
    """Where the program looks for runtimes: the same place as its own `Places`."""
    chosen = os.environ.get("SOBREMESA_DATA")
    return (Path(chosen).expanduser() if chosen else data_folder()) / "runtimes"


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    grammar = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    grammar.add_argument("kind", nargs="?", choices=KINDS, default="cpu", help="what it is for")
    grammar.add_argument("--into", type=Path, help="the runtime folder; else among the program's runtimes")
    grammar.add_argument("--work", type=Path, help="where source and build lie; kept, so that it can go on")
    grammar.add_argument(
        "--source", type=Path, help="llama.cpp, unpacked, of the very version that is pinned"
    )
    grammar.add_argument("--vulkan-headers", type=Path, help="the folder in which vulkan/vulkan_core.h lies")
    grammar.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many compilers at once")
    return grammar.parse_args(list(arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
