"""Runtime folders that are whole, and those that are not: looked through, nothing loaded."""

from pathlib import Path

import msgspec
import pytest

from engine import native, runtimes
from engine.errors import RuntimeMissing, RuntimeOtherVersion, RuntimeUnusable
from engine.runtimes import MANIFEST, Manifest
from tests.fakes.runtimes import write_hollow_runtime, write_manifest


def test_a_whole_folder_says_what_it_is_for(tmp_path: Path) -> None:
    found = runtimes.opened(write_hollow_runtime(tmp_path / "vulkan"))
    assert (found.name, found.manifest.purpose, found.for_gpu) == ("vulkan", "vulkan", True)
    assert found.base == (tmp_path / "vulkan" / "libggml-base.so.0",)


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir(), lambda path: path.touch()])
def test_a_place_without_a_list_of_files_is_no_runtime(tmp_path: Path, make: object) -> None:
    make(tmp_path / "none")  # type: ignore[operator]
    with pytest.raises(RuntimeMissing):
        runtimes.opened(tmp_path / "none")


def test_a_name_that_no_file_can_have_is_no_runtime(tmp_path: Path) -> None:
    with pytest.raises(RuntimeMissing):
        runtimes.opened(tmp_path / ("x" * 100_000))


def test_a_path_that_begins_nowhere_is_not_looked_for_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_hollow_runtime(tmp_path / "vulkan")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RuntimeMissing):
        runtimes.opened(Path("vulkan"))


def test_a_folder_of_another_version_is_refused_by_both_versions(tmp_path: Path) -> None:
    with pytest.raises(RuntimeOtherVersion) as caught:
        runtimes.opened(write_hollow_runtime(tmp_path / "old", made_for="0.2.0"))
    assert caught.value.params["version"] == "0.2.0"
    assert caught.value.params["needed"] == runtimes.version()


@pytest.mark.parametrize("size", [None, 3, 30])
def test_a_library_that_is_gone_cut_or_grown_is_refused_by_name(tmp_path: Path, size: int | None) -> None:
    folder = write_hollow_runtime(tmp_path / "vulkan")
    library = folder / "libggml-base.so.0"
    library.unlink()
    if size is not None:
        library.write_bytes(b"x" * size)
    with pytest.raises(RuntimeUnusable, match=r"libggml-base\.so\.0"):
        runtimes.opened(folder)


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b"\xff", b'{"purpose": "abacus"}'])
def test_a_list_that_is_nonsense_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / MANIFEST).write_bytes(text)
    with pytest.raises(RuntimeUnusable, match=MANIFEST):
        runtimes.opened(tmp_path)


@pytest.mark.parametrize("name", ["../evil.so", "/tmp/evil.so", "..", "", "a\\b"])  # noqa: S108
def test_a_list_cannot_name_a_file_elsewhere(tmp_path: Path, name: str) -> None:
    manifest = Manifest("cpu", runtimes.version(), runtimes.machine(), (name,), {name: 0})
    (tmp_path / MANIFEST).write_bytes(msgspec.json.encode(manifest))
    with pytest.raises(RuntimeUnusable, match="no file of this folder"):
        runtimes.opened(tmp_path)


def test_a_list_that_does_not_hold_what_is_loaded_first_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "cpu"
    folder.mkdir()
    with pytest.raises(RuntimeUnusable, match="does not list"):
        runtimes.opened(write_manifest(folder, base=("libggml.so",)))


def test_an_environment_that_names_another_llama_cpp_is_not_heard() -> None:
    environment = {"LLAMA_CPP_LIB_PATH": "here", "GGML_BACKEND_PATH": "evil.so", "HOME": "/home/ana"}
    assert native.settle(None, environment) == "built-in"
    assert environment == {"HOME": "/home/ana"}


def test_a_folder_whose_libraries_do_not_load_says_which(tmp_path: Path) -> None:
    environment: dict[str, str] = {}
    with pytest.raises(RuntimeUnusable, match=r"libggml-base\.so\.0"):
        native.settle(write_hollow_runtime(tmp_path / "vulkan"), environment)
    assert environment == {}
