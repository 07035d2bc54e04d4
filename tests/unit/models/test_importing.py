"""Bringing models into the models folder: whole or not at all, once, and under names of their own."""

import errno
import hashlib
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import NamedTuple

import pytest

from desktop.core.errors import Cancelled, CoreError
from desktop.core.events import CopyingModel
from desktop.core.models import Facts, Importer, ModelShelf, importing, stores
from desktop.core.types.models import ImportedModel
from tests.fakes.engine_files import fake_model
from tests.unit.models.places import everything, put, put_ollama, put_split


class Usage(NamedTuple):
    """As shutil.disk_usage gives it."""

    total: int
    used: int
    free: int


def never() -> bool:
    return False


@pytest.fixture
def shelf(tmp_path: Path) -> ModelShelf:
    return ModelShelf(tmp_path / "models", Facts(tmp_path / "facts.json"), stores(tmp_path, {}, "linux"))


def bring(shelf: ModelShelf, path: Path) -> ImportedModel:
    return Importer(shelf).run(str(path), lambda _: None, never)


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def code_of(raised: pytest.ExceptionInfo[CoreError]) -> str:
    return raised.value.problem().code


def test_a_file_is_copied_with_its_checksum_and_the_original_stays(shelf: ModelShelf, tmp_path: Path) -> None:
    source = put(tmp_path / "Downloads/tiny.gguf")
    before = everything(source.parent)
    events: list[CopyingModel] = []
    done = Importer(shelf).run(str(source), events.append, never)
    copy = shelf.folder / "tiny.gguf"
    assert (done.already, done.model.path, done.model.source) == (False, str(copy), "own")
    assert copy.read_bytes() == source.read_bytes()
    assert done.model.sha256 == (hashlib.sha256(source.read_bytes()).hexdigest(),)
    assert events[-1].done_bytes == events[-1].total_bytes == copy.stat().st_size
    assert names(shelf.folder) == ["tiny.gguf"]
    assert everything(source.parent) == before


def test_the_same_file_twice_is_recognized_whatever_its_name(shelf: ModelShelf, tmp_path: Path) -> None:
    data = fake_model("same")
    bring(shelf, put(tmp_path / "a.gguf", data))
    again = bring(shelf, put(tmp_path / "b.gguf", data))
    assert again.already
    assert again.model.path == str(shelf.folder / "a.gguf")
    assert bring(shelf, shelf.folder / "a.gguf").already
    assert names(shelf.folder) == ["a.gguf"]


def test_another_file_of_the_same_name_and_size_gets_a_number(shelf: ModelShelf, tmp_path: Path) -> None:
    for number in range(3):
        assert not bring(shelf, put(tmp_path / f"{number}/model.gguf", fake_model(f"model {number}"))).already
    assert names(shelf.folder) == ["model-2.gguf", "model-3.gguf", "model.gguf"]
    assert (shelf.folder / "model.gguf").read_bytes() == fake_model("model 0")


def test_a_model_of_ollama_comes_under_its_own_name(shelf: ModelShelf, tmp_path: Path) -> None:
    blob = put_ollama(tmp_path / ".ollama/models")
    assert bring(shelf, blob).model.path == str(shelf.folder / "qwen2.5-7b.gguf")


def test_a_split_model_comes_whole_from_any_of_its_parts(shelf: ModelShelf, tmp_path: Path) -> None:
    parts = put_split(tmp_path / "Downloads")
    done = bring(shelf, parts[1])
    assert names(shelf.folder) == [f"big/{part.name}" for part in parts]
    assert (done.model.parts, len(done.model.sha256)) == (3, 3)
    assert [model.problem for model in shelf.all()] == [None]
    assert bring(shelf, parts[0]).already
    other = put_split(tmp_path / "other", count=2)
    assert bring(shelf, other[0]).model.path == str(shelf.folder / "big-2" / other[0].name)


def test_a_split_model_that_lacks_a_part_is_refused(shelf: ModelShelf, tmp_path: Path) -> None:
    parts = put_split(tmp_path / "Downloads", without=(2,))
    with pytest.raises(CoreError) as raised:
        bring(shelf, parts[0])
    assert code_of(raised) == "model_parts_missing"
    assert raised.value.problem().params["missing"] == "2"
    assert not shelf.folder.exists()


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "model_empty"), (b"%PDF-1.7", "model_not_gguf"), (fake_model()[:-1], "model_truncated")],
)
def test_a_file_that_is_no_model_is_refused(
    shelf: ModelShelf, tmp_path: Path, data: bytes, code: str
) -> None:
    with pytest.raises(CoreError) as raised:
        bring(shelf, put(tmp_path / "bad.gguf", data))
    assert code_of(raised) == code


