"""Models go to the system's trash, and only those of the models folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import send2trash

from desktop.core.errors import CoreError
from desktop.core.models import Importer, ModelShelf, removable, remove, stores
from tests.unit.models.places import everything, put, put_ollama, put_split


@pytest.fixture
def trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A trash for the test: the real one is the person's."""
    folder = tmp_path / "trash"
    folder.mkdir()

    def throw(path: str) -> None:
        Path(path).rename(folder / Path(path).name)

    monkeypatch.setattr(send2trash, "send2trash", throw)
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_model_goes_to_the_trash(tmp_path: Path, trash: Path) -> None:
    path = put(tmp_path / "models/maker/a.gguf")
    shelf = ModelShelf(tmp_path / "models")
    assert removable(str(path), shelf) == remove(str(path), shelf) == (str(path),)
    assert names(trash) == ["a.gguf"]
    assert not path.exists()
    assert shelf.all() == ()


def test_all_parts_of_a_split_model_go_with_the_folder_that_held_them(tmp_path: Path, trash: Path) -> None:
    shelf = ModelShelf(tmp_path / "models")
    parts = put_split(tmp_path / "in")
    path = Importer(shelf).run(str(parts[0]), lambda _: None, lambda: False).model.path
    remove(path.replace("00001-of", "00002-of"), shelf)
    assert names(trash) == [part.name for part in parts]
    assert names(tmp_path / "models") == []
    assert all(part.exists() for part in parts)


def test_a_broken_model_can_be_removed(tmp_path: Path, trash: Path) -> None:
    path = put(tmp_path / "models/broken.gguf", b"GGUF")
    remove(str(path), ModelShelf(tmp_path / "models"))
    assert names(trash) == ["broken.gguf"]


def test_what_other_programs_keep_is_refused_and_stays(tmp_path: Path, trash: Path) -> None:
    shelf = ModelShelf(tmp_path / "models", stores=stores(tmp_path, {}, "linux"))
    theirs = [
        put_ollama(tmp_path / ".ollama/models"),
        put(tmp_path / ".lmstudio/models/maker/model/a.gguf"),
        put(tmp_path / "Downloads/mine.gguf"),
        put(tmp_path / "models/embeddings/search.gguf"),
        put(tmp_path / "models/notes.txt"),
        put(tmp_path / "models/../models-2/b.gguf"),
    ]
    before = everything(tmp_path)
    for path in theirs:
        with pytest.raises(CoreError) as raised:
            remove(str(path), shelf)
        assert raised.value.problem().code == "model_not_ours"
    assert everything(tmp_path) == before


def test_a_model_that_is_not_there_is_said(tmp_path: Path, trash: Path) -> None:
    with pytest.raises(CoreError) as raised:
        remove(str(tmp_path / "models/none.gguf"), ModelShelf(tmp_path / "models"))
    assert raised.value.problem().code == "model_missing"


@pytest.mark.skipif(sys.platform == "win32", reason="making links takes a right there")
def test_a_link_in_our_folder_goes_and_what_it_leads_to_stays(tmp_path: Path, trash: Path) -> None:
    theirs = put(tmp_path / "disk/a.gguf")
    (tmp_path / "models").mkdir()
    link = tmp_path / "models/a.gguf"
    link.symlink_to(theirs)
    remove(str(link), ModelShelf(tmp_path / "models"))
    assert not link.is_symlink()
    assert theirs.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="making links takes a right there")
def test_a_models_folder_behind_a_link_is_ours_by_both_names(tmp_path: Path, trash: Path) -> None:
    path = put(tmp_path / "disk/models/a.gguf")
    (tmp_path / "models").symlink_to(tmp_path / "disk/models", target_is_directory=True)
    remove(str(path), ModelShelf(tmp_path / "models"))
    assert names(trash) == ["a.gguf"]


def test_a_trash_that_refuses_is_told_and_the_model_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: str) -> None:
        raise send2trash.TrashPermissionError("/trash")

    monkeypatch.setattr(send2trash, "send2trash", refuse)
    path = put(tmp_path / "models/a.gguf")
    with pytest.raises(CoreError) as raised:
        remove(str(path), ModelShelf(tmp_path / "models"))
    assert raised.value.problem().code == "model_not_removed"
    assert path.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the trash of the freedesktop specification")
def test_the_real_trash_keeps_the_file_and_where_it_was(tmp_path: Path) -> None:
    path = put(tmp_path / "models/a b.gguf")
    code = (
        "import sys; from pathlib import Path; from desktop.core.models import ModelShelf, remove\n"
        "print(remove(sys.argv[1], ModelShelf(Path(sys.argv[1]).parent)))"
    )
    home = tmp_path / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home / "data")}
    subprocess.run([sys.executable, "-c", code, path], check=True, env=environment, capture_output=True)
    assert not path.exists()
    assert (home / "data/Trash/files/a b.gguf").exists()
    assert "a%20b.gguf" in (home / "data/Trash/info/a b.gguf.trashinfo").read_text()
