"""Variables of system prompts: found, filled in, escaped, and kept from turn to turn."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from desktop import i18n
from desktop.core.prompts.variables import expanded, fixed_values, kept_or_fresh, uses_fixed, wanted

MORNING = datetime(2026, 11, 22, 9, 30)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    before = i18n.language()
    i18n.set_language("en")
    yield
    i18n.set_language(before)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hello {{name}}.", "Hello Ana."),
        ("Hello {{ name }}.", "Hello Ana."),
        ("Hello {{name}}{{name}}", "Hello AnaAna"),
        ("Hello \\{{name}}.", "Hello {{name}}."),
        ("C:\\\\{{name}}", "C:\\Ana"),
        ("Hello {{other}}.", "Hello {{other}}."),
        ("{{#if name}} {name} {{}} {{1}}", "{{#if name}} {name} {{}} {{1}}"),
        ('{"a": {"b": 1}}', '{"a": {"b": 1}}'),
        ("{{Date}}", "today"),
        ("{{año de nacimiento}}", "1990"),
        ("{{{name}}}", "{Ana}"),
    ],
)
def test_a_variable_is_filled_in_and_everything_else_stays_as_it_is(text: str, shown: str) -> None:
    values = {"name": "Ana", "date": "today", "año de nacimiento": "1990"}
    assert expanded(text, values) == shown


def test_a_value_is_never_looked_through_for_variables() -> None:
    assert expanded("{{a}}", {"a": "{{b}} \\1", "b": "no"}) == "{{b}} \\1"


def test_a_persons_own_variables_are_named_once_in_their_order() -> None:
    texts = ("{{city}} {{date}} {{ year }}", "{{city}} \\{{not this}} {{Name of it}}")
    assert wanted(texts) == ("city", "year", "Name of it")
    assert uses_fixed(texts)
    assert not uses_fixed(("\\{{date}}", "{{city}}"))


def test_a_long_run_of_backslashes_takes_no_time() -> None:
    assert expanded("\\" * 200_000, {}) == "\\" * 200_000
    assert expanded("{{ " * 100_000, {}) == "{{ " * 100_000


def test_the_programs_own_variables_speak_the_language_in_use() -> None:
    values = fixed_values(MORNING, "SmolLM2")
    assert (values["date"], values["language"], values["model"]) == (
        "November 22, 2026",
        "English",
        "SmolLM2",
    )
    assert "9:30" in values["time"]
    i18n.set_language("es")
    assert fixed_values(MORNING, "")["date"] == "22 de noviembre de 2026"
    assert fixed_values(MORNING, "")["language"] == "español"


def test_what_a_chat_was_given_stays_for_the_day_and_for_its_model() -> None:
    kept = fixed_values(MORNING, "SmolLM2")
    later = MORNING.replace(hour=18)
    assert kept_or_fresh(kept, later, "SmolLM2") == kept
    assert kept_or_fresh(kept, MORNING.replace(day=23), "SmolLM2")["date"] == "November 23, 2026"
    assert kept_or_fresh(kept, later, "Gemma")["model"] == "Gemma"
    assert kept_or_fresh({}, later, "SmolLM2")["time"] == fixed_values(later, "SmolLM2")["time"]
