"""Letters with marks without end are normalized in time."""

import unicodedata

import pytest

from desktop.core.found_words import folded, holds, terms_of
from desktop.core.stream_safe import normalized


@pytest.mark.parametrize("text", ["mañana", "Ünïcode", "e\u0301e\u0301", "שָׁלוֹם", "ﬁ", "한국어"])
def test_what_people_write_is_normalized_as_ever(text: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert normalized(form, text) == unicodedata.normalize(form, text)


def test_of_marks_without_end_a_letter_keeps_some(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []

    def counted(form: str, text: str) -> str:
        given.append(text)
        return text

    monkeypatch.setattr(unicodedata, "normalize", counted)
    normalized("NFD", "Z" + "\u0301\u0316\u0334" * 20_000 + " and o\u0301")
    assert given == ["Z" + "\u0301\u0316\u0334" * 10 + " and o\u0301"]


def test_words_are_found_beside_a_letter_of_60_000_marks() -> None:
    text = "Z" + "\u0301\u0316\u0334" * 20_000 + " Mañana"
    assert holds(text, terms_of("manana"))
    assert folded(text) == "z manana"
