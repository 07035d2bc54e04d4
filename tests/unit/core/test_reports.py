"""Reports of crashes: what happened is in them, and nothing of the person."""

import traceback

import pytest

from desktop.core.reports import report, without_folders, without_messages
from desktop.core.types import Problem

PRIVATE = "my diagnosis, and where the key lies"


def raised() -> str:
    def read(title: str) -> None:
        raise ValueError(f"cannot read {title} in /home/ana/Cartas/médico.txt")

    try:
        try:
            read(PRIVATE)
        except ValueError as error:
            raise RuntimeError(f"line one\nline two with {PRIVATE}") from error
    except RuntimeError as error:
        return "".join(traceback.format_exception(error))


def test_a_traceback_keeps_its_frames_and_loses_what_was_said() -> None:
    told = without_messages(raised())
    assert 'File "test_reports.py", line' in told
    assert "in read" in told
    assert "ValueError" in told
    assert "RuntimeError" in told
    assert "The above exception was" in told
    for personal in (PRIVATE, "diagnosis", "ana", "Cartas", "line one", "line two"):
        assert personal not in told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("loading /home/ana/modelos/tiny.gguf", "loading tiny.gguf"),
        ("from '/home/ana maría/my models/tiny.gguf' (mmap)", "from 'tiny.gguf' (mmap)"),
        ('File "C:\\Users\\Ana\\x.py", line 3', 'File "x.py", line 3'),
        ("at C:\\Users\\Ana\\models\\tiny.gguf: bad", "at tiny.gguf: bad"),
        ("~/modelos/tiny.gguf", "tiny.gguf"),
        ("12 tok/s and 3/4 of it", "12 tok/s and 3/4 of it"),
        ("file:///home/ana/a.pdf", "file://a.pdf"),
    ],
)
def test_of_a_path_its_last_part_stays(text: str, expected: str) -> None:
    assert without_folders(text) == expected


def test_a_report_tells_the_program_the_system_and_how_it_ended() -> None:
    problem = Problem(
        "engine_died",
        {"how": "SIGSEGV", "path": "/home/ana/modelos/tiny.gguf"},
        "llama_model_load: /home/ana/modelos/tiny.gguf is bad\nassert failed",
    )
    told = report(problem)
    assert told.startswith("engine_died\nhow: SIGSEGV\n")
    assert "Python 3" in told
    assert "llama_model_load: tiny.gguf is bad" in told
    assert "/home" not in told
    assert "ana" not in told


def test_a_defect_of_ours_is_told_without_its_message() -> None:
    told = report(Problem("unexpected", {}, raised()))
    assert "RuntimeError" in told
    assert PRIVATE not in told
    assert "Cartas" not in told
