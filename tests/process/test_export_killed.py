"""A program that is killed while it writes an export leaves nothing of it behind, from the next start on."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from desktop.core.exchange.whole_files import WholeFiles

ROOT = Path(__file__).parents[2]
WRITER = """
import sys
from pathlib import Path
from desktop.core.exchange.whole_files import WholeFiles

def pieces():
    yield b"what was said in a chat that is deleted tomorrow" * 1000
    print("writing", flush=True)
    sys.stdin.read()

WholeFiles(Path(sys.argv[1])).write(Path(sys.argv[2]), pieces())
"""


def killed_in_mid_export(records: Path, file: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(records), str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        os.kill(process.pid, signal.SIGKILL)


def test_the_next_start_deletes_the_draft_of_an_export_that_was_killed(tmp_path: Path) -> None:
    folder, records = tmp_path / "papéis\n", tmp_path / "unfinished"
    folder.mkdir()
    (folder / "chat.md").write_text("an older export")
    killed_in_mid_export(records, folder / "chat.md")
    assert [file.name for file in folder.iterdir() if file.suffix == ".part"]
    WholeFiles(records).clear()
    assert [file.name for file in folder.iterdir()] == ["chat.md"]
    assert (folder / "chat.md").read_text() == "an older export"
    assert not list(records.iterdir())


def test_a_draft_on_a_disk_that_is_not_there_is_deleted_when_it_is_there_again(tmp_path: Path) -> None:
    folder, away, records = tmp_path / "stick", tmp_path / "away", tmp_path / "unfinished"
    folder.mkdir()
    killed_in_mid_export(records, folder / "chat.md")
    shutil.move(folder, away)
    WholeFiles(records).clear()
    shutil.move(away, folder)
    assert list(folder.iterdir())
    WholeFiles(records).clear()
    assert not list(folder.iterdir())
    assert not list(records.iterdir())


def test_a_record_that_names_another_file_deletes_nothing(tmp_path: Path) -> None:
    letter, records = tmp_path / "letter.part", tmp_path / "unfinished"
    records.mkdir()
    letter.write_text("nobody's draft")
    (records / "1-0.part").write_bytes(os.fsencode(letter))
    (records / "1-1.part").write_bytes(b"")
    (records / "1-2.part").write_bytes(b".x.1.part")
    WholeFiles(records).clear()
    assert letter.read_text() == "nobody's draft"
    assert not list(records.iterdir())
