"""Files in the place of a command: what is one, and what stays a mistyped command."""

import os
from pathlib import Path

import pytest

from desktop.cli.arguments import parsed
from desktop.cli.files import parted


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ["model.gguf"],
        ["--data-dir", "D", "model.gguf"],
        ["--data-dir=D", "model.gguf"],
        ["model.gguf", "--data-dir", "D"],
        ["--", "model.gguf"],
    ],
)
def test_a_file_stands_where_a_command_would(words: list[str], here: Path) -> None:
    found = parsed(words)
    assert found.command is None
    assert found.files == (str(here / "model.gguf"),)
    assert found.data_dir == (Path("D") if len(words) > 1 and words[0] != "--" else None)


def test_several_files_keep_their_order_and_addresses_become_paths(here: Path) -> None:
    words = ["b.pdf", "/mnt/a b.gguf", "file:///mnt/c%20d.pdf"]
    assert parsed(words).files == (str(here / "b.pdf"), "/mnt/a b.gguf", "/mnt/c d.pdf")


def test_a_file_without_an_ending_is_one_when_it_is_there(here: Path) -> None:
    (here / "notes").write_text("Seven.")
    assert parsed(["notes"]).files == (str(here / "notes"),)
    with pytest.raises(SystemExit):
        parsed(["note"])


def test_a_command_is_a_command_even_beside_a_file_of_its_name(here: Path) -> None:
    (here / "models").write_text("")
    assert parsed(["models"]).command == "models"
    assert parsed(["models"]).files == ()
    assert parsed(["./models"]).files == (str(here / "models"),)
    assert parsed(["index", "a.pdf"]).command == "index"
    assert parsed([]).files == ()


def test_a_mistyped_command_before_a_file_is_still_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed(["indx", "a.pdf"])
    assert ended.value.code == 2
    assert "indx" in capsys.readouterr().err


def test_a_name_in_another_encoding_is_taken_and_shown_as_well_as_it_can_be(here: Path) -> None:
    word = os.fsdecode(b"caf\xe9.gguf")
    assert parted([word], ()) == ([], (str(here / "caf\ufffd.gguf"),))
    assert parsed([word]).files == (str(here / "caf\ufffd.gguf"),)
