"""Models that other programs keep: found where each of them puts them, and left as they are."""

import json
import os
import sys
from pathlib import Path

import msgspec
import pytest

from desktop.core.errors import Cancelled
from desktop.core.models import ModelShelf, Store, stores
from desktop.core.models.sources import models_of
from tests.fakes.engine_files import fake_model, gguf, pair
from tests.unit.models.places import everything, put, put_hugging_face, put_ollama, put_split


def found(home: Path, platform: str = "linux", **environment: str) -> list[tuple[str, str, str]]:
    """Source, label and path below the home of every model."""
    shelf = ModelShelf(home / "sobremesa", stores=stores(home, environment, platform))
    return [
        (model.source, model.label, str(Path(model.path).relative_to(home).as_posix()))
        for model in shelf.all()
        if Path(model.path).is_relative_to(home)
    ]


@pytest.mark.parametrize("root", [".lmstudio", ".cache/lm-studio"])
@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_lm_studio_keeps_them_by_maker_and_model(tmp_path: Path, root: str, platform: str) -> None:
    put(tmp_path / root / "models/infra-ai/ocelot-v1/ocelot-v1-q4_0.gguf")
    put(tmp_path / root / "models/infra-ai/ocelot-v1/mmproj-ocelot.gguf")
    path = f"{root}/models/infra-ai/ocelot-v1/ocelot-v1-q4_0.gguf"
    assert found(tmp_path, platform) == [("lmstudio", "", path)]


def test_lm_studio_may_have_been_told_another_folder(tmp_path: Path) -> None:
    put(tmp_path / "disk/maker/model/a.gguf")
    settings = json.dumps({"downloadsFolder": str(tmp_path / "disk")}).encode()
    put(tmp_path / "moved/settings.json", settings)
    put(tmp_path / ".lmstudio-home-pointer", str(tmp_path / "moved").encode())
    assert found(tmp_path) == [("lmstudio", "", "disk/maker/model/a.gguf")]


@pytest.mark.parametrize(
    "settings", [b"", b"{", b"[]", b'{"downloadsFolder": 3}', b"\xff\xfe", b'"a\\u0000b"']
)
def test_damaged_settings_of_another_program_hide_nothing_else(tmp_path: Path, settings: bytes) -> None:
    put(tmp_path / ".lmstudio/settings.json", settings)
    put(tmp_path / ".lmstudio/models/maker/model/a.gguf")
    assert len(found(tmp_path)) == 1


@pytest.mark.parametrize(
    ("platform", "root"),
    [
        ("linux", ".config/Jan/data"),
        ("linux", ".local/share/Jan/data"),
        ("darwin", "Library/Application Support/Jan/data"),
        ("win32", "AppData/Roaming/Jan/data"),
        ("linux", "jan"),
    ],
)
def test_jan_names_its_models_by_their_folders(tmp_path: Path, platform: str, root: str) -> None:
    put(tmp_path / root / "llamacpp/models/Jan-v1-4B-Q4_K_M/model.gguf")
    put(tmp_path / root / "llamacpp/models/Jan-v1-4B-Q4_K_M/model.yml", b"name: Jan")
    put(tmp_path / root / "models/huggingface.co/maker/model/older.gguf")
    assert found(tmp_path, platform) == [
        ("jan", "Jan-v1-4B-Q4_K_M", f"{root}/llamacpp/models/Jan-v1-4B-Q4_K_M/model.gguf"),
        ("jan", "", f"{root}/models/huggingface.co/maker/model/older.gguf"),
    ]


def test_jan_may_have_been_told_another_folder(tmp_path: Path) -> None:
    put(tmp_path / "disk/llamacpp/models/Jan-nano/model.gguf")
    put(
        tmp_path / ".local/share/Jan/settings.json",
        json.dumps({"data_folder": str(tmp_path / "disk")}).encode(),
    )
    assert [label for _, label, _ in found(tmp_path)] == ["Jan-nano"]


