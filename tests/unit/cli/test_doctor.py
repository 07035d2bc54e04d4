"""`sobremesa doctor`: plain lines with remedies, JSON for scripts, and an answer where nothing opens."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.cli import main as cli
from desktop.core.errors import Reported
from desktop.core.places import Places
from desktop.core.types.health import Finding, Health
from rag.errors import DatabaseTooNew
from tests.unit.cli.conftest import Typed
from tests.unit.cli.talking_core import TalkingCore

TypeIn = Callable[..., Typed]
ILL = Health(
    (
        Finding("permissions", "open_files", "trouble", {"count": 2}, state="repairable"),
        Finding("models", "no_model", "trouble"),
    )
)


def test_an_installation_that_is_well_is_told_in_plain_lines(type_in: TypeIn) -> None:
    told = type_in("doctor")
    assert told.code == 0
    assert "Everything is in order." in told.out
    assert "31 chats with 804 messages" in told.out
    assert type_in("doctor", "--json").json["sound"] is True


def test_what_is_wrong_is_told_with_what_to_do_and_the_exit_code_says_so(
    type_in: TypeIn, core: TalkingCore
) -> None:
    core.health = ILL
    told = type_in("doctor")
    assert told.code == 1
    assert "2 files or folders of yours can be read by others." in told.out
    assert "Try: sobremesa doctor --repair" in told.out
    found = type_in("doctor", "--json", "--repair", "--thorough")
    assert (found.code, found.json["sound"]) == (1, False)
    assert [one["kind"] for one in found.json["findings"]] == ["open_files", "no_model"]
    assert all(one["message"] and one["hint"] for one in found.json["findings"])
    assert core.called("check_health") == [(False, False), (True, True)]


def test_the_diagnostics_can_be_read_before_they_are_written(
    type_in: TypeIn, core: TalkingCore, tmp_path: Path
) -> None:
    assert "llama_model_loader" in type_in("doctor", "--diagnostics").out
    assert core.called("save_diagnostics") == []
    path = tmp_path / "bundle.zip"
    assert "about.txt" in type_in("doctor", "--bundle", str(path)).out
    assert core.called("save_diagnostics") == [(str(path),)]
    assert type_in("doctor", "--diagnostics", "--bundle", str(path)).code == 2


def test_where_the_core_does_not_open_the_disk_is_looked_at_all_the_same(
    places: Places, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def refuse(_: Places) -> TalkingCore:
        raise Reported.of(DatabaseTooNew(file="chats.sqlite3", found=99, known=12))

    def run(*words: str) -> Typed:
        found, _ = cli.understand(["--data-dir", str(places.data), *words])
        return Typed(cli.carry_out(found, places, refuse), *capfd.readouterr())

    told = run("doctor")
    assert told.code == 1
    assert "newer" in told.out
    assert "Nobody else on this computer can read your data." in told.out
    path = tmp_path / "bundle.zip"
    assert run("doctor", "--bundle", str(path)).code == 0
    with zipfile.ZipFile(path) as bundle:
        assert "error=database_too_new" in bundle.read("health.txt").decode()
