"""What the set-up commands say, and how they show that time passes."""

import io
import re
import string
from pathlib import Path

import pytest
from setup_console import Progress, duration
from setup_words import WORDS, SetupProblem, language, word

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_say_the_same_with_the_same_parameters(key: str) -> None:
    english, spanish = WORDS[key]
    assert english
    assert spanish
    assert english != spanish
    assert _fields(english) == _fields(spanish)
    assert "!" not in english + spanish


def test_every_sentence_that_is_said_exists_and_every_one_that_exists_is_said() -> None:
    said: set[str] = set()
    for path in PACKAGING.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        said |= {key for key in WORDS if re.search(rf'"{key}"', text) and path.name != "setup_words.py"}
        used = re.findall(r'(?:word|SetupProblem)\(\s*"(\w+)"', text)
        assert set(used) <= set(WORDS), path.name
    own = {"again"}  # said by the error itself
    assert set(WORDS) - said - own == set()


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "es_ES.UTF-8"}, "es"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "es_MX.UTF-8"}, "es"),
        ({"LANG": "es_ES.UTF-8", "LANGUAGE": "en:es"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
    ],
)
def test_the_language_follows_the_locale(
    variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language() == expected


def test_a_problem_says_what_happened_and_what_to_do_in_spanish_too(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = SetupProblem("disk_full", folder="/datos", needed="6.0 GB")
    assert str(problem).startswith("The disk that holds /datos is full; about 6.0 GB are needed.")
    assert str(problem).endswith("run the same command again; it goes on where it stopped.")
    monkeypatch.setenv("LANGUAGE", "es")
    assert str(problem).startswith("El disco de /datos está lleno")
    assert word("again") in str(problem)


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_without_a_terminal_a_long_step_prints_a_line_now_and_then() -> None:
    clock, stream = _Clock(), io.StringIO()
    with Progress("Building", stream, clock, line_every_s=20) as progress:
        for second in range(1, 61):
            clock.now = second
            progress.show(second / 100)
    lines = stream.getvalue().splitlines()
    assert lines == ["Building", "   20%  20 s", "   40%  40 s", "   60%  1 min 00 s", "  ✓ 1 min 00 s"]


def test_a_short_step_without_a_terminal_is_one_line() -> None:
    stream = io.StringIO()
    with Progress("Quick", stream, _Clock()) as progress:
        progress.show(1.0)
    assert stream.getvalue() == "Quick\n"


def test_on_a_terminal_one_line_is_drawn_over_and_ends_with_the_time_it_took() -> None:
    clock, stream = _Clock(), _Terminal()
    with Progress("Building", stream, clock) as progress:
        clock.now = 75
        progress.show(0.5)
    drawn = stream.getvalue()
    assert drawn.count("\n") == 1
    assert " 50%  1 min 15 s" in drawn
    assert drawn.endswith("✓ Building (1 min 15 s)\n")


def test_a_step_that_failed_is_not_shown_as_done() -> None:
    stream = _Terminal()
    with pytest.raises(SetupProblem), Progress("Building", stream, _Clock()):
        raise SetupProblem("no_network")
    assert "✗ Building" in stream.getvalue()
    assert "✓" not in stream.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.9, "59 s"), (60, "1 min 00 s"), (725, "12 min 05 s")]
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text
