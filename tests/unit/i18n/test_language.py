"""The language in use: chosen, spoken, and written in numbers, dates and sizes."""

import subprocess
import sys
from datetime import datetime

import pytest

from desktop import i18n

NOON = datetime(2026, 11, 22, 12, 5).timestamp()


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"LANGUAGE": "es:en"}, "es"),
        ({"LANGUAGE": "fr:es"}, "es"),
        ({"LC_ALL": "es_MX.UTF-8", "LANG": "en_US.UTF-8"}, "es"),
        ({"LC_MESSAGES": "es_ES", "LANG": "en_US.UTF-8"}, "es"),
        ({"LANG": "es_AR.UTF-8@euro"}, "es"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8", "LANGUAGE": ""}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "est_EE"}, "en"),
    ],
)
def test_the_systems_language_is_the_first_that_we_speak(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], code: str
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert i18n.system_language() == code
    assert i18n.set_language("system") == code
    assert i18n.language() == code


def test_what_is_chosen_wins_over_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "es")
    assert i18n.set_language("en") == "en"
    assert i18n._("Stopped.") == "Stopped."
    assert i18n.set_language("tlh") == "es"


@pytest.mark.usefixtures("spanish")
def test_spanish_speaks_spanish_with_its_plurals() -> None:
    assert i18n._("Stopped.") != "Stopped."
    one = i18n.ngettext("{count} page", "{count} pages", 1)
    many = i18n.ngettext("{count} page", "{count} pages", 0)
    assert (one, many) == ("{count} página", "{count} páginas")


def test_english_needs_no_catalogue_for_its_plurals() -> None:
    i18n.set_language("en")
    assert [i18n.ngettext("{count} page", "{count} pages", count) for count in (0, 1, 2)] == [
        "{count} pages",
        "{count} page",
        "{count} pages",
    ]


def test_an_unknown_text_is_shown_as_it_is_and_an_empty_one_stays_empty() -> None:
    i18n.set_language("es")
    assert i18n._("Nobody translated this") == "Nobody translated this"
    assert i18n._("") == ""


def test_numbers_dates_and_sizes_are_written_as_the_language_does() -> None:
    i18n.set_language("en")
    english = (i18n.number(12345.5), i18n.number(2, 2), i18n.percent(0.42), i18n.size(98_000_000))
    assert english == ("12,345.5", "2.00", "42%", "98 MB")
    assert i18n.date(NOON) == "Nov 22, 2026"
    assert "12:05" in i18n.time_of_day(NOON)
    i18n.set_language("es")
    spanish = (i18n.number(12345.5), i18n.number(2, 2), i18n.percent(0.42), i18n.size(1_240_000_000))
    assert spanish == ("12.345,5", "2,00", "42\xa0%", "1,2 GB")
    assert i18n.date(NOON) == "22 nov 2026"
    assert "nov" in i18n.date_and_time(NOON)


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (999_499, "999 kB"),
        (999_500, "1 MB"),
        (1_500_000, "1.5 MB"),
        (9_960_000, "10 MB"),
        (4_000_000_000_000_000, "4,000 TB"),
    ],
)
def test_sizes_have_the_unit_that_reads_best(size_bytes: int, text: str) -> None:
    i18n.set_language("en")
    assert i18n.size(size_bytes) == text


@pytest.mark.parametrize(
    ("duration_s", "text"), [(0.04, "0 s"), (0.36, "0.4 s"), (9.96, "10 s"), (61.4, "61 s")]
)
def test_short_times_are_in_seconds(duration_s: float, text: str) -> None:
    i18n.set_language("en")
    assert i18n.seconds(duration_s) == text


def test_importing_the_language_loads_neither_babel_nor_qt() -> None:
    code = (
        "import sys, desktop.i18n, desktop.words; "
        "print([name for name in ('babel', 'PySide6') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
