"""The one entry: what it starts, what it must not load, what it says without a screen."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.__main__ import WORKER_PACKAGES
from desktop.cli.main import has_display
from desktop.core.local_socket import serve
from desktop.core.places import Places
from desktop.core.settings import Settings
from desktop.core.workers.launches import Launches
from desktop.core.workers.supervisor import Launch
from tests.unit.cli.talking_core import TalkingCore

ROOT = Path(__file__).parents[3]


def sobremesa(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """The program itself, in a process of its own."""
    screenless = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    screenless.pop("QT_QPA_PLATFORM", None)
    return subprocess.run(
        [sys.executable, "-m", "desktop", *words],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd=ROOT,
        env={**screenless, **environment},
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_without_a_screen_it_says_so_and_names_the_next_command() -> None:
    plain = sobremesa()
    assert (plain.returncode, plain.stdout) == (1, "")
    assert "There is no screen" in plain.stderr
    assert "sobremesa chat" in plain.stderr
    told = sobremesa("--json")
    assert told.returncode == 1
    assert json.loads(told.stdout)["error"]["code"] == "no_display"


def test_a_screen_is_what_the_system_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert not has_display()
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    assert not has_display()
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen:size=800x600")
    assert has_display()
    monkeypatch.delenv("QT_QPA_PLATFORM")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.setenv(name, ":0")
        assert has_display()
        monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert has_display()


def test_a_second_copy_shows_the_window_that_is_open_and_ends(tmp_path: Path) -> None:
    places = Places.of(tmp_path)
    places.create()
    shown: list[tuple[str, ...]] = []
    server = serve(TalkingCore(), places, shown.append)
    for files in ((), ("/mnt/a.gguf", "/mnt/b.pdf")):
        done = sobremesa("--data-dir", str(tmp_path), *files, QT_QPA_PLATFORM="offscreen")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    server.close()
    assert shown == [(), ("/mnt/a.gguf", "/mnt/b.pdf")]


def test_a_window_beside_a_command_is_refused_in_plain_words(tmp_path: Path) -> None:
    places = Places.of(tmp_path)
    places.create()
    server = serve(TalkingCore(), places)
    done = sobremesa("--data-dir", str(tmp_path), QT_QPA_PLATFORM="offscreen")
    server.close()
    assert done.returncode == 1
    assert "Another Sobremesa" in done.stderr


def test_a_command_loads_neither_qt_nor_any_model_library() -> None:
    code = (
        "import sys; from desktop.__main__ import main; code = main(['models', '--json'])\n"
        "heavy = ('PySide6', 'numpy', 'torch', 'chromadb', 'llama_cpp', 'babel', 'pypdfium2')\n"
        "print(code, [name for name in heavy if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stderr.strip() == "0 []"
    assert set(json.loads(done.stdout)) == {"models", "folder"}


def test_only_our_own_workers_are_started_by_name() -> None:
    for words in (["--worker"], ["--worker", "this"], ["--worker", "http.server"]):
        done = sobremesa(*words)
        assert (done.returncode, done.stdout) == (2, "")


def test_a_frozen_program_can_start_every_worker_that_the_core_launches(tmp_path: Path) -> None:
    places = Places.of(tmp_path)
    launches = Launches(places, Settings(places.settings_file))
    given = {"hub": ("https://hub.example",), "embedder": (tmp_path,), "reranker": (tmp_path,)}
    modules = [
        getattr(launches, name)(*given.get(name, ())).module
        for name, method in vars(Launches).items()
        if not name.startswith("_") and getattr(method, "__annotations__", {}).get("return") is Launch
    ]
    assert len(modules) > 10
    assert [module for module in modules if not module.startswith(WORKER_PACKAGES)] == []


def test_a_worker_is_run_as_a_program_with_its_own_arguments() -> None:
    code = (
        "import sys, types, runpy; from desktop.__main__ import main\n"
        "runpy.run_module = lambda name, **how: print(name, how, sys.argv)\n"
        "print(main(['--worker', 'engine.worker', '--channel', '7']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines() == [
        "engine.worker {'run_name': '__main__', 'alter_sys': True} ['engine.worker', '--channel', '7']",
        "0",
    ]


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_output_into_a_closed_pipe_ends_quietly(options: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "desktop", "models", *options],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 1
    assert done.stderr == ""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a device that is always full")
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_output_that_finds_no_room_is_told_in_one_sentence(options: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "desktop", "models", *options],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "could not be written" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX closes the streams")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_from_the_start_harm_nothing(closed: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" -m desktop models {closed}', sys.executable],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_data_folder_that_cannot_be_is_told_in_plain_words() -> None:
    told = sobremesa("models", "--json", "--data-dir", str(ROOT / ("d" * 300)))
    assert told.returncode == 1
    assert json.loads(told.stdout)["error"]["code"] == "data_unwritable"


def test_a_pipe_that_brings_no_text_is_told_so() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "desktop", "chat", "--json"],
        input=b"\x89PNG\r\n\x1a\n\xff\xfe",
        capture_output=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "not_text"


# while it starts, and at the second Ctrl+C
@pytest.mark.parametrize("moment", ["understand", "_with"])
def test_an_interruption_at_any_moment_is_still_one_json_object(moment: str) -> None:
    code = (
        "import sys; from desktop.__main__ import main; from desktop.cli import main as cli\n"
        "def interrupted(*_): raise KeyboardInterrupt\n"
        f"cli.{moment} = interrupted\n"
        "sys.exit(main(['models', '--json']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (130, "")
    assert json.loads(done.stdout)["error"]["code"] == "cancelled"
