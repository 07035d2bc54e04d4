"""Where things lie: the data folder, the shared models folder, the socket's address."""

import os
import stat
import sys
from pathlib import Path

import pytest

from desktop.core.errors import DataUnwritable
from desktop.core.places import SOCKET_PATH_BYTES, Places


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home folder without our variables."""
    for variable in ("SOBREMESA_DATA", "SOBREMESA_MODELS", "XDG_DATA_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.skipif(sys.platform != "linux", reason="platformdirs decides elsewhere")
def test_without_a_word_the_platform_decides(bare: Path) -> None:
    places = Places.of()
    assert places.data == bare / ".local/share/sobremesa"
    assert places.models == places.data / "models"


def test_another_data_folder_keeps_the_users_models(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    default = Places.of().models
    assert Places.of(tmp_path / "other").models == default
    monkeypatch.setenv("SOBREMESA_DATA", str(tmp_path / "third"))
    assert Places.of().data == tmp_path / "third"
    assert Places.of().models == default


def test_what_is_named_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOBREMESA_DATA", str(tmp_path / "environment"))
    monkeypatch.setenv("SOBREMESA_MODELS", str(tmp_path / "models"))
    assert Places.of(tmp_path / "named").data == tmp_path / "named"
    assert Places.of().data == tmp_path / "environment"
    assert Places.of().models == tmp_path / "models"


def test_a_relative_folder_means_the_same_after_a_change_of_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    places = Places.of(Path("here"))
    monkeypatch.chdir("/")
    assert places.data == tmp_path / "here"


def test_everything_lies_in_the_data_folder(tmp_path: Path) -> None:
    places = Places.of(tmp_path)
    for path in (
        places.chats_file,
        places.settings_file,
        places.library_dir,
        places.logs_dir,
        places.lock_file,
        places.socket_key_file,
    ):
        assert path.parent == tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have names, not paths")
def test_a_long_data_folder_gets_a_short_socket_that_is_its_own(tmp_path: Path) -> None:
    long = tmp_path / ("ñ" * 60)
    addresses = {Places.of(long / name).socket_address for name in ("a", "b", "a/../b")}
    assert len(addresses) == 2
    for address in addresses:
        assert len(os.fsencode(address)) <= SOCKET_PATH_BYTES


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_folders_are_made_for_this_user_only(tmp_path: Path) -> None:
    places = Places.of(tmp_path / "a" / "b")
    places.create()
    places.create()
    for folder in (places.data, places.library_dir, places.logs_dir):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataUnwritable) as caught:
        Places.of(tmp_path / "file").create()
    assert caught.value.params["folder"] == str(tmp_path / "file")


def test_without_a_place_for_kv_states_the_folders_are_made_all_the_same(tmp_path: Path) -> None:
    places = Places.of(tmp_path / "data")
    places.data.mkdir()
    places.kv_dir.write_text("a file in its place")
    places.create()
    assert places.library_dir.is_dir()
    assert places.kv_dir.read_text() == "a file in its place"
