"""Every text a person can see is there in Spanish, and says the same things."""

import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from update_catalogues import catalogues, extracted, updated

ROOT = Path(__file__).resolve().parents[3]
SPANISH = ROOT / "desktop/locale/es/LC_MESSAGES/sobremesa.po"


@pytest.fixture(scope="module")
def template() -> Catalog:
    return extracted(ROOT)


@pytest.fixture(scope="module")
def spanish_texts() -> Catalog:
    with SPANISH.open("rb") as file:
        return read_po(file, locale="es")


def key(message: Message) -> tuple[object, str | None]:
    return (message.id, message.context)


def translations(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def originals(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def test_the_source_is_read_at_all(template: Catalog) -> None:
    assert len(template) > 100
    assert template.get("Stopped.") is not None


def test_no_text_is_missing_in_spanish_and_none_is_left_over(
    template: Catalog, spanish_texts: Catalog
) -> None:
    wanted = {key(message) for message in template if message.id}
    present = {key(message) for message in spanish_texts if message.id}
    advice = "run python packaging/update_catalogues.py and translate what is new"
    assert wanted - present == set(), advice
    assert present - wanted == set(), advice


def test_every_text_is_translated_and_none_of_it_is_a_guess(spanish_texts: Catalog) -> None:
    empty = [message.id for message in spanish_texts if message.id and not all(translations(message))]
    assert empty == []
    assert [message.id for message in spanish_texts if message.id and message.fuzzy] == []
    assert not spanish_texts.obsolete


def test_plurals_have_both_forms(spanish_texts: Catalog) -> None:
    for message in spanish_texts:
        if message.pluralizable:
            assert len(translations(message)) == 2, message.id


def test_a_translation_has_the_fields_of_its_original(spanish_texts: Catalog) -> None:
    for message in spanish_texts:
        if message.id:
            wanted = fields(originals(message)[-1])
            for text in translations(message):
                # "one page" may leave its number out
                assert fields(text) == wanted or (message.pluralizable and fields(text) <= wanted), text


def fields(text: str) -> set[str]:
    braces = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    return braces | set(re.findall(r"%(?:\(\w+\))?[sdr]", text))


def test_spanish_speaks_warmly_and_calmly(spanish_texts: Catalog) -> None:
    formal = re.compile(r"\b(usted(es)?|introduzca|seleccione|haga|pulse|escriba|elija)\b", re.IGNORECASE)
    for message in spanish_texts:
        for text in translations(message) if message.id else ():
            assert "!" not in text, text
            assert not formal.search(text), text


def test_what_begins_or_ends_with_a_space_a_line_or_dots_does_so_in_spanish(spanish_texts: Catalog) -> None:
    for message in spanish_texts:
        if message.id:
            original = originals(message)[0]
            for text in translations(message):
                assert edges(text) == edges(original), text


def edges(text: str) -> tuple[bool, ...]:
    return (text[:1].isspace(), text[-1:].isspace(), text.endswith("…"), text.endswith("."))


def test_updating_an_up_to_date_catalogue_changes_nothing(template: Catalog) -> None:
    for path in catalogues(ROOT):
        assert updated(path, template) == path.read_bytes()
