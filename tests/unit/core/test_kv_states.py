"""Which KV states are kept, for whom, and when they go."""

from pathlib import Path

import pytest

from desktop.core.replies.kv_states import KvStates
from desktop.core.settings import Settings
from engine.protocol import SwitchChat


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "kv"
    folder.mkdir()
    return folder


def test_each_chat_has_a_file_of_its_own_within_one_limit(settings: Settings, folder: Path) -> None:
    states = KvStates(folder, settings, lambda _: None)
    assert states.switch_to(3) == SwitchChat(str(folder / "3.kv"), 512 << 20)
    settings.set("kept_chats_mib", 10)
    assert states.switch_to(4) == SwitchChat(str(folder / "4.kv"), 10 << 20)


def test_of_a_chat_without_a_number_nothing_is_kept(settings: Settings, folder: Path) -> None:
    assert KvStates(folder, settings, lambda _: None).switch_to(None).file == ""


def test_a_deleted_chats_state_goes_and_the_engine_hears_of_it(settings: Settings, folder: Path) -> None:
    told: list[str] = []
    (folder / "3.kv").write_bytes(b"state")
    (folder / "4.kv").write_bytes(b"state")
    KvStates(folder, settings, told.append).drop(3)
    assert [file.name for file in folder.iterdir()] == ["4.kv"]
    assert told == [str(folder / "3.kv"), str(folder / "3-1.kv")]


def test_the_second_side_of_a_comparison_has_a_state_of_its_own_that_goes_with_the_chat(
    settings: Settings, folder: Path
) -> None:
    states = KvStates(folder, settings, lambda _: None)
    assert states.switch_to(3, side=1).file == str(folder / "3-1.kv")
    for name in ("3.kv", "3-1.kv", "4-1.kv"):
        (folder / name).write_bytes(b"state")
    states.sweep([3])
    assert sorted(file.name for file in folder.iterdir()) == ["3-1.kv", "3.kv"]
    states.drop(3)
    assert not list(folder.iterdir())


def test_at_the_start_only_states_of_chats_that_are_there_stay(settings: Settings, folder: Path) -> None:
    for name in ("3.kv", "4.kv", "5.kv.new", "notes"):
        (folder / name).write_bytes(b"state")
    KvStates(folder, settings, lambda _: None).sweep([4, 7])
    assert [file.name for file in folder.iterdir()] == ["4.kv"]


def test_where_nothing_is_to_be_kept_nothing_stays(settings: Settings, folder: Path) -> None:
    (folder / "4.kv").write_bytes(b"state")
    settings.set("kept_chats_mib", 0)
    KvStates(folder, settings, lambda _: None).sweep([4])
    assert not list(folder.iterdir())


def test_a_folder_that_is_gone_is_no_misfortune(settings: Settings, folder: Path) -> None:
    folder.rmdir()
    KvStates(folder, settings, lambda _: None).sweep([4])
