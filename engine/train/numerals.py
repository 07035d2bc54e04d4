"""Whole numbers below a million in English and Spanish words, as grammars have them. Knows no model."""

from typing import Final

_ONES: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen"
)
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_UNOS: Final = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis"
    " diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco"
    " veintiséis veintisiete veintiocho veintinueve"
)
_DIECES: Final = "treinta cuarenta cincuenta sesenta setenta ochenta noventa"
_CIENTOS: Final = (
    "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
)
ENGLISH: Final = _ONES.split()
ENGLISH_TENS: Final = _TENS.split()
SPANISH: Final = _UNOS.split()
SPANISH_TENS: Final = _DIECES.split()
SPANISH_HUNDREDS: Final = _CIENTOS.split()


def english(number: int) -> str:
    """As it is written in Britain: "one hundred and five"."""
    if number < 20:
        return ENGLISH[number]
    if number < 100:
        tens = ENGLISH_TENS[number // 10 - 2]
        return f"{tens}-{ENGLISH[number % 10]}" if number % 10 else tens
    if number < 1000:
        rest = f" and {english(number % 100)}" if number % 100 else ""
        return f"{ENGLISH[number // 100]} hundred{rest}"
    below = number % 1000
    rest = ""
    if below:
        rest = f" and {english(below)}" if below < 100 else f" {english(below)}"
    return f"{english(number // 1000)} thousand{rest}"


def spanish(number: int) -> str:
    """The number itself, which stands before no noun: "veintiuno"."""
    if number < 30:
        return SPANISH[number]
    if number < 100:
        tens = SPANISH_TENS[number // 10 - 3]
        return f"{tens} y {SPANISH[number % 10]}" if number % 10 else tens
    if number == 100:
        return "cien"
    if number < 1000:
        rest = f" {spanish(number % 100)}" if number % 100 else ""
        return SPANISH_HUNDREDS[number // 100 - 1] + rest
    thousands = number // 1000
    rest = f" {spanish(number % 1000)}" if number % 1000 else ""
    return f"{_before_noun(spanish(thousands)) + ' ' if thousands > 1 else ''}mil{rest}"


def _before_noun(words: str) -> str:
    """ "Uno" loses its end before "mil": veintiún mil."""
    if words.endswith("veintiuno"):
        return words.removesuffix("veintiuno") + "veintiún"
    return words.removesuffix("o") if words.endswith(" uno") else words