def test_ollama_names_them_with_their_tags(tmp_path: Path) -> None:
    root = tmp_path / ".ollama/models"
    plain = put_ollama(root)
    theirs = put_ollama(root, "registry.ollama.ai/ana/poeta/latest")
    hub = put_ollama(root, "hf.co/bartowski/Llama-GGUF/Q4_K_M")
    put(root / "blobs" / f"sha256-{'2' * 64}-partial", b"half")
    by_label = {label: path for _, label, path in found(tmp_path)}
    assert by_label == {
        "qwen2.5:7b": plain.relative_to(tmp_path).as_posix(),
        "ana/poeta:latest": theirs.relative_to(tmp_path).as_posix(),
        "hf.co/bartowski/Llama-GGUF:Q4_K_M": hub.relative_to(tmp_path).as_posix(),
    }


def test_ollama_may_have_been_told_another_folder_and_two_tags_of_one_model_are_one(tmp_path: Path) -> None:
    put_ollama(tmp_path / "disk", "registry.ollama.ai/library/phi/latest", fake_model("phi"))
    put_ollama(tmp_path / "disk", "registry.ollama.ai/library/phi/3b", fake_model("phi"))
    names = [label for _, label, _ in found(tmp_path, OLLAMA_MODELS=str(tmp_path / "disk"))]
    assert names == ["phi:3b"]


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"{",
        b"[]",
        b'{"layers": null}',
        b'{"layers": [3]}',
        b'{"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:../../../x"}]}',
        b'{"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:%s"}]}'
        % (b"a" * 64),
        b"\xff" * 40,
        b" " * (2 << 20),
    ],
)
def test_a_damaged_manifest_is_passed_over(tmp_path: Path, manifest: bytes) -> None:
    put(tmp_path / ".ollama/models/manifests/registry.ollama.ai/library/bad/latest", manifest)
    put_ollama(tmp_path / ".ollama/models")
    assert [label for _, label, _ in found(tmp_path)] == ["qwen2.5:7b"]


@pytest.mark.parametrize(
    ("platform", "root"),
    [
        ("linux", ".local/share/nomic.ai/GPT4All"),
        ("darwin", "Library/Application Support/nomic.ai/GPT4All"),
        ("win32", "AppData/Local/nomic.ai/GPT4All"),
        ("linux", ".cache/gpt4all"),
    ],
)
def test_gpt4all_keeps_them_in_one_folder_with_its_half_downloads(
    tmp_path: Path, platform: str, root: str
) -> None:
    put(tmp_path / root / "orca-mini-3b.Q4_0.gguf")
    put(tmp_path / root / "incomplete-mistral.gguf", b"half")
    put(tmp_path / root / "localdocs_v3.db", b"")
    assert found(tmp_path, platform) == [("gpt4all", "", f"{root}/orca-mini-3b.Q4_0.gguf")]


@pytest.mark.skipif(sys.platform == "win32", reason="making links takes a right there")
@pytest.mark.parametrize(
    ("hub", "environment"),
    [
        (".cache/huggingface/hub", {}),
        ("cache/huggingface/hub", {"XDG_CACHE_HOME": "cache"}),
        ("hf/hub", {"HF_HOME": "hf"}),
        ("elsewhere", {"HF_HUB_CACHE": "elsewhere", "HF_HOME": "hf"}),
    ],
)
def test_the_hugging_face_cache_is_read_through_its_snapshots(
    tmp_path: Path, hub: str, environment: dict[str, str]
) -> None:
    cache = tmp_path / hub
    put_hugging_face(cache, "maker/Model-GGUF", "aaa", "model-Q4_K_M.gguf", fake_model("one"))
    put_hugging_face(cache, "maker/Model-GGUF", "bbb", "model-Q4_K_M.gguf", fake_model("one"))
    put_hugging_face(cache, "maker/Model-GGUF", "bbb", "Q8_0/model-Q8_0.gguf", fake_model("two"))
    gone = put_hugging_face(cache, "maker/Gone-GGUF", "ccc", "gone.gguf", fake_model("three"))
    gone.resolve().unlink()
    put(cache / "datasets--maker--data/snapshots/d/data.gguf")
    absolute = {name: str(tmp_path / value) for name, value in environment.items()}
    base = f"{hub}/models--maker--Model-GGUF/snapshots"
    assert found(tmp_path, **absolute) == [
        ("huggingface", "", f"{base}/aaa/model-Q4_K_M.gguf"),
        ("huggingface", "", f"{base}/bbb/Q8_0/model-Q8_0.gguf"),
    ]


