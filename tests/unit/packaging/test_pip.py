"""Following pip: how far a build is, and what its failures mean."""

import os
import sys
import time
from pathlib import Path

import psutil
import pytest
import setup_pip
from setup_env import collected, pinned, torch_command, torch_index
from setup_pip import explain, follow, ninja_share, raise_for
from setup_words import SetupProblem


@pytest.mark.parametrize(
    ("line", "share"),
    [
        ("  [1/193] /usr/bin/g++ -DGGML_SHARED -c a.cpp", 1 / 193),
        ("[193/193] Linking CXX shared library libllama.so", 1.0),
        ("  -- Installing: lib/libllama.so", None),
        ("see [1/2] in the text", None),
        ("[1/0] nothing", 1.0),
    ],
)
def test_the_share_of_a_build_is_read_from_ninja(line: str, share: float | None) -> None:
    assert ninja_share(line) == share


@pytest.mark.parametrize(
    ("output", "key"),
    [
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "disk_full"),
        ("c++: fatal error: error writing to x.s: No space left on device", "disk_full"),
        ("Retrying, broken by 'NewConnectionError'\nERROR: No matching distribution found", "no_network"),
        ("CMake Error: CMAKE_CXX_COMPILER not set, after EnableLanguage", "no_compiler"),
        ("ERROR: No matching distribution found for chromadb==99", None),
    ],
)
def test_known_causes_are_told_from_pips_output(output: str, key: str | None) -> None:
    assert explain(output) == key


def test_an_unknown_failure_keeps_the_problem_that_the_caller_gave() -> None:
    with pytest.raises(SetupProblem) as caught:
        raise_for(1, ["ERROR: something new"], SetupProblem("pip_failed", log="setup.log"))
    assert caught.value.key == "pip_failed"
    raise_for(0, ["[Errno 28]"], SetupProblem("pip_failed"))  # success is success


def test_a_command_is_followed_line_by_line_and_kept_in_the_log(tmp_path: Path) -> None:
    lines: list[str] = []
    script = "print('[1/2] a'); print('ñandú'); import sys; print('err', file=sys.stderr); sys.exit(3)"
    log = tmp_path / "setup.log"
    environment = setup_pip.quiet_environment({"PYTHONIOENCODING": "utf-8"})
    code, last = follow(
        [sys.executable, "-c", script], log=log, on_line=lines.append, environment=environment
    )
    assert code == 3
    assert "[1/2] a\n" in lines
    assert "ñandú" in last
    assert "err" in log.read_text(encoding="utf-8")


def test_an_interrupted_command_does_not_run_on(tmp_path: Path) -> None:
    ticks = 0

    def tick() -> None:
        nonlocal ticks
        ticks += 1
        if (tmp_path / "started").exists():
            raise KeyboardInterrupt

    script = f"import time, pathlib; pathlib.Path({str(tmp_path / 'started')!r}).touch(); time.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        follow([sys.executable, "-c", script], log=tmp_path / "log", on_tick=tick)
    assert ticks > 0


@pytest.mark.skipif(os.name == "nt", reason="looks for the processes as Linux and macOS number them")
def test_what_the_command_has_started_ends_with_it(tmp_path: Path) -> None:
    child = (
        "import subprocess, sys, pathlib;"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "f = pathlib.Path(sys.argv[1] + '.new'); f.write_text(str(p.pid)); f.rename(sys.argv[1]); p.wait()"
    )
    number = tmp_path / "pid"

    def tick() -> None:
        if number.exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        follow([sys.executable, "-c", child, str(number)], log=tmp_path / "log", on_tick=tick)
    grandchild = int(number.read_text())
    for _ in range(100):  # its parent is gone: somebody has to collect it
        if not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.05)
    pytest.fail("a compiler would run on")


def test_pip_is_told_to_ask_nothing_and_to_speak_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "es")
    environment = setup_pip.quiet_environment()
    assert environment["PIP_NO_INPUT"] == "1"
    assert "LANGUAGE" not in environment


def test_progress_of_an_installation_grows_with_the_packages_collected() -> None:
    share = collected(4)
    assert share("Collecting numpy==2.4.6") == pytest.approx(0.2)
    assert share("  Downloading numpy.whl (18 MB)") == pytest.approx(0.2)
    assert share("Requirement already satisfied: six in ./lib") == pytest.approx(0.4)
    assert share("Installing collected packages: numpy") == 0.85


def test_a_pin_is_found_by_its_whole_name() -> None:
    assert pinned("torchaudio==1\ntorch==2.13.0\n", "torch") == "torch==2.13.0"
    with pytest.raises(ValueError, match="not pinned"):
        pinned("torchaudio==1\n", "torch")


def test_without_an_index_for_the_cpu_pip_takes_the_pinned_build_it_finds() -> None:
    assert torch_command("torch==2.13.0", None) == ["torch==2.13.0"]
    assert torch_command("torch==2.13.0", "http://cpu")[:2] == ["--extra-index-url", "http://cpu"]


def test_an_index_that_does_not_answer_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, float]] = []

    def refuse(url: str, timeout: float) -> None:
        asked.append((url, timeout))
        raise TimeoutError

    monkeypatch.setenv("SOBREMESA_TORCH_INDEX", "http://cpu.example/whl/")
    assert torch_index(refuse) is None
    assert asked == [("http://cpu.example/whl/torch/", pytest.approx(4))]


def test_an_empty_variable_means_no_index_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOBREMESA_TORCH_INDEX", "")
    assert torch_index(lambda *_args, **_kw: pytest.fail("asked")) is None


def test_only_linux_needs_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOBREMESA_TORCH_INDEX", raising=False)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert torch_index(lambda *_args, **_kw: pytest.fail("asked")) is None
