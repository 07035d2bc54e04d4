"""Settings: declared once, checked, kept, and never lost to a damaged file."""

import json
import math
import stat
from pathlib import Path

import pytest

from desktop.core.errors import BadSetting, CoreError
from desktop.core.settings import SETTINGS, Settings, setting
from engine.errors import BadSetting as EngineBadSetting
from engine.protocol import LoadModel
from engine.runtime import MIN_CONTEXT_TOKENS, check_load


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def test_every_default_is_allowed_by_its_own_declaration() -> None:
    for declared in SETTINGS:
        assert declared.checked(declared.default) == declared.default
    assert len({declared.name for declared in SETTINGS}) == len(SETTINGS)


def test_a_setting_takes_the_context_windows_that_the_engine_takes() -> None:
    declared = setting("context_tokens")
    assert declared.checked(0) == 0
    for tokens in (1, 31, 32, 4096, 1_048_576, -1):
        try:
            check_load(LoadModel("model.gguf", context_tokens=tokens))
        except EngineBadSetting:
            with pytest.raises(BadSetting) as refused:
                declared.checked(tokens)
            assert refused.value.params["low"] == MIN_CONTEXT_TOKENS
            assert refused.value.params["automatic"] == 0
        else:
            assert declared.checked(tokens) == tokens


def test_a_value_survives_a_restart_and_the_file_holds_only_what_differs(path: Path) -> None:
    settings = Settings(path)
    settings.set("temperature", 0.2)
    settings.set("language", "es")
    settings.set("top_k", 40)  # the default
    again = Settings(path)
    assert again.decimal("temperature") == 0.2
    assert again.text("language") == "es"
    assert json.loads(path.read_text()) == {"language": "es", "temperature": 0.2}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again.set("temperature", setting("temperature").default)
    assert "temperature" not in json.loads(path.read_text())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", -0.1),
        ("temperature", 9),
        ("temperature", math.nan),
        ("temperature", "warm"),
        ("temperature", None),
        ("top_k", 1.5),
        ("top_k", True),
        ("language", "fr"),
        ("language", 3),
        ("excerpts", 0),
        ("colour", "red"),
        ("offline", 0),
        ("offline", "yes"),
        ("hub_address", "http://hub.example"),
        ("hub_address", "ftp://127.0.0.1"),
        ("hub_address", "hub.example"),
        ("hub_address", "https://"),
        ("hub_address", "https://ana:secret@hub.example"),
        ("hub_address", "https://hub.example:port"),
        ("hub_address", "https://hub.example/a b"),
        ("hub_address", "http://127.0.0.1.hub.example"),
        ("hub_address", ""),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_and_the_old_one_stays(
    path: Path, name: str, value: object
) -> None:
    settings = Settings(path)
    with pytest.raises(BadSetting) as caught:
        settings.set(name, value)
    assert caught.value.params["name"] == name
    assert not path.exists()


def test_a_whole_number_is_a_decimal_where_one_is_meant(path: Path) -> None:
    settings = Settings(path)
    settings.set("temperature", 1)
    assert settings.value("temperature") == 1.0


def test_a_switch_is_on_or_off_and_survives_a_restart(path: Path) -> None:
    settings = Settings(path)
    assert settings.flag("offline")
    settings.set("offline", False)
    assert json.loads(path.read_text()) == {"offline": False}
    assert not Settings(path).flag("offline")


@pytest.mark.parametrize(
    "address",
    ["https://hub.example", "https://hub.example:8443/mirror", "http://127.0.0.1:80", "http://[::1]:5"],
)
def test_a_hub_is_named_by_https_or_lies_on_this_machine(path: Path, address: str) -> None:
    settings = Settings(path)
    settings.set("hub_address", address)
    assert Settings(path).text("hub_address") == address


@pytest.mark.parametrize("content", [b"", b"{", b"[1, 2]", b"\xff\xfe", b'"text"'])
def test_a_damaged_file_is_kept_aside_and_defaults_apply(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    settings = Settings(path)
    assert settings.problem is not None
    assert settings.problem.code == "settings_damaged"
    assert Path(str(settings.problem.params["kept_as"])).read_bytes() == content
    assert settings.value("excerpts") == 5
    settings.set("excerpts", 7)
    assert Settings(path).whole("excerpts") == 7


def test_a_hand_edited_value_out_of_range_counts_as_the_default(path: Path) -> None:
    path.write_text('{"temperature": 77, "top_k": "many"}')
    settings = Settings(path)
    assert settings.value("temperature") == 0.7
    assert settings.value("top_k") == 40


def test_what_a_later_version_wrote_is_kept(path: Path) -> None:
    path.write_text('{"speech": "on", "theme": "sepia"}')
    Settings(path).set("excerpts", 3)
    assert json.loads(path.read_text()) == {"speech": "on", "theme": "sepia", "excerpts": 3}


def test_a_folder_that_cannot_be_written_ends_in_an_error_and_the_old_value(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "missing" / "settings.json")
    with pytest.raises(CoreError) as caught:
        settings.set("excerpts", 3)
    assert caught.value.code == "data_unwritable"
    assert settings.value("excerpts") == 5


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_named_and_the_file_of_before_stays(path: Path) -> None:
    settings = Settings(path)
    settings.set("excerpts", 9)
    (path.parent / "settings.json.new").symlink_to("/dev/full")
    with pytest.raises(CoreError) as caught:
        settings.set("excerpts", 3)
    assert caught.value.code == "storage_full"
    assert Settings(path).whole("excerpts") == 9