def test_search_models_and_picture_halves_of_other_programs_are_not_offered(tmp_path: Path) -> None:
    folder = tmp_path / ".lmstudio/models/maker/model"
    search = [pair("general.architecture", "nomic-bert"), pair("nomic-bert.attention.causal", value=False)]
    put(folder / "nomic-embed.gguf", gguf(search, [], 0))
    put(folder / "vision.gguf", gguf([pair("general.architecture", "clip")], [], 0))
    put(folder / "chat.gguf")
    assert [Path(path).name for _, _, path in found(tmp_path)] == ["chat.gguf"]


def test_nothing_of_other_programs_is_touched(tmp_path: Path) -> None:
    put(tmp_path / ".lmstudio/models/maker/model/a.gguf")
    put(tmp_path / ".lmstudio/models/maker/model/broken.gguf", b"GGUF")
    put_ollama(tmp_path / ".ollama/models")
    put(tmp_path / ".local/share/Jan/data/llamacpp/models/jan/model.gguf")
    before = everything(tmp_path)
    assert len(found(tmp_path)) == 4
    assert everything(tmp_path) == before


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="this user may read everything")
def test_a_store_that_may_not_be_entered_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path / ".lmstudio/models/maker/model/a.gguf")
    put_ollama(tmp_path / ".ollama/models")
    (tmp_path / ".ollama/models").chmod(0)
    try:
        assert [source for source, _, _ in found(tmp_path)] == ["lmstudio"]
    finally:
        (tmp_path / ".ollama/models").chmod(0o700)


def test_a_store_whose_folders_refuse_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / ".lmstudio/models/maker/model/a.gguf")
    put_ollama(tmp_path / ".ollama/models")
    scandir = os.scandir

    def refuse(folder: os.PathLike[str]) -> object:
        if ".ollama" in str(folder):
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    assert [source for source, _, _ in found(tmp_path)] == ["lmstudio"]


@pytest.mark.skipif(sys.platform == "win32", reason="making links takes a right there")
def test_links_that_lead_in_circles_end(tmp_path: Path) -> None:
    folder = tmp_path / ".lmstudio/models"
    put(folder / "maker/model/a.gguf")
    (folder / "maker/again").symlink_to(folder, target_is_directory=True)
    (folder / "self.gguf").symlink_to(folder / "self.gguf")
    assert len(found(tmp_path)) == 1


@pytest.mark.parametrize("source", ["lmstudio", "ollama", "huggingface", "jan"])
def test_a_search_that_is_stopped_stops(tmp_path: Path, source: str) -> None:
    put(tmp_path / "models--a--b/snapshots/c/a.gguf")
    with pytest.raises(Cancelled):
        list(models_of(Store(source, tmp_path), lambda: True))  # type: ignore[arg-type]


def test_a_split_model_of_another_program_is_one(tmp_path: Path) -> None:
    parts = put_split(tmp_path / ".lmstudio/models/maker/model")
    (model,) = ModelShelf(tmp_path / "none", stores=stores(tmp_path, {}, "linux")).all()
    assert (model.path, model.parts, model.source) == (str(parts[0]), 3, "lmstudio")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is Unicode")
def test_names_of_another_encoding_can_be_told(tmp_path: Path) -> None:
    name = "registry.ollama.ai/library/" + os.fsdecode(b"caf\xe9/latest")
    put_ollama(tmp_path / ".ollama/models", name, fake_model())
    put(tmp_path / "jan/models" / os.fsdecode(b"caf\xe9") / "model.gguf", fake_model())
    models = ModelShelf(tmp_path / "none", stores=stores(tmp_path, {}, "linux")).all()
    assert msgspec.json.encode(models)
    assert [(model.label, model.problem is None) for model in models] == [
        ("caf\ufffd", False),
        ("caf\ufffd:latest", True),
    ]