def test_a_missing_file_is_said(shelf: ModelShelf, tmp_path: Path) -> None:
    with pytest.raises(CoreError) as raised:
        bring(shelf, tmp_path / "none.gguf")
    assert code_of(raised) == "model_missing"


@pytest.mark.parametrize("split", [False, True])
def test_an_import_that_is_stopped_leaves_nothing(shelf: ModelShelf, tmp_path: Path, split: bool) -> None:
    source = put_split(tmp_path / "in")[0] if split else put(tmp_path / "in/a.gguf")
    seen = threading.Event()
    with pytest.raises(Cancelled):
        Importer(shelf).run(str(source), lambda _: seen.set(), seen.is_set if split else lambda: True)
    assert list(shelf.folder.iterdir()) == []


def test_a_disk_without_room_is_told_before_anything_is_written(
    shelf: ModelShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = put(tmp_path / "a.gguf")
    monkeypatch.setattr(importing, "_share_blocks", lambda *_: False)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9 - 100, 100))
    with pytest.raises(CoreError) as raised:
        bring(shelf, source)
    problem = raised.value.problem()
    assert problem.code == "no_room_for_model"
    assert (problem.params["needed_bytes"], problem.params["free_bytes"]) == (source.stat().st_size, 100)
    assert list(shelf.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "no_room_for_model"), (errno.EIO, "model_not_copied")]
)
def test_a_disk_that_fails_on_the_way_leaves_nothing(
    shelf: ModelShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    source = put(tmp_path / "a.gguf")

    def fail(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(CoreError) as raised:
        bring(shelf, source)
    assert code_of(raised) == code
    assert list(shelf.folder.iterdir()) == []


def test_a_models_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    shelf = ModelShelf(put(tmp_path / "file", b"") / "models")
    with pytest.raises(CoreError) as raised:
        bring(shelf, put(tmp_path / "a.gguf"))
    assert code_of(raised) == "model_not_copied"


def test_a_file_that_is_cut_while_it_is_read_leaves_nothing(shelf: ModelShelf, tmp_path: Path) -> None:
    source = put(tmp_path / "a.gguf", fake_model() + bytes(3 * importing.BLOCK_BYTES))

    def cut(event: CopyingModel) -> None:
        os.truncate(source, importing.BLOCK_BYTES)

    with pytest.raises(CoreError) as raised:
        Importer(shelf).run(str(source), cut, never)
    assert code_of(raised) == "model_truncated"
    assert list(shelf.folder.iterdir()) == []


def test_a_file_system_without_links_gets_the_file_all_the_same(
    shelf: ModelShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    for number in range(2):
        bring(shelf, put(tmp_path / f"{number}/a.gguf", fake_model(str(number))))
    assert names(shelf.folder) == ["a-2.gguf", "a.gguf"]


KILLED = """
import os, signal, sys
from pathlib import Path
from desktop.core.models import Importer, ModelShelf
Importer(ModelShelf(Path(sys.argv[1]))).run(
    sys.argv[2], lambda event: os.kill(os.getpid(), signal.SIGKILL), lambda: False
)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("split", [False, True])
def test_a_killed_import_leaves_no_model_and_the_next_start_clears_up(
    shelf: ModelShelf, tmp_path: Path, split: bool
) -> None:
    source = put_split(tmp_path / "in")[0] if split else put(tmp_path / "in/a.gguf")
    done = subprocess.run([sys.executable, "-c", KILLED, shelf.folder, source], check=False)
    assert done.returncode == -9
    assert len(list(shelf.folder.iterdir())) == 1
    assert shelf.all() == ()
    busy = shelf.folder / f".{os.getpid()}-01234567.importing"
    busy.touch()
    put(shelf.folder / ".hidden.importing", b"not ours")
    Importer(shelf).sweep()
    assert sorted(path.name for path in shelf.folder.iterdir()) == sorted([busy.name, ".hidden.importing"])


def test_two_imports_of_one_file_at_the_same_time_make_one_copy(shelf: ModelShelf, tmp_path: Path) -> None:
    source = put(tmp_path / "a.gguf")
    importer = Importer(shelf)
    done: list[ImportedModel] = []
    threads = [
        threading.Thread(target=lambda: done.append(importer.run(str(source), lambda _: None, never)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(one.already for one in done) == [False, True, True]
    assert names(shelf.folder) == ["a.gguf"]
