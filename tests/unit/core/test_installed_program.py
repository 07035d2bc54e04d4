"""What an installed program brings along beside itself, and what it leaves alone."""

import sys
from pathlib import Path

import pytest

from desktop.__main__ import leave_system_libraries
from desktop.core.models import ModelShelf
from desktop.core.places import Places
from desktop.core.settings import Settings
from desktop.core.training.inside import source_of
from desktop.core.workers.launches import Launches, default_search_model
from desktop.core.workers.runtimes import Runtimes
from rag.embedding.loading import load_embedder
from rag.errors import EmbedderNeedsAddOn
from rag.process import entry_point
from tests.fakes.runtimes import write_hollow_runtime
from tests.unit.models.places import put


def test_only_an_installed_program_has_a_folder_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert Places.of(tmp_path).shipped_models_dir is None
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "program" / "sobremesa"))
    places = Places.of(tmp_path / "data")
    assert places.shipped_models_dir == tmp_path / "program" / "models"
    assert places.shipped_runtimes_dir == tmp_path / "program" / "runtimes"
    assert entry_point("engine.worker") == [str(tmp_path / "program/sobremesa"), "--worker", "engine.worker"]


def test_a_model_that_came_along_answers_until_the_person_has_one(tmp_path: Path) -> None:
    brought = put(tmp_path / "program/models/a.gguf")
    shelf = ModelShelf(tmp_path / "models", shipped=tmp_path / "program/models")
    assert shelf.choose("") == str(brought)
    assert [model.source for model in shelf.all()] == ["shipped"]
    own = put(tmp_path / "models/z.gguf")
    assert shelf.choose("") == str(own)
    assert [model.source for model in shelf.all()] == ["own", "shipped"]
    assert shelf.inspect(str(brought)).source == "shipped"


def test_the_persons_own_search_model_goes_before_the_one_that_came_along(tmp_path: Path) -> None:
    places = Places(tmp_path / "data", tmp_path / "models", tmp_path / "program")
    name = Path("embeddings") / "multilingual-e5-small"
    assert default_search_model(places) == tmp_path / "models" / name
    (tmp_path / "program/models" / name).mkdir(parents=True)
    assert default_search_model(places) == tmp_path / "program/models" / name
    (tmp_path / "models" / name).mkdir(parents=True)
    assert default_search_model(places) == tmp_path / "models" / name


def test_a_runtime_that_came_along_is_found_by_itself_and_by_its_name(tmp_path: Path) -> None:
    brought, own = tmp_path / "program/runtimes", tmp_path / "runtimes"
    write_hollow_runtime(brought / "vulkan", "vulkan")
    assert Runtimes(own, lambda: "auto", brought).arguments()[1] == str(brought / "vulkan")
    assert Runtimes(own, lambda: "vulkan", brought).arguments() == ("--runtime", str(brought / "vulkan"))
    write_hollow_runtime(own / "vulkan", "vulkan")
    assert Runtimes(own, lambda: "auto", brought).arguments()[1] == str(own / "vulkan")
    assert Runtimes(own, lambda: "vulkan", brought).arguments() == ("--runtime", str(own / "vulkan"))


def test_a_model_that_only_torch_reads_goes_to_the_add_on_where_it_is_installed(tmp_path: Path) -> None:
    places = Places(tmp_path / "data", tmp_path / "models", tmp_path / "program")
    launches = Launches(places, Settings(places.settings_file))
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("config.json", "model.safetensors"):
        (folder / name).write_bytes(b" " * 5000)
    assert launches.embedder(folder).program is None
    add_on = tmp_path / "program/sentence-transformers/sobremesa-torch"
    add_on.parent.mkdir(parents=True)
    add_on.write_bytes(b"")
    assert launches.embedder(folder).program == add_on
    assert entry_point("rag.embedder_worker", add_on) == [str(add_on), "--worker", "rag.embedder_worker"]
    for name in ("model.onnx", "tokenizer.json"):
        (folder / name).write_bytes(b" " * 5000)
    assert launches.embedder(folder).program is None
    assert launches.embedder(tmp_path / "nowhere").program is None


def test_without_the_library_a_model_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes(b" " * 5000)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(EmbedderNeedsAddOn):
        load_embedder(tmp_path)


def test_programs_of_the_system_do_not_inherit_our_libraries() -> None:
    environment = {"LD_LIBRARY_PATH": "/ours", "LD_LIBRARY_PATH_ORIG": "/theirs", "PATH": "/bin"}
    leave_system_libraries(environment)
    anew = {"PYINSTALLER_RESET_ENVIRONMENT": "1"}
    assert environment == {"LD_LIBRARY_PATH": "/theirs", "PATH": "/bin"} | anew
    environment = {"LD_LIBRARY_PATH": "/ours"}
    leave_system_libraries(environment)
    assert environment == anew


def test_the_text_of_a_function_is_found_where_modules_are_compiled(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Spec:
        origin = str(tmp_path / "mask.pyc")

    (tmp_path / "mask.py").write_text("def masked():\n    return 1\n")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: Spec)
    assert source_of("engine.train.mask:masked") == "def masked():\n    return 1"
